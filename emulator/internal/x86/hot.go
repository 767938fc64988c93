package x86

import "math/bits"

// Flag arithmetic of the loop's own cases. The functions are small enough to be inlined.

// imulFlags returns CF and OF after a multiplication: set if the high half matters. SF and PF, undefined, follow the low
// half; ZF and AF, undefined too, are clear.
func imulFlags(high bool) uint64 {
	if high {
		return FlagCF | FlagOF
	}
	return 0
}

func (c *CPU) imul64(a, v uint64) uint64 {
	hi, lo := bits.Mul64(a, v)
	hi -= uint64(int64(a)>>63)&v + uint64(int64(v)>>63)&a
	c.lazy = lazyFlags{howProduct, lo, imulFlags(hi != uint64(int64(lo)>>63))}
	return lo
}
