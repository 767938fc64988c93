package x86

import "math"

// An order is the outcome of comparing two floating-point numbers, as the status flags that UCOMISx sets for it.
type order uint64

const (
	ordGreater   order = 0
	ordLess      order = FlagCF
	ordEqual     order = FlagZF
	ordUnordered order = FlagZF | FlagPF | FlagCF
)

// compare orders a and b. A NaN is invalid if it signals, or if anyNaN says that every NaN is.
func (f *format) compare(a, b uint64, anyNaN bool, mx uint32) (order, uint32) {
	if f.isNaN(a) || f.isNaN(b) {
		if anyNaN || f.isSignalling(a) || f.isSignalling(b) {
			return ordUnordered, mxIE
		}
		return ordUnordered, 0
	}
	flags := f.denormal(a, b, mx)
	if mx&mxDAZ != 0 {
		if f.isDenormal(a) {
			a &= f.sign
		}
		if f.isDenormal(b) {
			b &= f.sign
		}
	}
	x, y := f.ordinal(a), f.ordinal(b)
	switch {
	case x < y:
		return ordLess, flags
	case x > y:
		return ordGreater, flags
	}
	return ordEqual, flags
}

// ordinal maps the numbers of f to integers in the same order; both zeros go to 0.
func (f *format) ordinal(x uint64) int64 {
	if x&f.sign != 0 {
		return -int64(x &^ f.sign)
	}
	return int64(x)
}

func softMin(f *format, a, b uint64, mx uint32) (uint64, uint32) {
	o, flags := f.compare(a, b, true, mx)
	if o == ordLess {
		return f.daz(a, mx), flags
	}
	return f.daz(b, mx), flags
}

func softMax(f *format, a, b uint64, mx uint32) (uint64, uint32) {
	o, flags := f.compare(a, b, true, mx)
	if o == ordGreater {
		return f.daz(a, mx), flags
	}
	return f.daz(b, mx), flags
}

// daz returns x, or a zero of its sign if it is a denormal and DAZ is on.
func (f *format) daz(x uint64, mx uint32) uint64 {
	if mx&mxDAZ != 0 && f.isDenormal(x) {
		return x & f.sign
	}
	return x
}

// compareF64 orders two doubles. anyNaN is what tells COMISD from UCOMISD.
func (c *CPU) compareF64(a, b uint64, anyNaN bool) order {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	if x == x && y == y && a<<1-1 >= denormals64 && b<<1-1 >= denormals64 {
		switch {
		case x < y:
			return ordLess
		case x > y:
			return ordGreater
		}
		return ordEqual
	}
	o, flags := double.compare(a, b, anyNaN, c.MXCSR)
	c.signal(flags)
	return o
}

// compareF32 orders two singles. anyNaN is what tells COMISS from UCOMISS.
func (c *CPU) compareF32(a, b uint32, anyNaN bool) order {
	o, flags := single.compare(uint64(a), uint64(b), anyNaN, c.MXCSR)
	c.signal(flags)
	return o
}

// setOrder sets the status flags to the outcome of UCOMISx or COMISx; OF, SF and AF are cleared.
func (c *CPU) setOrder(o order) { c.lazy = lazyFlags{how: howKnown, a: uint64(o)} }

func (c *CPU) ucomiF64(a, b uint64) { c.setOrder(c.compareF64(a, b, false)) }
func (c *CPU) comiF64(a, b uint64)  { c.setOrder(c.compareF64(a, b, true)) }
func (c *CPU) ucomiF32(a, b uint32) { c.setOrder(c.compareF32(a, b, false)) }
func (c *CPU) comiF32(a, b uint32)  { c.setOrder(c.compareF32(a, b, true)) }

// minF64 returns a if it is less than b, else b: also if one is a NaN or both are zeros.
func (c *CPU) minF64(a, b uint64) uint64 {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	if a<<1-1 >= denormals64 && b<<1-1 >= denormals64 {
		if x < y {
			return a
		}
		if x >= y {
			return b
		}
	}
	return c.slow64(softMin, a, b)
}

// maxF64 returns a if it is ordGreater than b, else b: also if one is a NaN or both are zeros.
func (c *CPU) maxF64(a, b uint64) uint64 {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	if a<<1-1 >= denormals64 && b<<1-1 >= denormals64 {
		if x > y {
			return a
		}
		if x <= y {
			return b
		}
	}
	return c.slow64(softMax, a, b)
}

func (c *CPU) minF32(a, b uint32) uint32 { return c.slow32(softMin, a, b) }
func (c *CPU) maxF32(a, b uint32) uint32 { return c.slow32(softMax, a, b) }
