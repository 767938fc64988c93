package x86

import "golang.org/x/arch/x86/x86asm"

// Sign extension of the accumulator: into itself, or into the D register (SDM vol. 2, CBW and CWD). No flags change.
var _ = family("sign extension",
	opcode{x86asm.CBW, widen(2)},
	opcode{x86asm.CWDE, widen(4)},
	opcode{x86asm.CDQE, widen(8)},
	opcode{x86asm.CWD, spread(2)},
	opcode{x86asm.CDQ, spread(4)},
	opcode{x86asm.CQO, spread(8)},
)

// widen extends the lower half of the size-byte accumulator into all of it.
func widen(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) { c.SetReg(RAX, size, signExtend(c.R[RAX], size/2)) }
}

// spread fills the D register with the accumulator's sign.
func spread(size uint8) func(c *CPU, in *Inst) {
	return func(c *CPU, in *Inst) { c.SetReg(RDX, size, uint64(int64(signExtend(c.R[RAX], size))>>63)) }
}
