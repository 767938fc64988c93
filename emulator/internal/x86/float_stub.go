// Placeholder until the SSE families land: delete this file with them.

package x86

import "math"

func (c *CPU) addF64(a, b uint64) uint64 {
	return math.Float64bits(math.Float64frombits(a) + math.Float64frombits(b))
}
func (c *CPU) subF64(a, b uint64) uint64 {
	return math.Float64bits(math.Float64frombits(a) - math.Float64frombits(b))
}
func (c *CPU) mulF64(a, b uint64) uint64 {
	return math.Float64bits(math.Float64frombits(a) * math.Float64frombits(b))
}
func (c *CPU) divF64(a, b uint64) uint64 {
	return math.Float64bits(math.Float64frombits(a) / math.Float64frombits(b))
}
