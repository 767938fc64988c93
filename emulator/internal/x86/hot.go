package x86

import "math/bits"

// Flag arithmetic of the loop's own cases. The functions are small enough to be inlined.

// statusOf returns ZF, SF, PF and AF of the 64-bit result r of adding or subtracting a and v (with a carry).
func statusOf(a, v, r uint64) uint64 {
	f := r>>63<<7 | (a^v^r)&FlagAF | parity(r)
	if r == 0 {
		f |= FlagZF
	}
	return f
}

// shiftFlags returns the flags after a shift: r is the result, sign-extended; AF, undefined, is clear.
func shiftFlags(r, carry, overflow uint64) uint64 {
	f := r>>63<<7 | parity(r) | carry | overflow<<11
	if r == 0 {
		f |= FlagZF
	}
	return f
}

// shrOverflow returns OF after a right shift by n: the old sign if n is 1, else undefined; like the processor we tell the
// sign then too.
func shrOverflow(n, sign uint64) uint64 {
	if n == 1 {
		return sign
	}
	return 0
}

// imulFlags returns the flags after a multiplication whose low half is r: CF and OF tell whether the high half matters.
// SF and PF, undefined, follow r; ZF and AF, undefined, are clear.
func imulFlags(r uint64, high bool) uint64 {
	f := r>>63<<7 | parity(r)
	if high {
		f |= FlagCF | FlagOF
	}
	return f
}

func (c *CPU) imul64(a, v uint64) uint64 {
	hi, lo := bits.Mul64(a, v)
	hi -= uint64(int64(a)>>63)&v + uint64(int64(v)>>63)&a
	c.lazy = lazyFlags{howKnown, imulFlags(lo, hi != uint64(int64(lo)>>63)), 0}
	return lo
}
