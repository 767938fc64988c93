package x86

import (
	"math"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sse approximation",
	opcode{x86asm.RCPPS, approximatePacked(reciprocal)}, opcode{x86asm.RCPSS, approximateScalar(reciprocal)},
	opcode{x86asm.RSQRTPS, approximatePacked(reciprocalRoot)}, opcode{x86asm.RSQRTSS, approximateScalar(reciprocalRoot)},
)

// The SDM demands of these operations a relative error below 1.5·2⁻¹² and leaves the rest to the processor. Here they do
// as Intel's do, found by trying all operands on one: the leading bits of the mantissa choose an interval, and the result
// is that of the interval's middle, rounded to 13 bits after the point. They set no exception flag, round always alike, and
// denormals count as zero on either side.

// reciprocal is RCPSS: 11 bits after the leading one count.
func reciprocal(a uint32) uint32 {
	n, r, done := approximable(a)
	if done {
		return r
	}
	x := middle(n.man, 11)
	return approximation(n.neg, 1/x, -n.exp)
}

// reciprocalRoot is RSQRTSS: 10 bits after the leading one count, and whether the exponent is odd.
func reciprocalRoot(a uint32) uint32 {
	n, r, done := approximable(a)
	switch {
	case done:
		return r
	case n.neg:
		return uint32(single.indefinite())
	}
	x := middle(n.man, 10)
	if n.exp&1 != 0 {
		x *= 2
	}
	return approximation(false, 1/math.Sqrt(x), -(n.exp >> 1))
}

// approximable unpacks a, or says that it is a special case and what the result is then.
func approximable(a uint32) (n number, r uint32, done bool) {
	x := uint64(a)
	if single.isNaN(x) {
		return n, uint32(x | single.quiet()), true
	}
	n = single.unpack(x, mxDAZ)
	switch {
	case n.zero:
		return n, uint32(single.signed(n.neg, single.inf)), true
	case n.inf:
		n.exp = 1 << 12 // large enough for a reciprocal that is zero
	}
	return n, 0, false
}

// middle returns the middle of the interval in [1,2) that the first bits after man's leading one choose.
func middle(man uint64, bits int) float64 {
	i := man << 1 >> (64 - bits)
	return 1 + (float64(i)+0.5)/float64(uint64(1)<<bits)
}

// approximation returns y·2^exp, y cut to 13 bits after the point and the whole to zero if it is too small.
func approximation(neg bool, y float64, exp int) uint32 {
	r := float32(math.Ldexp(math.RoundToEven(y*8192)/8192, exp))
	return uint32(single.signed(neg, single.daz(uint64(math.Float32bits(r)), mxDAZ)))
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
