package x86

import "math/bits"

// Binary floating point in integer arithmetic, as SSE does it: every rounding mode, every exception flag, NaNs by Intel's
// rules, and the same bits on every host. The host's own arithmetic (float.go) goes first where it suffices.

// A binop is an operation of two operands with the flags that it raises under MXCSR value mx.
type binop func(f *format, a, b uint64, mx uint32) (x uint64, flags uint32)

func softAdd(f *format, a, b uint64, mx uint32) (uint64, uint32) {
	if f.isNaN(a) || f.isNaN(b) {
		return f.pickNaN(a, b)
	}
	x, y := f.unpack(a, mx), f.unpack(b, mx)
	de := f.denormal(a, b, mx)
	switch {
	case x.inf && y.inf && x.neg != y.neg:
		return f.indefinite(), mxIE
	case x.inf:
		return a, de
	case y.inf:
		return b, de
	case x.zero && y.zero:
		neg := x.neg && y.neg
		if x.neg != y.neg {
			neg = rounding(mx) == roundDown
		}
		return f.signed(neg, 0), de
	case x.zero:
		r, fl := f.round(y.neg, y.exp, y.man, false, mx)
		return r, fl | de
	case y.zero:
		r, fl := f.round(x.neg, x.exp, x.man, false, mx)
		return r, fl | de
	}
	if x.exp < y.exp || x.exp == y.exp && x.man < y.man {
		x, y = y, x
	}
	// The mantissas have at least 11 zero bits at the low end: one makes room for the carry, and what the smaller one
	// loses in alignment is kept in the lowest bit, which stays far below the bit that decides the rounding.
	big, small := x.man>>1, y.man>>1
	if d := x.exp - y.exp; d < 64 {
		lost := small&(1<<d-1) != 0
		small >>= d
		if lost {
			small |= 1
		}
	} else {
		small = 1
	}
	sum := big + small
	if x.neg != y.neg {
		sum = big - small
	}
	if sum == 0 {
		return f.signed(rounding(mx) == roundDown, 0), de
	}
	lead := bits.LeadingZeros64(sum)
	r, fl := f.round(x.neg, x.exp+1-lead, sum<<lead, false, mx)
	return r, fl | de
}

func softSub(f *format, a, b uint64, mx uint32) (uint64, uint32) {
	if f.isNaN(b) {
		return softAdd(f, a, b, mx) // a NaN keeps its sign
	}
	return softAdd(f, a, b^f.sign, mx)
}

func softMul(f *format, a, b uint64, mx uint32) (uint64, uint32) {
	if f.isNaN(a) || f.isNaN(b) {
		return f.pickNaN(a, b)
	}
	x, y := f.unpack(a, mx), f.unpack(b, mx)
	de := f.denormal(a, b, mx)
	neg := x.neg != y.neg
	switch {
	case x.inf && y.zero || x.zero && y.inf:
		return f.indefinite(), mxIE
	case x.inf || y.inf:
		return f.signed(neg, f.inf), de
	case x.zero || y.zero:
		return f.signed(neg, 0), de
	}
	hi, lo := bits.Mul64(x.man, y.man)
	exp := x.exp + y.exp + 1
	if hi>>63 == 0 {
		hi = hi<<1 | lo>>63
		lo <<= 1
		exp--
	}
	r, fl := f.round(neg, exp, hi, lo != 0, mx)
	return r, fl | de
}

func softDiv(f *format, a, b uint64, mx uint32) (uint64, uint32) {
	if f.isNaN(a) || f.isNaN(b) {
		return f.pickNaN(a, b)
	}
	x, y := f.unpack(a, mx), f.unpack(b, mx)
	de := f.denormal(a, b, mx)
	neg := x.neg != y.neg
	switch {
	case x.inf && y.inf || x.zero && y.zero:
		return f.indefinite(), mxIE
	case x.inf:
		return f.signed(neg, f.inf), de
	case y.zero:
		return f.signed(neg, f.inf), mxZE
	case x.zero || y.inf:
		return f.signed(neg, 0), de
	}
	hi, lo, exp := x.man, uint64(0), x.exp-y.exp-1
	if hi >= y.man {
		hi, lo, exp = hi>>1, hi<<63, exp+1
	}
	q, rem := bits.Div64(hi, lo, y.man)
	r, fl := f.round(neg, exp, q, rem != 0, mx)
	return r, fl | de
}

// softSqrt returns the square root of b; a plays no part.
func softSqrt(f *format, _, b uint64, mx uint32) (uint64, uint32) {
	if f.isNaN(b) {
		return f.pickNaN(b, b)
	}
	x := f.unpack(b, mx)
	de := f.denormal(b, b, mx)
	switch {
	case x.zero:
		return f.signed(x.neg, 0), de
	case x.neg:
		return f.indefinite(), mxIE
	case x.inf:
		return b, de
	}
	// The radicand in 128 bits, so that its root has 64 bits, bit 63 set.
	hi, lo := x.man>>1, x.man<<63
	if x.exp&1 != 0 {
		hi, lo = x.man, 0
	}
	root := uint64(0)
	for bit := uint64(1) << 63; bit >= 1<<8; bit >>= 1 {
		h, l := bits.Mul64(root|bit, root|bit)
		if h < hi || h == hi && l <= lo {
			root |= bit
		}
	}
	h, l := bits.Mul64(root, root)
	r, fl := f.round(false, x.exp>>1, root, h != hi || l != lo, mx)
	return r, fl | de
}
