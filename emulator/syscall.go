package emulator

import "github.com/rt0lab/rt0/emulator/internal/linux"

// A Syscall is a system call that has ended.
type Syscall struct {
	Tick uint64
	TID  int
	// PC is the address of the SYSCALL instruction.
	PC   uint64
	Name string
	Args [6]uint64
	Ret  uint64
	// Text is the call as strace shows it.
	Text string
}

// OnSyscall makes f be told of every system call that ends from now on, also in a replay; nil for no one. What f panics with
// is the *CallbackError of the Run that has called it.
func (m *Machine) OnSyscall(f func(Syscall)) {
	if f == nil {
		m.kernel.OnSyscall = nil
		return
	}
	m.kernel.OnSyscall = func(e *linux.SyscallEvent) {
		if m.fault != nil {
			return
		}
		defer m.guard("OnSyscall")
		f(Syscall{Tick: e.Tick, TID: e.TID, PC: e.PC, Name: e.Name, Args: e.Args, Ret: e.Ret, Text: e.String()})
	}
}

// OnReport makes f be told, in a line each, of what the guest asked for and the machine lacks; nil for no one. What f panics
// with is the *CallbackError of the Run that has called it.
func (m *Machine) OnReport(f func(string)) {
	if f == nil {
		m.kernel.Report = nil
		return
	}
	m.kernel.Report = func(s string) {
		if m.fault != nil {
			return
		}
		defer m.guard("OnReport")
		f(s)
	}
}
