package x86

import "golang.org/x/arch/x86/x86asm"

// Logical instructions (SDM vol. 1, 5.1.4). They clear CF and OF. AF is undefined by the SDM; Intel's processors clear it,
// and so does the machine.
var _ = family("logic",
	opcode{x86asm.AND, and},
	opcode{x86asm.OR, or},
	opcode{x86asm.XOR, xor},
	opcode{x86asm.NOT, not},
	opcode{x86asm.TEST, test},
)

func and(c *CPU, in *Inst) {
	r := c.Get(in, 0) & c.Get(in, 1)
	c.Set(in, 0, r)
	c.setLogic(in.Size, r)
}

func or(c *CPU, in *Inst) {
	r := c.Get(in, 0) | c.Get(in, 1)
	c.Set(in, 0, r)
	c.setLogic(in.Size, r)
}

func xor(c *CPU, in *Inst) {
	r := c.Get(in, 0) ^ c.Get(in, 1)
	c.Set(in, 0, r)
	c.setLogic(in.Size, r)
}

func test(c *CPU, in *Inst) {
	r := c.Get(in, 0) & c.Get(in, 1)
	c.setLogic(in.Size, r)
}

// not changes no flags.
func not(c *CPU, in *Inst) { c.Set(in, 0, ^c.Get(in, 0)) }
