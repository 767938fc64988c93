package x86

import (
	"math"
	"math/bits"
)

// Conversions between the floating-point formats and the integers.

// toFormat converts x from format f to format g. A NaN keeps its sign and the upper part of its payload.
func (f *format) toFormat(g *format, x uint64, mx uint32) (uint64, uint32) {
	if f.isNaN(x) {
		payload := (x | f.quiet()) & (1<<f.frac - 1)
		if f.frac > g.frac {
			payload >>= f.frac - g.frac
		} else {
			payload <<= g.frac - f.frac
		}
		var flags uint32
		if f.isSignalling(x) {
			flags = mxIE
		}
		return g.signed(x&f.sign != 0, g.inf|payload), flags
	}
	n := f.unpack(x, mx)
	switch {
	case n.inf:
		return g.signed(n.neg, g.inf), 0
	case n.zero:
		return g.signed(n.neg, 0), 0
	}
	r, flags := g.round(n.neg, n.exp, n.man, false, mx)
	return r, flags | f.denormal(x, x, mx)
}

// toInt converts x to a signed integer of width bits in rounding mode rc. What does not fit, and a NaN, becomes the
// integer indefinite, 1 followed by zeros (SDM vol. 1, 4.8.3.7 and table 4-1).
func (f *format) toInt(x uint64, width uint, rc, mx uint32) (uint64, uint32) {
	indefinite := uint64(1) << (width - 1)
	if f.isNaN(x) {
		return indefinite, mxIE
	}
	n := f.unpack(x, mx)
	switch {
	case n.zero:
		return 0, 0
	case n.inf || n.exp > 63:
		return indefinite, mxIE
	}
	v, inexact := n.man, false
	if n.exp < 63 {
		v, inexact = roundOff(n.man, uint(63-n.exp), false, n.neg, rc)
	}
	if v > indefinite || v == indefinite && !n.neg {
		return indefinite, mxIE
	}
	var flags uint32
	if inexact {
		flags = mxPE
	}
	if n.neg {
		v = -v
	}
	return v & (^uint64(0) >> (64 - width)), flags
}

// fromInt converts the signed integer v.
func (f *format) fromInt(v int64, mx uint32) (uint64, uint32) {
	if v == 0 {
		return 0, 0
	}
	man := uint64(v)
	if v < 0 {
		man = -man
	}
	lead := bits.LeadingZeros64(man)
	return f.round(v < 0, 63-lead, man<<lead, false, mx)
}

// toIntegral rounds x to an integer in the same format, in rounding mode rc. A zero result keeps x's sign.
func (f *format) toIntegral(x uint64, rc, mx uint32) (uint64, uint32) {
	if f.isNaN(x) {
		return f.pickNaN(x, x)
	}
	n := f.unpack(x, mx)
	switch {
	case n.zero:
		return x & f.sign, 0
	case n.inf || n.exp >= int(f.frac):
		return x, 0
	}
	v, inexact := roundOff(n.man, uint(63-n.exp), false, n.neg, rc)
	var flags uint32
	if inexact {
		flags = mxPE
	}
	if v == 0 {
		return x & f.sign, flags
	}
	lead := bits.LeadingZeros64(v)
	r, _ := f.round(n.neg, 63-lead, v<<lead, false, mx)
	return r, flags
}

// inexactDone are the bits of MXCSR that, when set, make another inexact result change nothing.
const inexactDone = mxPE | mxPE<<mxMasks

// cvttF64toI64 is CVTTSD2SI to 64 bits: towards zero.
func (c *CPU) cvttF64toI64(a uint64) uint64 {
	x := math.Float64frombits(a)
	if -1<<63 <= x && x < 1<<63 {
		v := int64(x)
		if c.MXCSR&inexactDone == inexactDone || float64(v) == x {
			return uint64(v)
		}
	}
	return c.slowToInt(&double, a, 64, roundZero)
}

// cvttF64toI32 is CVTTSD2SI to 32 bits: towards zero.
func (c *CPU) cvttF64toI32(a uint64) uint64 {
	x := math.Float64frombits(a)
	if -1<<31 <= x && x < 1<<31 {
		v := int32(x)
		if c.MXCSR&inexactDone == inexactDone || float64(v) == x {
			return uint64(uint32(v))
		}
	}
	return c.slowToInt(&double, a, 32, roundZero)
}

// cvtI64toF64 is CVTSI2SD from 64 bits.
func (c *CPU) cvtI64toF64(v uint64) uint64 {
	if int64(v)<<10>>10 == int64(v) || c.MXCSR&quickBits == quickState { // up to 54 bits with the sign are exact
		return math.Float64bits(float64(int64(v)))
	}
	r, flags := double.fromInt(int64(v), c.MXCSR)
	c.signal(flags)
	return r
}

// cvtI32toF64 is CVTSI2SD from 32 bits, which is always exact.
func (c *CPU) cvtI32toF64(v uint64) uint64 { return math.Float64bits(float64(int32(v))) }

// cvtF32toF64 is CVTSS2SD.
func (c *CPU) cvtF32toF64(a uint32) uint64 {
	if a<<1-1 >= denormals32 && a<<1 <= inf32 {
		return math.Float64bits(float64(math.Float32frombits(a)))
	}
	r, flags := single.toFormat(&double, uint64(a), c.MXCSR)
	c.signal(flags)
	return r
}

// cvtF64toF32 is CVTSD2SS.
func (c *CPU) cvtF64toF32(a uint64) uint32 {
	r := math.Float32bits(float32(math.Float64frombits(a)))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals64 && r<<1-least32 < normal32 {
		return r
	}
	r64, flags := double.toFormat(&single, a, c.MXCSR)
	c.signal(flags)
	return uint32(r64)
}

// slowToInt converts to an integer where the host does not suffice.
func (c *CPU) slowToInt(f *format, a uint64, width uint, rc uint32) uint64 {
	r, flags := f.toInt(a, width, rc, c.MXCSR)
	c.signal(flags)
	return r
}
