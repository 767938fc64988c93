package x86

import "golang.org/x/arch/x86/x86asm"

// The machine has no x87 registers, but C libraries look at the x87 control word beside MXCSR: glibc's printf and strtod ask
// for the rounding mode there. So the control word is kept, and everything else reads as an empty unit would after FNINIT
// (SDM vol. 1, 8.1.3). Instructions on x87 data remain #UD.
var _ = family("x87 control",
	opcode{x86asm.FNINIT, fninit},
	opcode{x86asm.FLDCW, fldcw},
	opcode{x86asm.FNSTCW, fnstcw},
	opcode{x86asm.FNSTSW, fnstsw},
	opcode{x86asm.FNCLEX, nothing},
	opcode{x86asm.FWAIT, nothing},
)

// The control word: bits 0–5 mask exceptions, 8–9 set the precision, 10–11 the rounding; 6 always reads as 1, the others as
// 0 but for 12, which does nothing.
const fcwDefined, fcwFixed = 0x1f3f, 0x40

func fninit(c *CPU, in *Inst) { c.FCW = fcwDefault }

func fldcw(c *CPU, in *Inst) { c.SetFCW(uint16(c.Load(c.Addr(&in.Args[0]), 2))) }

// SetFCW sets the bits of the x87 control word that can be set.
func (c *Context) SetFCW(v uint16) { c.FCW = v&fcwDefined | fcwFixed }

func fnstcw(c *CPU, in *Inst) { c.Store(c.Addr(&in.Args[0]), 2, uint64(c.FCW)) }

// fnstsw stores the status word: no exception, no condition, top of stack 0.
func fnstsw(c *CPU, in *Inst) {
	if in.Args[0].Kind == Mem {
		c.Store(c.Addr(&in.Args[0]), 2, 0)
		return
	}
	c.SetReg(RAX, 2, 0)
}
