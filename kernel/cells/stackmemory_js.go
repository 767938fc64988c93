package cells

import "runtime"

// stackMemory returns how much memory the stacks of all goroutines take, in bytes. Package runtime/metrics knows it as well, and
// would bring 150 other figures into the module.
func stackMemory() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}
