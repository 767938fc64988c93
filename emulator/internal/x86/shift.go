package x86

import "golang.org/x/arch/x86/x86asm"

// Shifts (SDM vol. 1, 5.1.5). The count is taken modulo 32, or 64 for 64-bit operands. A count of 0 changes no flags.
//
// The SDM leaves undefined: AF always; OF for counts other than 1; CF for SHL and SHR by more than the operand's width (8-
// and 16-bit operands); the result of SHLD and SHRD by more than the width. The machine does what Intel's processors were
// measured to do: AF is cleared and OF is what a shift by 1 would give, whatever the count.
var _ = family("shift",
	opcode{x86asm.SHL, shl},
	opcode{x86asm.SHR, shr},
	opcode{x86asm.SAR, sar},
	opcode{x86asm.SHLD, shld},
	opcode{x86asm.SHRD, shrd},
)

// shiftCount returns the masked count in operand i of an instruction on operands of size bytes.
func (c *CPU) shiftCount(in *Inst, i int) uint64 {
	n := c.Get(in, i)
	if in.Size == 8 {
		return n & 63
	}
	return n & 31
}

// rewrite stores operand 0 unchanged: a shift by 0 still writes, so that a 32-bit register loses its upper half and a
// read-only page faults.
func (c *CPU) rewrite(in *Inst) { c.Set(in, 0, c.Get(in, 0)) }

func shl(c *CPU, in *Inst) {
	n := c.shiftCount(in, 1)
	if n == 0 {
		c.rewrite(in)
		return
	}
	width := 8 * uint64(in.Size)
	a := c.Get(in, 0)
	r := a << n
	var cf uint64
	if n <= width {
		cf = a >> (width - n) & 1
	}
	c.Set(in, 0, r)
	c.setShift(in.Size, r, cf, (a^a<<1)>>(width-1)&1)
}

func shr(c *CPU, in *Inst) {
	n := c.shiftCount(in, 1)
	if n == 0 {
		c.rewrite(in)
		return
	}
	width := 8 * uint64(in.Size)
	a := c.Get(in, 0)
	r := a >> n
	cf := a >> (n - 1) & 1
	c.Set(in, 0, r)
	c.setShift(in.Size, r, cf, a>>(width-1))
}

func sar(c *CPU, in *Inst) {
	n := c.shiftCount(in, 1)
	if n == 0 {
		c.rewrite(in)
		return
	}
	a := int64(signExtend(c.Get(in, 0), in.Size))
	r := uint64(a >> n)
	cf := uint64(a>>(n-1)) & 1
	c.Set(in, 0, r)
	c.setShift(in.Size, r, cf, 0)
}

// setShift sets the flags of the shift result r of size bytes.
func (c *Context) setShift(size uint8, r, cf, of uint64) {
	s := shiftOf(size)
	c.lazy = lazyFlags{howResult | s<<8, r << s, cf | of<<11}
}

// shld shifts operand 0 left and fills from operand 1. A 16-bit operand shifted by more than 16 shifts in operand 0 again
// behind operand 1.
func shld(c *CPU, in *Inst) {
	n := c.shiftCount(in, 2)
	if n == 0 {
		c.rewrite(in)
		return
	}
	width := 8 * uint64(in.Size)
	a, b := c.Get(in, 0), c.Get(in, 1)
	var r, cf uint64
	if n <= width {
		r = a<<n | b>>(width-n)
		cf = a >> (width - n) & 1
	} else {
		r = b<<(n-width) | a>>(2*width-n)
		cf = b >> (2*width - n) & 1
	}
	c.Set(in, 0, r)
	c.setShift(in.Size, r, cf, (a^a<<1)>>(width-1)&1)
}

// shrd is the mirror image of shld.
func shrd(c *CPU, in *Inst) {
	n := c.shiftCount(in, 2)
	if n == 0 {
		c.rewrite(in)
		return
	}
	width := 8 * uint64(in.Size)
	a, b := c.Get(in, 0), c.Get(in, 1)
	var r, cf uint64
	if n <= width {
		r = a>>n | b<<(width-n)
		cf = a >> (n - 1) & 1
	} else {
		r = b>>(n-width) | a<<(2*width-n)
		cf = b >> (n - width - 1) & 1
	}
	c.Set(in, 0, r)
	c.setShift(in.Size, r, cf, a>>(width-1)&1^b&1)
}
