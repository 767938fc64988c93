package x86

import "golang.org/x/arch/x86/x86asm"

// Addition and subtraction (SDM vol. 1, 5.1.2). Each function stores its result before it sets the flags, because the
// store may fault and a faulting instruction must leave the flags alone.
var _ = family("arithmetic",
	opcode{x86asm.ADD, add},
	opcode{x86asm.ADC, adc},
	opcode{x86asm.SUB, sub},
	opcode{x86asm.SBB, sbb},
	opcode{x86asm.CMP, cmp},
	opcode{x86asm.INC, inc},
	opcode{x86asm.DEC, dec},
	opcode{x86asm.NEG, neg},
	opcode{x86asm.XADD, xadd},
)

func add(c *CPU, in *Inst) {
	a, b := c.Get(in, 0), c.Get(in, 1)
	c.Set(in, 0, a+b)
	c.setAdd(in.Size, a, b)
}

func sub(c *CPU, in *Inst) {
	a, b := c.Get(in, 0), c.Get(in, 1)
	c.Set(in, 0, a-b)
	c.setSub(in.Size, a, b)
}

func cmp(c *CPU, in *Inst) {
	a, b := c.Get(in, 0), c.Get(in, 1)
	c.setSub(in.Size, a, b)
}

func adc(c *CPU, in *Inst) {
	a, b, cf := c.Get(in, 0), c.Get(in, 1), c.carry()
	c.Set(in, 0, a+b+cf)
	c.setAdc(in.Size, a, b, cf)
}

func sbb(c *CPU, in *Inst) {
	a, b, cf := c.Get(in, 0), c.Get(in, 1), c.carry()
	c.Set(in, 0, a-b-cf)
	c.setSbb(in.Size, a, b, cf)
}

func inc(c *CPU, in *Inst) {
	a := c.Get(in, 0)
	c.Set(in, 0, a+1)
	s := shiftOf(in.Size)
	c.lazy = lazyFlags{howInc | s<<8, a << s, c.carry()}
}

func dec(c *CPU, in *Inst) {
	a := c.Get(in, 0)
	c.Set(in, 0, a-1)
	s := shiftOf(in.Size)
	c.lazy = lazyFlags{howDec | s<<8, a << s, c.carry()}
}

func neg(c *CPU, in *Inst) {
	a := c.Get(in, 0)
	c.Set(in, 0, -a)
	c.setSub(in.Size, 0, a)
}

// xadd exchanges its operands, then stores their sum in the first. With one register as both operands the sum wins.
func xadd(c *CPU, in *Inst) {
	a, b := c.Get(in, 0), c.Get(in, 1)
	if in.Args[0].Kind == Mem {
		c.Set(in, 0, a+b)
		c.Set(in, 1, a)
	} else {
		c.Set(in, 1, a)
		c.Set(in, 0, a+b)
	}
	c.setAdd(in.Size, a, b)
}

// setAdc sets the flags of a + b + cf on operands of size bytes.
func (c *Context) setAdc(size uint8, a, b, cf uint64) {
	s := shiftOf(size)
	a, b = a<<s, b<<s
	sum := a + b
	r := sum + cf<<s
	var out uint64
	if sum < a || r < sum {
		out = FlagCF
	}
	out |= (a ^ r) & (b ^ r) >> 63 << 11
	c.setKnown(out, a, b, r, s)
}

// setSbb sets the flags of a - b - cf on operands of size bytes.
func (c *Context) setSbb(size uint8, a, b, cf uint64) {
	s := shiftOf(size)
	a, b = a<<s, b<<s
	diff := a - b
	r := diff - cf<<s
	var out uint64
	if a < b || diff < r {
		out = FlagCF
	}
	out |= (a ^ b) & (a ^ r) >> 63 << 11
	c.setKnown(out, a, b, r, s)
}

// setKnown completes CF and OF, given in out, with the flags that follow from the operands a and b and the result r, all
// three shifted up by s.
func (c *Context) setKnown(out, a, b, r uint64, s uint32) {
	c.lazy = lazyFlags{how: howKnown, a: out | (a^b^r)>>s&FlagAF | resultFlags(r, s)}
}

// resultFlags returns SF, ZF and PF of the result r, shifted up by s.
func resultFlags(r uint64, s uint32) uint64 {
	out := r>>63<<7 | parity(r>>s)
	if r == 0 {
		out |= FlagZF
	}
	return out
}
