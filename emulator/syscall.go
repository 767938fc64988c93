package emulator

import (
	"fmt"
	"strconv"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/linux"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// A Syscall is a system call that has ended.
type Syscall struct {
	Tick uint64
	TID  int
	// PC is the address of the SYSCALL instruction.
	PC   uint64
	Name string
	Args [6]uint64
	Ret  uint64
	// Errno is Linux's error number, such as 12 for ENOMEM, of a call that has failed, else 0.
	Errno int
	// NoRoom says that it failed because of Config.MemLimit. Errno is what Linux gives for want of memory, space or buffers.
	NoRoom bool
	// Text is the call as strace shows it.
	Text string
}

// ErrnoName returns Linux's name of Errno, such as "ENOMEM"; "" of a call that has not failed.
func (c Syscall) ErrnoName() string {
	if c.Errno == 0 {
		return ""
	}
	return errno.Errno(c.Errno).Error()
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
		f(Syscall{Tick: e.Tick, TID: e.TID, PC: e.PC, Name: e.Name, Args: e.Args, Ret: e.Ret, Errno: e.Errno(), NoRoom: e.NoRoom, Text: e.String()})
	}
}

// OnReport makes f be told, in a line each, of what the guest asked for and the machine lacks; nil for no one. What f panics
// with is the *CallbackError of the Run that has called it.
func (m *Machine) OnReport(f func(string)) {
	if f == nil {
		m.kernel.Report = nil
		return
	}
	m.kernel.SymbolAt = m.symbolAt
	m.kernel.Report = func(s string) {
		if m.fault != nil {
			return
		}
		defer m.guard("OnReport")
		f(s)
	}
}

// symbolAt names an address of the program as its own tables do, or returns "". Reports are rare, so the tables are read for
// each.
func (m *Machine) symbolAt(addr uint64) string {
	table, err := symbols.Open(m.cfg.Program)
	if err != nil {
		return ""
	}
	table.Relocate(m.image.Bias)
	f, ok := table.Func(addr)
	if !ok {
		return ""
	}
	name := strconv.QuoteToGraphic(f.Name) // a file may hold any bytes; a report is one line
	return fmt.Sprintf("%s+%#x", name[1:len(name)-1], addr-f.Entry)
}
