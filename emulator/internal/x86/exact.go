package x86

import (
	"math"
	"math/bits"
)

// Until a program has had its first inexact result, the flag for it is clear, and whether a result is exact matters. The
// functions here prove that the host's result r is, cheaply and only in common cases: whole numbers, short fractions. False
// means only that the question must be asked of softfloat.go; once that has set the flag, nobody asks again.

// exactSuffices says whether an exact result raises no flag and depends on no mode: all is as in quickState except,
// perhaps, the inexact flag.
func (c *CPU) exactSuffices() bool { return (c.MXCSR|mxPE)&quickBits == quickState }

// exactSum64 computes the error of r = a + b with Knuth's formula (TAOCP vol. 2, 4.2.2), which is itself exact.
func exactSum64(a, b, r uint64) bool {
	x, y, sum := math.Float64frombits(a), math.Float64frombits(b), math.Float64frombits(r)
	v := sum - x
	return (x-(sum-v))+(y-v) == 0 && a<<1-1 >= denormals64 && b<<1-1 >= denormals64
}

func exactSum32(a, b, r uint32) bool {
	x, y, sum := math.Float32frombits(a), math.Float32frombits(b), math.Float32frombits(r)
	v := sum - x
	return (x-(sum-v))+(y-v) == 0 && a<<1-1 >= denormals32 && b<<1-1 >= denormals32
}

func exactDifference64(a, b, r uint64) bool { return exactSum64(a, b^1<<63, r) }
func exactDifference32(a, b, r uint32) bool { return exactSum32(a, b^1<<31, r) }

// ordinary64 says whether x is normal and far from both ends of the range.
func ordinary64(x uint64) bool { return x<<1-least64 < normal64 }
func ordinary32(x uint32) bool { return x<<1-least32 < normal32 }

// exactProduct64 counts bits: two mantissas of 53 bits of which at least 53 low ones together are 0 have a product of at
// most 53. A zero times a finite number is exact too.
func exactProduct64(a, b, r uint64) bool {
	if ordinary64(a) && ordinary64(b) {
		return ordinary64(r) && bits.TrailingZeros64(a|1<<52)+bits.TrailingZeros64(b|1<<52) >= 53
	}
	return a<<1 == 0 && ordinary64(b) || b<<1 == 0 && (ordinary64(a) || a<<1 == 0)
}

func exactProduct32(a, b, r uint32) bool {
	if ordinary32(a) && ordinary32(b) {
		return ordinary32(r) && bits.TrailingZeros32(a|1<<23)+bits.TrailingZeros32(b|1<<23) >= 24
	}
	return a<<1 == 0 && ordinary32(b) || b<<1 == 0 && (ordinary32(a) || a<<1 == 0)
}

// exactQuotient64 multiplies back.
func exactQuotient64(a, b, r uint64) bool {
	if a<<1 == 0 {
		return ordinary64(b)
	}
	return ordinary64(a) && exactProduct64(r, b, a) && math.Float64frombits(r)*math.Float64frombits(b) == math.Float64frombits(a)
}

func exactQuotient32(a, b, r uint32) bool {
	if a<<1 == 0 {
		return ordinary32(b)
	}
	return ordinary32(a) && exactProduct32(r, b, a) && math.Float32frombits(r)*math.Float32frombits(b) == math.Float32frombits(a)
}

// exactRoot64 squares r, the root of b.
func exactRoot64(_, b, r uint64) bool {
	return b<<1 == 0 || ordinary64(b) && exactProduct64(r, r, b) && math.Float64frombits(r)*math.Float64frombits(r) == math.Float64frombits(b)
}

func exactRoot32(_, b, r uint32) bool {
	return b<<1 == 0 || ordinary32(b) && exactProduct32(r, r, b) && math.Float32frombits(r)*math.Float32frombits(r) == math.Float32frombits(b)
}
