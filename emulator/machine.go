// Package emulator is a machine that runs one unmodified, statically linked amd64 Linux program: processor, memory, kernel
// and clock. A machine is a value: what it does is a function of its Config alone, any moment of its run has a number (the
// tick) and can be returned to.
//
// It has no access to the host but through Config. A Machine is not safe for concurrent use.
package emulator

import "context"

// A Machine is a program, the processor it runs on, its memory and its Linux.
type Machine struct{}

// New loads cfg.Program and stops before its first instruction, at tick 0.
func New(cfg Config) (*Machine, error) { panic("soon") }

// Run runs until the tick, the end of the program, a breakpoint, a watchpoint, or the cancellation of ctx.
func (m *Machine) Run(ctx context.Context, until uint64) (Event, error) { panic("soon") }

// Step runs one instruction of the thread whose turn it is.
func (m *Machine) Step() (Event, error) { return m.Run(context.Background(), m.Tick()+1) }

// Tick returns the number of instructions retired so far by all threads.
func (m *Machine) Tick() uint64 { panic("soon") }

// Config returns what the machine was made from, defaults filled in.
func (m *Machine) Config() Config { panic("soon") }

// Current returns the thread whose turn it is.
func (m *Machine) Current() Thread { panic("soon") }

// Threads returns all threads that have not exited, by TID.
func (m *Machine) Threads() []Thread { panic("soon") }

// Exited says whether and how the process has ended.
func (m *Machine) Exited() (ExitStatus, bool) { panic("soon") }

// ReadMemory fills b from addr whatever the permissions.
func (m *Machine) ReadMemory(b []byte, addr uint64) error { panic("soon") }

// SetBreakpoints makes Run stop before the instructions at the addresses given and at no others.
func (m *Machine) SetBreakpoints(addrs []uint64) { panic("soon") }

// SetWatchpoints makes Run stop after accesses to the ranges given and to no others.
func (m *Machine) SetWatchpoints(w []Watch) { panic("soon") }

// Snapshot returns the machine's state, sharing its memory until one of the two changes.
func (m *Machine) Snapshot() *Snapshot { panic("soon") }

// Restore brings the machine back to a moment of its own run.
func (m *Machine) Restore(s *Snapshot) { panic("soon") }

// A Snapshot is the state of a machine at one tick.
type Snapshot struct{}

// Seek brings the machine to the tick, forwards or backwards.
func (m *Machine) Seek(tick uint64) error { panic("soon") }

// Hash returns a digest of all that the guest could observe: registers, memory, kernel state.
func (m *Machine) Hash() [32]byte { panic("soon") }
