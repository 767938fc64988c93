package x86

import "math"

// Scalar arithmetic on bit patterns, the host's where that is enough. Each function first lets the host compute, then
// looks whether the result needs anything else: another rounding mode, an exception flag, Intel's NaN. The host is IEEE
// 754 on every Go port, but its NaNs and flags are its own.

// Comparing x<<1-1 (the sign shifted out) with these tells denormals: zero wraps around to the top.
const (
	denormals64 = 1<<53 - 1
	denormals32 = 1<<24 - 1
)

// Bounds on x<<1: below inf… x is finite; with two exponents taken off, below normal… it is neither tiny nor nearly so.
// The smallest normal numbers are left out because a tiny result may be rounded up to them.
const (
	inf64    = 0x7ff << 53
	inf32    = 0xff << 24
	least64  = 2 << 53
	least32  = 2 << 24
	normal64 = inf64 - least64
	normal32 = inf32 - least32
)

// slow64 does op on doubles where the host does not suffice.
func (c *CPU) slow64(op binop, a, b uint64) uint64 {
	r, flags := op(&double, a, b, c.MXCSR)
	c.signal(flags)
	return r
}

// slow32 does op on singles where the host does not suffice.
func (c *CPU) slow32(op binop, a, b uint32) uint32 {
	r, flags := op(&single, uint64(a), uint64(b), c.MXCSR)
	c.signal(flags)
	return uint32(r)
}

func (c *CPU) addF64(a, b uint64) uint64 {
	r := math.Float64bits(math.Float64frombits(a) + math.Float64frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals64 && b<<1-1 >= denormals64 && r<<1 < inf64 {
		return r
	}
	if c.exactSuffices() && exactSum64(a, b, r) {
		return r
	}
	return c.slow64(softAdd, a, b)
}

func (c *CPU) subF64(a, b uint64) uint64 {
	r := math.Float64bits(math.Float64frombits(a) - math.Float64frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals64 && b<<1-1 >= denormals64 && r<<1 < inf64 {
		return r
	}
	if c.exactSuffices() && exactDifference64(a, b, r) {
		return r
	}
	return c.slow64(softSub, a, b)
}

func (c *CPU) mulF64(a, b uint64) uint64 {
	r := math.Float64bits(math.Float64frombits(a) * math.Float64frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals64 && b<<1-1 >= denormals64 && r<<1-least64 < normal64 {
		return r
	}
	if c.exactSuffices() && exactProduct64(a, b, r) {
		return r
	}
	return c.slow64(softMul, a, b)
}

func (c *CPU) divF64(a, b uint64) uint64 {
	r := math.Float64bits(math.Float64frombits(a) / math.Float64frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals64 && b<<1-1 >= denormals64 && r<<1-least64 < normal64 {
		return r
	}
	if c.exactSuffices() && exactQuotient64(a, b, r) {
		return r
	}
	return c.slow64(softDiv, a, b)
}

// sqrtF64 returns the square root of b. It takes the old destination too, like the other operations, and ignores it.
func (c *CPU) sqrtF64(a, b uint64) uint64 {
	r := math.Float64bits(math.Sqrt(math.Float64frombits(b)))
	if c.MXCSR&quickBits == quickState && b<<1-1 >= denormals64 && r<<1 < inf64 {
		return r
	}
	if c.exactSuffices() && exactRoot64(a, b, r) {
		return r
	}
	return c.slow64(softSqrt, a, b)
}

func (c *CPU) addF32(a, b uint32) uint32 {
	r := math.Float32bits(math.Float32frombits(a) + math.Float32frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals32 && b<<1-1 >= denormals32 && r<<1 < inf32 {
		return r
	}
	if c.exactSuffices() && exactSum32(a, b, r) {
		return r
	}
	return c.slow32(softAdd, a, b)
}

func (c *CPU) subF32(a, b uint32) uint32 {
	r := math.Float32bits(math.Float32frombits(a) - math.Float32frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals32 && b<<1-1 >= denormals32 && r<<1 < inf32 {
		return r
	}
	if c.exactSuffices() && exactDifference32(a, b, r) {
		return r
	}
	return c.slow32(softSub, a, b)
}

func (c *CPU) mulF32(a, b uint32) uint32 {
	r := math.Float32bits(math.Float32frombits(a) * math.Float32frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals32 && b<<1-1 >= denormals32 && r<<1-least32 < normal32 {
		return r
	}
	if c.exactSuffices() && exactProduct32(a, b, r) {
		return r
	}
	return c.slow32(softMul, a, b)
}

func (c *CPU) divF32(a, b uint32) uint32 {
	r := math.Float32bits(math.Float32frombits(a) / math.Float32frombits(b))
	if c.MXCSR&quickBits == quickState && a<<1-1 >= denormals32 && b<<1-1 >= denormals32 && r<<1-least32 < normal32 {
		return r
	}
	if c.exactSuffices() && exactQuotient32(a, b, r) {
		return r
	}
	return c.slow32(softDiv, a, b)
}

// sqrtF32 returns the square root of b and ignores a. A root computed with 53 bits and then rounded to 24 is the root
// rounded once, because 53 ≥ 2·24+2.
func (c *CPU) sqrtF32(a, b uint32) uint32 {
	r := math.Float32bits(float32(math.Sqrt(float64(math.Float32frombits(b)))))
	if c.MXCSR&quickBits == quickState && b<<1-1 >= denormals32 && r<<1 < inf32 {
		return r
	}
	if c.exactSuffices() && exactRoot32(a, b, r) {
		return r
	}
	return c.slow32(softSqrt, a, b)
}
