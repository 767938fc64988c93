package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// vsyscallPage is where processes without a vDSO call the kernel for the time: Go up to 1.13 does. Nothing is mapped there;
// Linux answers the fault (arch/x86/entry/vsyscall/vsyscall_64.c, emulate_vsyscall).
const vsyscallPage = 0xffffffffff600000

// vsyscalls are the system calls at offsets 0, 0x400 and 0x800 of the page: gettimeofday, time, getcpu.
var vsyscalls = [...]uint64{96, 201, 309}

// vsyscall answers a call into the vsyscall page and returns to the caller. It says false, and leaves all as it is, if the
// fault is another one, or if the arguments or the stack are bad: then Linux sends SIGSEGV, too.
func (k *Kernel) vsyscall(t *Thread) bool {
	c := k.CPU
	off := c.RIP - vsyscallPage
	if x := c.Trap; x.Vector != x86.TrapPF || x.Access != memory.AccessExec || off%0x400 != 0 || off/0x400 >= uint64(len(vsyscalls)) {
		return false
	}
	caller, err := k.load64(c.R[x86.RSP])
	if err != nil {
		return false
	}
	ret, err := table[vsyscalls[off/0x400]].run(k, t, args{c.R[x86.RDI], c.R[x86.RSI], c.R[x86.RDX]})
	if err != nil {
		return false
	}
	c.R[x86.RAX] = ret
	c.R[x86.RSP] += 8
	c.RIP = caller
	return true
}
