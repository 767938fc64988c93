package linux

import (
	"fmt"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Bits of a page fault's error code (SDM vol. 3, 4.7).
const (
	pfPresent = 1
	pfWrite   = 2
	pfUser    = 4
	pfFetch   = 16
)

// trap turns the exception that the thread's instruction raised into a signal, as arch/x86/kernel/traps.c and
// arch/x86/mm/fault.c do.
func (k *Kernel) trap(t *Thread) {
	if k.vsyscall(t) {
		return
	}
	x := k.CPU.Trap
	pc := k.CPU.RIP
	t.trapno, t.errcode = uint64(x.Vector), 0
	info := siginfo{Code: SI_KERNEL}
	switch x.Vector {
	case x86.TrapPF:
		info.Signo, info.Code, info.Fields[0] = SIGSEGV, SEGV_MAPERR, x.Addr
		t.cr2, t.errcode = x.Addr, pfUser
		if x.Mapped {
			info.Code = SEGV_ACCERR
			t.errcode |= pfPresent
		}
		switch x.Access {
		case memory.AccessWrite:
			t.errcode |= pfWrite
		case memory.AccessExec:
			t.errcode |= pfFetch
		}
	case x86.TrapDE:
		info.Signo, info.Code, info.Fields[0] = SIGFPE, FPE_INTDIV, pc
	case x86.TrapXM:
		info.Signo, info.Code, info.Fields[0] = SIGFPE, floatCode(k.CPU.MXCSR), pc
	case x86.TrapDB:
		info.Signo, info.Code, info.Fields[0] = SIGTRAP, TRAP_TRACE, pc
	case x86.TrapBP:
		info.Signo = SIGTRAP
	case x86.TrapUD:
		info.Signo, info.Code, info.Fields[0] = SIGILL, ILL_ILLOPN, pc
		if x.Unimplemented {
			k.reportOnce(fmt.Sprintf("opcode %x", x.Bytes), fmt.Sprintf("instruction not implemented: %s", k.describeCode(pc, x.Bytes)))
		}
	default: // #GP and whatever else
		info.Signo = SIGSEGV
	}
	k.force(t, info)
}

// floatCode returns the si_code for the unmasked exceptions in MXCSR, in Linux's order of precedence
// (fpu__exception_code in arch/x86/kernel/fpu/core.c).
func floatCode(mxcsr uint32) int32 {
	raised := mxcsr &^ (mxcsr >> 7)
	for _, e := range []struct {
		bit  uint32
		code int32
	}{{1 << 0, FPE_FLTINV}, {1 << 2, FPE_FLTDIV}, {1 << 3, FPE_FLTOVF}, {1<<1 | 1<<4, FPE_FLTUND}, {1 << 5, FPE_FLTRES}} {
		if raised&e.bit != 0 {
			return e.code
		}
	}
	return 0
}

// describeCode renders an instruction's bytes, address with its symbol, and disassembly.
func (k *Kernel) describeCode(pc uint64, code []byte) string {
	at := fmt.Sprintf("%#x", pc)
	if k.SymbolAt != nil {
		if s := k.SymbolAt(pc); s != "" {
			at += " (" + s + ")"
		}
	}
	in, err := x86asm.Decode(code, 64)
	if err != nil || in.Op == 0 {
		return fmt.Sprintf("% x at %s (cannot be decoded)", code, at)
	}
	return fmt.Sprintf("% x at %s: %s", code[:min(in.Len, len(code))], at, x86asm.GoSyntax(in, pc, nil))
}
