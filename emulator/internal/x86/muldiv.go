package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

// Multiplication and division (SDM vol. 1, 5.1.2).
//
// The SDM leaves SF, ZF, AF and PF undefined after a multiplication and all six after a division; what the machine does is
// said at each function.
var _ = family("multiply and divide",
	opcode{x86asm.MUL, mul},
	opcode{x86asm.IMUL, imul},
	opcode{x86asm.DIV, div},
	opcode{x86asm.IDIV, idiv},
)

// mul multiplies the accumulator by operand 0 into twice the width: AX, DX:AX, EDX:EAX or RDX:RAX.
func mul(c *CPU, in *Inst) {
	a, b := c.R[RAX]&sizeMask(in.Size), c.Get(in, 0)
	hi, lo := bits.Mul64(a, b)
	if in.Size < 8 {
		hi = lo >> (8 * uint64(in.Size))
	}
	c.setWide(in.Size, hi, lo)
	c.setProduct(in.Size, lo, hi != 0)
}

// imul has three forms: one operand (like mul, signed), two (0 *= 1) and three (0 = 1 * 2).
func imul(c *CPU, in *Inst) {
	var a, b uint64
	switch in.NArgs {
	case 1:
		a, b = c.R[RAX], c.Get(in, 0)
	case 2:
		a, b = c.Get(in, 0), c.Get(in, 1)
	default:
		a, b = c.Get(in, 1), c.Get(in, 2)
	}
	hi, lo := mulSigned(signExtend(a, in.Size), signExtend(b, in.Size))
	over := signExtend(lo, in.Size) != lo || hi != uint64(int64(lo)>>63)
	if in.NArgs == 1 {
		if in.Size < 8 {
			hi = lo >> (8 * uint64(in.Size))
		}
		c.setWide(in.Size, hi, lo)
	} else {
		c.Set(in, 0, lo)
	}
	c.setProduct(in.Size, lo, over)
}

// mulSigned returns the signed 128-bit product.
func mulSigned(a, b uint64) (hi, lo uint64) {
	hi, lo = bits.Mul64(a, b)
	hi -= uint64(int64(a)>>63)&b + uint64(int64(b)>>63)&a
	return hi, lo
}

// setWide stores a double-width result: bytes in AX, else in the A and D registers.
func (c *CPU) setWide(size uint8, hi, lo uint64) {
	if size == 1 {
		c.SetReg(RAX, 2, hi<<8|lo&0xff)
		return
	}
	c.SetReg(RAX, size, lo)
	c.SetReg(RDX, size, hi)
}

// setProduct sets CF and OF when the product needs more than size bytes. SF and PF are those of the low half, ZF and AF
// are cleared, as Intel's processors do.
func (c *CPU) setProduct(size uint8, lo uint64, over bool) {
	s := shiftOf(size)
	c.lazy = lazyFlags{howProduct | s<<8, lo << s, imulFlags(over)}
}

// dividend returns AX, DX:AX, EDX:EAX or RDX:RAX; hi is used for 8-byte operands only.
func (c *CPU) dividend(size uint8) (hi, lo uint64) {
	switch size {
	case 1:
		return 0, c.R[RAX] & 0xffff
	case 8:
		return c.R[RDX], c.R[RAX]
	}
	m := sizeMask(size)
	return 0, c.R[RDX]&m<<(8*size) | c.R[RAX]&m
}

// setQuotient stores quotient and remainder.
func (c *CPU) setQuotient(size uint8, q, r uint64) {
	if size == 1 {
		c.SetReg(RAX, 2, r&0xff<<8|q&0xff)
		return
	}
	c.SetReg(RAX, size, q)
	c.SetReg(RDX, size, r)
}

// div raises #DE when the divisor is 0 or the quotient does not fit. It leaves all flags alone.
func div(c *CPU, in *Inst) {
	d := c.Get(in, 0)
	hi, lo := c.dividend(in.Size)
	if d == 0 || hi >= d {
		c.raise(TrapDE, 0)
	}
	q, r := bits.Div64(hi, lo, d)
	if q > sizeMask(in.Size) {
		c.raise(TrapDE, 0)
	}
	c.setQuotient(in.Size, q, r)
}

// idiv is div on signed operands: the quotient is cut towards 0 and the remainder has the dividend's sign.
func idiv(c *CPU, in *Inst) {
	d := signExtend(c.Get(in, 0), in.Size)
	hi, lo := c.dividend(in.Size)
	if in.Size < 8 {
		lo = signExtend(lo, 2*in.Size)
		hi = uint64(int64(lo) >> 63)
	}
	negative, odd := int64(hi) < 0, int64(hi^d) < 0 // signs of the remainder and of the quotient
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	if int64(d) < 0 {
		d = -d
	}
	if d == 0 || hi >= d {
		c.raise(TrapDE, 0)
	}
	q, r := bits.Div64(hi, lo, d)
	limit := sizeMask(in.Size) >> 1 // the largest positive quotient
	if odd {
		limit++
	}
	if q > limit {
		c.raise(TrapDE, 0)
	}
	if odd {
		q = -q
	}
	if negative {
		r = -r
	}
	c.setQuotient(in.Size, q, r)
}
