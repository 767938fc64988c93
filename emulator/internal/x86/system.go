package x86

import "golang.org/x/arch/x86/x86asm"

// System instructions, as far as user mode may execute them. The privileged ones raise #GP.
var (
	_ = family("system",
		opcode{x86asm.SYSCALL, enterKernel},
		opcode{x86asm.INT, interrupt},
		opcode{x86asm.ICEBP, func(c *CPU, in *Inst) { c.RIP = in.Next; c.raise(TrapDB, 0) }},
		opcode{x86asm.NOP, func(c *CPU, in *Inst) {}},
		opcode{x86asm.PAUSE, func(c *CPU, in *Inst) { c.exit(ExitPause) }},
		opcode{x86asm.CPUID, cpuid},
		opcode{x86asm.RDTSC, rdtsc},
		opcode{x86asm.RDTSCP, rdtscp},
		opcode{x86asm.EMMS, func(c *CPU, in *Inst) {}},
	)
	_ = family("privileged",
		privileged(x86asm.HLT, x86asm.CLI, x86asm.STI, x86asm.IN, x86asm.OUT, x86asm.INSB, x86asm.INSW, x86asm.INSD,
			x86asm.OUTSB, x86asm.OUTSW, x86asm.OUTSD, x86asm.RDMSR, x86asm.WRMSR, x86asm.RDPMC, x86asm.CLTS, x86asm.INVD,
			x86asm.WBINVD, x86asm.LGDT, x86asm.LIDT, x86asm.LLDT, x86asm.LTR, x86asm.LMSW, x86asm.INVLPG, x86asm.SYSRET)...)
)

func privileged(ops ...x86asm.Op) []opcode {
	var rows []opcode
	for _, op := range ops {
		rows = append(rows, opcode{op, func(c *CPU, in *Inst) { c.raise(TrapGP, 0) }})
	}
	return rows
}

// enterKernel leaves the CPU for the kernel, which finds the return address in RCX and the flags in R11 (SDM vol. 2, SYSCALL).
func enterKernel(c *CPU, in *Inst) {
	c.clobbered = [2]uint64{c.R[RCX], c.R[R11]}
	c.R[RCX] = in.Next
	c.R[R11] = c.Flags()
	c.exit(ExitSyscall)
}

// Unenter takes the SYSCALL back with which Run ended, as if it had not been executed.
func (c *CPU) Unenter() {
	c.RIP = c.R[RCX] - 2
	c.R[RCX], c.R[R11] = c.clobbered[0], c.clobbered[1]
}

// interrupt is INT3 and INT n. Linux lets user mode reach vectors 3 and 4 (arch/x86/kernel/idt.c); INT 0x80, the 32-bit
// system call, is as if CONFIG_IA32_EMULATION were off.
func interrupt(c *CPU, in *Inst) {
	switch in.Args[0].Imm & 0xff {
	case 3:
		c.RIP = in.Next
		c.raise(TrapBP, 0)
	case 4:
		c.RIP = in.Next
		c.raise(TrapOF, 0)
	}
	c.raise(TrapGP, 0)
}

// rdtsc reads the time-stamp counter: one tick is 1 ns of guest time.
func rdtsc(c *CPU, in *Inst) {
	var t uint64
	if c.Clock != nil {
		t = c.Clock(c.retired())
	}
	c.R[RAX], c.R[RDX] = t&0xffffffff, t>>32
}

// rdtscp also reads IA32_TSC_AUX, in which Linux keeps the processor's number: always 0 here.
func rdtscp(c *CPU, in *Inst) {
	rdtsc(c, in)
	c.R[RCX] = 0
}

// The segment registers, numbered as in ModRM (SDM vol. 2, table 2-5).
const (
	regES = iota
	regCS
	regSS
	regDS
	regFS
	regGS
)

// selectors are what the segment registers hold in a 64-bit Linux process (arch/x86/include/asm/segment.h: __USER_CS,
// __USER_DS).
var selectors = [8]uint16{regCS: 0x33, regSS: 0x2b}

// loadSelector loads a segment register. In 64-bit mode programs have no use for it: what Linux put there may be loaded
// again, and a null selector for FS or GS clears its base, as on Intel's processors; all else is a #GP.
func (c *CPU) loadSelector(r uint8, v uint16) {
	switch {
	case r == regCS:
		c.raise(TrapUD, 0)
	case v != selectors[r&7]:
		c.raise(TrapGP, 0)
	case r == regFS:
		c.R[FSBase] = 0
	case r == regGS:
		c.R[GSBase] = 0
	}
}

// controlRegister raises what a move from or to control or debug register r of x86asm's does in user mode.
func (c *CPU) controlRegister(r uint8) {
	switch x86asm.Reg(r) {
	case x86asm.CR0, x86asm.CR2, x86asm.CR3, x86asm.CR4, x86asm.CR8,
		x86asm.DR0, x86asm.DR1, x86asm.DR2, x86asm.DR3, x86asm.DR4, x86asm.DR5, x86asm.DR6, x86asm.DR7:
		c.raise(TrapGP, 0)
	}
	c.raise(TrapUD, 0) // there is no such register
}
