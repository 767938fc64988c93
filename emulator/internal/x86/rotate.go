package x86

import "golang.org/x/arch/x86/x86asm"

// Rotations (SDM vol. 1, 5.1.5). They touch CF and OF only, and not even those when the masked count is 0. OF is undefined
// by the SDM for counts other than 1; the machine follows the rule for 1 whatever the count.
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
	cf := r & 1
	c.setRotate(cf, r>>(width-1)&1^cf)
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
	cf := r >> (width - 1) & 1
	c.setRotate(cf, r>>(width-2)&1^cf)
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
	cf = a >> (width - n) & 1
	c.Set(in, 0, r)
	c.setRotate(cf, r>>(width-1)&1^cf)
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
	cf = a >> (n - 1) & 1
	c.Set(in, 0, r)
	c.setRotate(cf, (r>>(width-1)^r>>(width-2))&1)
}

func (c *Context) setRotate(cf, of uint64) { c.setStatus(FlagCF|FlagOF, cf|of<<11) }
