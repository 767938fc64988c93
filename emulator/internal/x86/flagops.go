package x86

import "golang.org/x/arch/x86/x86asm"

// Flag control (SDM vol. 1, 5.1.9).
var _ = family("flag control",
	opcode{x86asm.CLC, func(c *CPU, in *Inst) { c.setStatus(FlagCF, 0) }},
	opcode{x86asm.STC, func(c *CPU, in *Inst) { c.setStatus(FlagCF, FlagCF) }},
	opcode{x86asm.CMC, func(c *CPU, in *Inst) { c.setStatus(FlagCF, c.carry()^FlagCF) }},
	opcode{x86asm.CLD, func(c *CPU, in *Inst) { c.held &^= FlagDF }},
	opcode{x86asm.STD, func(c *CPU, in *Inst) { c.held |= FlagDF }},
	opcode{x86asm.LAHF, lahf},
	opcode{x86asm.SAHF, sahf},
)

// lahf loads SF, ZF, AF, PF and CF into AH at their places in RFLAGS.
func lahf(c *CPU, in *Inst) { c.R[RAX] = c.R[RAX]&^0xff00 | c.Flags()&0xff<<8 }

func sahf(c *CPU, in *Inst) {
	c.setStatus(FlagSF|FlagZF|FlagAF|FlagPF|FlagCF, c.R[RAX]>>8)
}
