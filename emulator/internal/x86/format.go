package x86

import "math/bits"

// A format is one of the two IEEE 754 formats of SSE. Values travel as bits in the low end of a uint64.
type format struct {
	frac uint // fraction bits
	emax int  // largest exponent, and the bias
	sign uint64
	inf  uint64 // all exponent bits
}

var (
	single = format{frac: 23, emax: 127, sign: 1 << 31, inf: 0xff << 23}
	double = format{frac: 52, emax: 1023, sign: 1 << 63, inf: 0x7ff << 52}
)

// quiet is the bit that tells a quiet NaN from a signalling one.
func (f *format) quiet() uint64 { return 1 << (f.frac - 1) }

// indefinite is the NaN that an invalid operation yields (SDM vol. 1, 4.8.3.7).
func (f *format) indefinite() uint64 { return f.sign | f.inf | f.quiet() }

// width is the number of bits of the format.
func (f *format) width() uint { return uint(bits.Len64(f.sign)) }

// emin is the exponent of the smallest normal number.
func (f *format) emin() int { return 1 - f.emax }

func (f *format) isNaN(x uint64) bool        { return x&^f.sign > f.inf }
func (f *format) isSignalling(x uint64) bool { return f.isNaN(x) && x&f.quiet() == 0 }
func (f *format) isDenormal(x uint64) bool   { x &^= f.sign; return x != 0 && x>>f.frac == 0 }

// A number is an unpacked value: man * 2^(exp-63) with bit 63 of man set, or zero or infinity.
type number struct {
	neg       bool
	zero, inf bool
	exp       int
	man       uint64
}

// unpack takes apart x, which is not a NaN. Under DAZ a denormal is a zero.
func (f *format) unpack(x uint64, mx uint32) number {
	n := number{neg: x&f.sign != 0}
	x &^= f.sign
	e := int(x >> f.frac)
	frac := x & (1<<f.frac - 1)
	switch {
	case x == f.inf:
		n.inf = true
	case e != 0:
		n.exp = e - f.emax
		n.man = (frac | 1<<f.frac) << (63 - f.frac)
	case frac == 0 || mx&mxDAZ != 0:
		n.zero = true
	default:
		lead := bits.LeadingZeros64(frac)
		n.man = frac << lead
		n.exp = f.emin() + 63 - lead - int(f.frac)
	}
	return n
}

// signed returns the bits x with the sign bit set if neg.
func (f *format) signed(neg bool, x uint64) uint64 {
	if neg {
		x |= f.sign
	}
	return x
}

// roundOff drops the low drop bits of man (1 or more) in the rounding mode rc. sticky says that man stands for a little
// more than its bits. The result may have one bit more than man had left.
func roundOff(man uint64, drop uint, sticky, neg bool, rc uint32) (kept uint64, inexact bool) {
	rest := man << (64 - drop&63)
	switch {
	case drop < 64:
		kept = man >> drop
	case drop == 64:
		rest = man
	default:
		rest, sticky = 0, true // man has bit 63 set, so something is lost
	}
	const half = 1 << 63
	inexact = rest != 0 || sticky
	up := false
	switch rc {
	case roundNearest:
		up = rest > half || rest == half && (sticky || kept&1 != 0)
	case roundDown:
		up = inexact && neg
	case roundUp:
		up = inexact && !neg
	}
	if up {
		kept++
	}
	return kept, inexact
}

// round packs man * 2^(exp-63), or a little more if sticky, with the exceptions of that. Bit 63 of man is set. Like the
// processor it finds out after rounding whether a result is tiny (SDM vol. 1, 4.9.1.5).
func (f *format) round(neg bool, exp int, man uint64, sticky bool, mx uint32) (x uint64, flags uint32) {
	rc := rounding(mx)
	drop := 63 - f.frac
	kept, inexact := roundOff(man, drop, sticky, neg, rc)
	e := exp
	if kept>>f.frac > 1 {
		kept >>= 1
		e++
	}
	if e > f.emax {
		x = f.inf
		if rc == roundZero || rc == roundDown && !neg || rc == roundUp && neg {
			x-- // the largest finite number
		}
		flags = mxOE
		if inexact || mx&(mxOE<<mxMasks) != 0 {
			flags |= mxPE
		}
		return f.signed(neg, x), flags
	}
	if e < f.emin() {
		masked := mx&(mxUE<<mxMasks) != 0
		if masked && mx&mxFTZ != 0 {
			return f.signed(neg, 0), mxUE | mxPE
		}
		if !masked { // the exception handler gets to know what the rounding above did
			flags = mxUE
			if inexact {
				flags |= mxPE
			}
			return f.signed(neg, 0), flags
		}
		kept, inexact = roundOff(man, drop+uint(f.emin()-exp), sticky, neg, rc)
		if inexact {
			flags = mxUE | mxPE
		}
		return f.signed(neg, kept), flags // a carry into the normal range lands in the exponent field by itself
	}
	if inexact {
		flags = mxPE
	}
	return f.signed(neg, uint64(e+f.emax)<<f.frac|kept&(1<<f.frac-1)), flags
}

// pickNaN returns the result of an operation on a and b of which one is a NaN: the first that is, made quiet (SDM vol. 1,
// table 4-7).
func (f *format) pickNaN(a, b uint64) (x uint64, flags uint32) {
	if f.isSignalling(a) || f.isSignalling(b) {
		flags = mxIE
	}
	if f.isNaN(a) {
		return a | f.quiet(), flags
	}
	return b | f.quiet(), flags
}

// denormal returns mxDE if a or b is a denormal that counts as one.
func (f *format) denormal(a, b uint64, mx uint32) uint32 {
	if mx&mxDAZ == 0 && (f.isDenormal(a) || f.isDenormal(b)) {
		return mxDE
	}
	return 0
}
