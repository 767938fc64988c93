package x86

import (
	"math"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sse approximation",
	opcode{x86asm.RCPPS, approximatePacked(reciprocal)}, opcode{x86asm.RCPSS, approximateScalar(reciprocal)},
	opcode{x86asm.RSQRTPS, approximatePacked(reciprocalRoot)}, opcode{x86asm.RSQRTSS, approximateScalar(reciprocalRoot)},
)

// Processors give these operations about 12 bits, and every make other ones; the SDM demands a relative error below
// 1.5·2⁻¹². Here the result is the correctly rounded one, the same on every host. They set no exception flag, and denormals
// count as zero on either side.

func reciprocal(a uint32) uint32 {
	return approximate(a, func(x float64) float64 { return 1 / x })
}

func reciprocalRoot(a uint32) uint32 {
	if a>>31 != 0 && a<<1 >= 1<<24 && a<<1 <= inf32 {
		return uint32(single.indefinite()) // of a negative number
	}
	return approximate(a, func(x float64) float64 { return 1 / math.Sqrt(x) })
}

func approximate(a uint32, f func(x float64) float64) uint32 {
	x := uint64(a)
	if single.isNaN(x) {
		return a | uint32(single.quiet())
	}
	x = single.daz(x, mxDAZ)
	r := math.Float32bits(float32(f(float64(math.Float32frombits(uint32(x))))))
	return uint32(single.daz(uint64(r), mxDAZ))
}

func approximateScalar(f func(a uint32) uint32) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		v := f(uint32(c.low(in, 1, 4)))
		c.dst(in).setLane(32, 0, uint64(v))
	}
}

func approximatePacked(f func(a uint32) uint32) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		for h, v := range b {
			b[h] = uint64(f(uint32(v))) | uint64(f(uint32(v>>32)))<<32
		}
		*c.dst(in) = b
	}
}
