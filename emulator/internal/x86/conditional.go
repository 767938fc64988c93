package x86

import "golang.org/x/arch/x86/x86asm"

// Conditional moves and sets (SDM vol. 2, CMOVcc, SETcc).
var (
	_ = family("conditional move", conditional(cmovs, cmov)...)
	_ = family("conditional set", conditional(setccs, setcc)...)
)

// conditional makes the rows of the sixteen mnemonics of a kind, in the order of their conditions.
func conditional(byOp map[x86asm.Op]uint8, with func(cc uint8) func(c *CPU, in *Inst)) []opcode {
	rows := make([]opcode, 16)
	for op, cc := range byOp {
		rows[cc] = opcode{op, with(cc)}
	}
	return rows
}

// cmov always reads its source, so it can fault with the condition false, and always writes its destination, so a 32-bit
// register loses its upper half.
func cmov(cc uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		v := c.Get(in, 1)
		if !c.cond(cc) {
			v = c.Get(in, 0)
		}
		c.Set(in, 0, v)
	}
}

func setcc(cc uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) {
		var v uint64
		if c.cond(cc) {
			v = 1
		}
		c.Set(in, 0, v)
	}
}
