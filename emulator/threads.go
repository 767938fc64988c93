package emulator

import (
	"github.com/rt0lab/rt0/emulator/internal/linux"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Exited says whether and how the process has ended.
func (m *Machine) Exited() (ExitStatus, bool) {
	s, ok := m.kernel.Exited()
	return ExitStatus(s), ok
}

// SignalName returns the name of the signal that killed the process, such as "SIGSEGV"; "" if none did.
func (s ExitStatus) SignalName() string {
	if s.Signal == 0 {
		return ""
	}
	return linux.SignalName(s.Signal)
}

// FatalAccess returns the address whose access killed the process, if that is how it ended.
func (m *Machine) FatalAccess() (addr uint64, ok bool) { return m.kernel.FatalAccess() }

// Stderr returns the last bytes, at most 8 KiB, of what the guest has written to its standard error by now, whether or not
// Config.Stderr receives them.
func (m *Machine) Stderr() []byte { return m.kernel.Stderr() }

// Threads returns all threads that have not exited, by TID. After the process has ended they are those of its last moment.
func (m *Machine) Threads() []Thread {
	var out []Thread
	for _, t := range m.kernel.Threads() {
		out = append(out, m.thread(t))
	}
	return out
}

// Current returns the thread whose turn it is. It is the zero Thread after the last one has exited.
func (m *Machine) Current() Thread {
	if t := m.kernel.Current(); t != nil {
		return m.thread(t)
	}
	return Thread{}
}

func (m *Machine) thread(t *linux.Thread) Thread {
	return Thread{TID: t.TID, Born: t.Born, State: m.kernel.State(t), Waiting: m.kernel.Waiting(t), Registers: registers(m.kernel.Context(t))}
}

func registers(c *x86.Context) Registers {
	r := Registers{RIP: c.RIP, RFLAGS: c.Flags(), FSBase: c.R[x86.FSBase], GSBase: c.R[x86.GSBase], MXCSR: c.MXCSR}
	copy(r.GPR[:], c.R[:16])
	for i, x := range c.X {
		r.XMM[i] = x
	}
	return r
}
