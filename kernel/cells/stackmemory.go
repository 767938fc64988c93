//go:build !js

package cells

import "runtime/metrics"

// stackMemory returns how much memory the stacks of all goroutines take, in bytes. It does not stop them.
func stackMemory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}
