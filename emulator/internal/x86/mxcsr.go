package x86

// The fields of MXCSR (SDM vol. 1, figure 10-3). The exception flags are sticky: only a write of MXCSR clears them.
const (
	mxIE = 1 << 0 // invalid operation
	mxDE = 1 << 1 // denormal operand
	mxZE = 1 << 2 // division by zero
	mxOE = 1 << 3 // overflow
	mxUE = 1 << 4 // underflow
	mxPE = 1 << 5 // inexact result

	mxFlags = 0x3f
	// mxMasks is by how much a flag is shifted up to its mask: a set mask bit keeps the exception from being raised.
	mxMasks = 7

	mxDAZ = 1 << 6  // denormal operands count as zero
	mxFTZ = 1 << 15 // results too small for a normal number become zero

	mxRC      = 13 // position of the two bits of the rounding mode
	mxDefined = 0xffff
)

// The rounding modes, as in MXCSR and in the immediate of ROUNDxx (SDM vol. 1, table 4-8).
const (
	roundNearest = 0 // to nearest, halfway cases to even
	roundDown    = 1 // towards -∞
	roundUp      = 2 // towards +∞
	roundZero    = 3 // towards 0
)

// quickBits and quickState tell when the host's arithmetic does all that the guest's would: round to nearest, no DAZ, no
// FTZ, all exceptions masked, and the inexact flag set already. One inexact result is enough to set that flag for good, so
// nearly every program is in this state nearly always, and then nobody has to find out which results were inexact.
const (
	quickBits  = 0xffff &^ (mxIE | mxDE | mxZE | mxOE | mxUE)
	quickState = MXCSRDefault | mxPE
)

// rounding returns the rounding mode that MXCSR value mx holds.
func rounding(mx uint32) uint32 { return mx >> mxRC & 3 }

// signal records the exceptions of an instruction in MXCSR, and raises #XM if one of them is not masked. The instruction
// calls it before it writes its result. Exceptions of the operands come first: if one of those is raised, nothing is
// computed and the others are not even recorded (SDM vol. 1, 11.5.3).
func (c *CPU) signal(flags uint32) {
	if of := flags & (mxIE | mxDE | mxZE); of&^(c.MXCSR>>mxMasks) != 0 {
		flags = of
	}
	c.MXCSR |= flags
	if flags&^(c.MXCSR>>mxMasks) != 0 {
		c.raise(TrapXM, 0)
	}
}
