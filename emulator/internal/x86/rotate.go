package x86

import "golang.org/x/arch/x86/x86asm"

// Rotations (SDM vol. 1, 5.1.5). They touch CF and OF only, and not even those when the masked count is 0. OF is undefined
// by the SDM for counts other than 1; the machine does what Intel's processors were measured to do: OF is what a rotation
// by 1 would give, whatever the count, except that ROL and ROR of a register by an immediate other
// than 1 leave it alone.
var _ = family("rotate",
	opcode{x86asm.ROL, rol},
	opcode{x86asm.ROR, ror},
	opcode{x86asm.RCL, rcl},
	opcode{x86asm.RCR, rcr},
)

func rol(c *CPU, in *Inst) {
	n := c.shiftCount(in, 1)
	if n == 0 {
		c.rewrite(in)
		return
	}
	width := 8 * uint64(in.Size)
	a := c.Get(in, 0)
	r := a<<(n%width) | a>>(width-n%width)
	c.Set(in, 0, r)
	c.setRotate(in, n, r&1, (a^a<<1)>>(width-1)&1)
}

func ror(c *CPU, in *Inst) {
	n := c.shiftCount(in, 1)
	if n == 0 {
		c.rewrite(in)
		return
	}
	width := 8 * uint64(in.Size)
	a := c.Get(in, 0)
	r := a>>(n%width) | a<<(width-n%width)
	c.Set(in, 0, r)
	c.setRotate(in, n, r>>(width-1)&1, a>>(width-1)&1^a&1)
}

// rcl rotates through CF: width+1 bits.
func rcl(c *CPU, in *Inst) {
	width := 8 * uint64(in.Size)
	n := c.shiftCount(in, 1)
	if in.Size < 4 {
		n %= width + 1
	}
	if n == 0 {
		c.rewrite(in)
		return
	}
	a, cf := c.Get(in, 0), c.carry()
	r := a<<n | cf<<(n-1) | a>>(width+1-n)
	c.Set(in, 0, r)
	c.setStatus(FlagCF|FlagOF, a>>(width-n)&1|(a^a<<1)>>(width-1)&1<<11)
}

func rcr(c *CPU, in *Inst) {
	width := 8 * uint64(in.Size)
	n := c.shiftCount(in, 1)
	if in.Size < 4 {
		n %= width + 1
	}
	if n == 0 {
		c.rewrite(in)
		return
	}
	a, cf := c.Get(in, 0), c.carry()
	r := a>>n | cf<<(width-n) | a<<(width+1-n)
	c.Set(in, 0, r)
	c.setStatus(FlagCF|FlagOF, a>>(n-1)&1|(a>>(width-1)&1^cf)<<11)
}

// setRotate sets the flags of ROL and ROR by n.
func (c *CPU) setRotate(in *Inst, n, cf, of uint64) {
	mask := uint64(FlagCF | FlagOF)
	if in.Args[1].Kind == Imm && in.Args[0].Kind != Mem && n != 1 {
		mask = FlagCF
	}
	c.setStatus(mask, cf|of<<11)
}
