package x86

import "math/bits"

// The bits of RFLAGS (SDM vol. 1, 3.4.3).
const (
	FlagCF = 1 << 0
	FlagPF = 1 << 2
	FlagAF = 1 << 4
	FlagZF = 1 << 6
	FlagSF = 1 << 7
	FlagTF = 1 << 8
	FlagIF = 1 << 9
	FlagDF = 1 << 10
	FlagOF = 1 << 11
	FlagAC = 1 << 18
	FlagID = 1 << 21

	flagReserved = 1 << 1 // always reads as 1

	// FlagsArith are the six status flags.
	FlagsArith = FlagCF | FlagPF | FlagAF | FlagZF | FlagSF | FlagOF
	// flagsHeld are the flags that a program may set and that arithmetic leaves alone.
	flagsHeld = FlagTF | FlagDF | FlagAC | FlagID
)

// lazyFlags are the six status flags in the form in which the last instruction left them. Most flags are overwritten
// before anybody looks, so an addition or subtraction keeps only its operands, shifted up so that the operand's top bit is
// bit 63. Then the carry, zero, sign and overflow of every operand size come out of the same 64-bit arithmetic; the shift
// (in how) is needed only for the parity and the auxiliary carry. Whoever asks gets the exact bits.
type lazyFlags struct {
	how  uint32 // one of the how… kinds, plus the shift << 8
	a, b uint64 // the operands, shifted up; for howKnown a is the status flags themselves
}

const (
	howKnown   = iota // a holds the bits
	howAdd            // of a + b
	howSub            // of a - b; a logical result r is r - 0
	howInc            // of a + 1 at the operand's scale; the carry is kept in bit 0 of b
	howDec            // of a - 1, likewise
	howResult         // of the result a; CF, AF and OF are in b at their places in RFLAGS
	howProduct        // likewise, but ZF is clear even if a is 0
)

const howMask = 0xff

// result returns the shifted-up result whose sign and zero the flags tell. how must not be howKnown.
func (f *lazyFlags) result() uint64 {
	switch f.how & howMask {
	case howResult, howProduct:
		return f.a
	case howAdd:
		return f.a + f.b
	case howInc:
		return f.a + 1<<(f.how>>8)
	case howDec:
		return f.a - 1<<(f.how>>8)
	}
	return f.a - f.b
}

// bits returns the six status flags at their places in RFLAGS.
func (f *lazyFlags) bits() uint64 {
	if f.how == howKnown {
		return f.a
	}
	shift := f.how >> 8 & 63
	r := f.result()
	b := f.b
	var out uint64
	switch f.how & howMask {
	case howAdd:
		if r < f.a {
			out = FlagCF
		}
		out |= (f.a ^ r) & (b ^ r) >> 63 << 11
	case howSub:
		if f.a < b {
			out = FlagCF
		}
		out |= (f.a ^ b) & (f.a ^ r) >> 63 << 11
	case howInc:
		out = b & FlagCF
		b = 1 << shift
		out |= (f.a ^ r) & (b ^ r) >> 63 << 11
	case howDec:
		out = b & FlagCF
		b = 1 << shift
		out |= (f.a ^ b) & (f.a ^ r) >> 63 << 11
	}
	how := f.how & howMask
	if how == howResult || how == howProduct {
		out = b
	} else {
		out |= (f.a ^ b ^ r) >> shift & FlagAF
	}
	if r == 0 && how != howProduct {
		out |= FlagZF
	}
	out |= r >> 63 << 7
	out |= parity(r >> shift)
	return out
}

// parity returns FlagPF if the low byte of v has an even number of ones.
func parity(v uint64) uint64 {
	return uint64(^bits.OnesCount8(uint8(v))&1) << 2
}

// carry returns CF as 0 or 1.
func (c *Context) carry() uint64 {
	f := &c.lazy
	switch f.how & howMask {
	case howKnown:
		return f.a & FlagCF
	case howAdd:
		if f.a+f.b < f.a {
			return 1
		}
		return 0
	case howSub:
		if f.a < f.b {
			return 1
		}
		return 0
	}
	return f.b & FlagCF
}

// Flags returns RFLAGS.
func (c *Context) Flags() uint64 { return c.lazy.bits() | c.held | FlagIF | flagReserved }

// SetFlags sets what a program may set of RFLAGS; the rest stays as user mode has it.
func (c *Context) SetFlags(f uint64) {
	c.lazy = lazyFlags{how: howKnown, a: f & FlagsArith}
	c.held = f & flagsHeld
}

// Settle brings the status flags into their one known form, so that equal states are equal bit for bit.
func (c *Context) Settle() { c.lazy = lazyFlags{how: howKnown, a: c.lazy.bits()} }

// setStatus sets the status flags named in mask to those of f and leaves the others.
func (c *Context) setStatus(mask, f uint64) {
	c.lazy = lazyFlags{how: howKnown, a: c.lazy.bits()&^mask | f&mask}
}

// shiftOf returns by how many bits an operand of size bytes is shifted up in lazyFlags.
func shiftOf(size uint8) uint32 { return 64 - 8*uint32(size) }

// setAdd sets the flags of a + b on operands of size bytes and returns the sum, cut to the size.
func (c *Context) setAdd(size uint8, a, b uint64) uint64 {
	s := shiftOf(size)
	c.lazy = lazyFlags{howAdd | s<<8, a << s, b << s}
	return (a + b) << s >> s
}

// setSub sets the flags of a - b on operands of size bytes and returns the difference, cut to the size.
func (c *Context) setSub(size uint8, a, b uint64) uint64 {
	s := shiftOf(size)
	c.lazy = lazyFlags{howSub | s<<8, a << s, b << s}
	return (a - b) << s >> s
}

// setLogic sets the flags of a logical result of size bytes: CF, OF and AF clear (SDM leaves AF undefined), and returns
// the result cut to the size.
func (c *Context) setLogic(size uint8, r uint64) uint64 {
	s := shiftOf(size)
	c.lazy = lazyFlags{howSub | s<<8, r << s, 0}
	return r << s >> s
}

// cond evaluates condition cc, numbered as in the low four bits of Jcc's opcode (SDM vol. 2, appendix B.1.4).
func (c *Context) cond(cc uint8) bool {
	f := &c.lazy
	var r bool
	if f.how&howMask == howSub {
		switch cc >> 1 {
		case 0: // O
			r = (f.a^f.b)&(f.a^(f.a-f.b))>>63 != 0
		case 1: // B
			r = f.a < f.b
		case 2: // E
			r = f.a == f.b
		case 3: // BE
			r = f.a <= f.b
		case 4: // S
			r = int64(f.a-f.b) < 0
		case 5: // P
			r = parity((f.a-f.b)>>(f.how>>8&63)) != 0
		case 6: // L
			r = int64(f.a) < int64(f.b)
		default: // LE
			r = int64(f.a) <= int64(f.b)
		}
		return r != (cc&1 != 0)
	}
	if how := f.how & howMask; how != howKnown && how != howProduct && cc>>1 == 2 { // E after INC, DEC, shifts: no need for the other flags
		return (f.result() == 0) != (cc&1 != 0)
	}
	b := f.bits()
	switch cc >> 1 {
	case 0:
		r = b&FlagOF != 0
	case 1:
		r = b&FlagCF != 0
	case 2:
		r = b&FlagZF != 0
	case 3:
		r = b&(FlagCF|FlagZF) != 0
	case 4:
		r = b&FlagSF != 0
	case 5:
		r = b&FlagPF != 0
	case 6:
		r = b>>7&1 != b>>11&1
	default:
		r = b&FlagZF != 0 || b>>7&1 != b>>11&1
	}
	return r != (cc&1 != 0)
}
