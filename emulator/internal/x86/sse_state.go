package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse state and caching",
	opcode{x86asm.LDMXCSR, ldmxcsr}, opcode{x86asm.STMXCSR, stmxcsr},
	opcode{x86asm.FXSAVE, fxsave}, opcode{x86asm.FXSAVE64, fxsave},
	opcode{x86asm.FXRSTOR, fxrstor}, opcode{x86asm.FXRSTOR64, fxrstor},
	opcode{x86asm.LFENCE, nothing}, opcode{x86asm.MFENCE, nothing}, opcode{x86asm.SFENCE, nothing},
	opcode{x86asm.PREFETCHNTA, nothing}, opcode{x86asm.PREFETCHT0, nothing}, opcode{x86asm.PREFETCHT1, nothing},
	opcode{x86asm.PREFETCHT2, nothing}, opcode{x86asm.PREFETCHW, nothing},
	opcode{x86asm.CLFLUSH, clflush},
)

// nothing is for fences and hints: threads take turns, so every access is seen in program order, and there is no cache. A
// prefetch does not even fault.
func nothing(c *CPU, in *Inst) {}

// clflush has no cache to flush but faults as a load of a byte would.
func clflush(c *CPU, in *Inst) {
	c.Load(c.Addr(&in.Args[0]), 1)
}

func ldmxcsr(c *CPU, in *Inst) { c.setMXCSR(uint32(c.Load(c.Addr(&in.Args[0]), 4))) }
func stmxcsr(c *CPU, in *Inst) { c.Store(c.Addr(&in.Args[0]), 4, uint64(c.MXCSR)) }

// setMXCSR raises #GP if v sets a reserved bit. Setting both a flag and its mask to "raise" raises nothing by itself.
func (c *CPU) setMXCSR(v uint32) {
	if v&^mxDefined != 0 {
		c.raise(TrapGP, 0)
	}
	c.MXCSR = v
}

// The layout of the 512-byte area of FXSAVE in 64-bit mode (SDM vol. 1, table 10-2).
const (
	fxSize  = 512
	fxFCW   = 0
	fxFIP   = 8
	fxFDP   = 16
	fxMXCSR = 24
	fxST    = 32
	fxXMM   = 160
	// fcwDefault is the x87 control word as FNINIT leaves it.
	fcwDefault = 0x37f
)

// fxArea returns the address of the area and sees that it is aligned and can be written, or read.
func (c *CPU) fxArea(in *Inst, write bool) uint64 {
	a := c.Addr(&in.Args[0])
	if a&15 != 0 {
		c.raise(TrapGP, a)
	}
	if write {
		c.Probe(a+fxSize-1, 1) // the last byte first, as the processor does
		c.Probe(a, 1)
	} else {
		c.Load(a+fxSize-1, 1)
		c.Load(a, 1)
	}
	return a
}

// fxsave stores MXCSR and the SSE registers. Of the x87 unit there is only the control word: the rest reads as after FNINIT, all
// registers empty.
func fxsave(c *CPU, in *Inst) {
	a := c.fxArea(in, true)
	c.Store(a+fxFCW, 8, uint64(c.FCW)) // with the status word, the tags and the last opcode, all 0
	c.Store(a+fxFIP, 8, 0)
	c.Store(a+fxFDP, 8, 0)
	c.Store(a+fxMXCSR, 8, uint64(c.MXCSR)|mxDefined<<32)
	for i := uint64(fxST); i < fxXMM; i += 16 {
		c.Store128(a+i, XMM{})
	}
	for i, x := range c.X {
		c.Store128(a+fxXMM+16*uint64(i), x)
	}
}

// fxrstor loads what fxsave stores; of the x87 part only the control word counts.
func fxrstor(c *CPU, in *Inst) {
	a := c.fxArea(in, false)
	fcw := uint16(c.Load(a+fxFCW, 2))
	c.setMXCSR(uint32(c.Load(a+fxMXCSR, 4)))
	c.SetFCW(fcw)
	for i := range c.X {
		c.X[i] = c.Load128(a + fxXMM + 16*uint64(i))
	}
}
