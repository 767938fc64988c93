// Package emulator is a machine that runs one unmodified, statically linked amd64 Linux program: processor, memory, kernel
// and clock. A machine is a value: what it does is a function of its Config alone, any moment of its run has a number (the
// tick) and can be returned to.
//
// It has no access to the host but through Config. A Machine is not safe for concurrent use; a Fork of it is a machine of its
// own.
package emulator

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/rt0lab/rt0/emulator/internal/digest"
	"github.com/rt0lab/rt0/emulator/internal/linux"
	"github.com/rt0lab/rt0/emulator/internal/loader"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// A Machine is a program, the processor it runs on, its memory and its Linux.
type Machine struct {
	cfg    Config
	layout StackLayout
	image  *loader.Image

	mem    *memory.Space
	cpu    *x86.CPU
	kernel *linux.Kernel

	checkpoints checkpoints
	births      []*Snapshot // if the machine is a fork: its state when it was made, and those of the forks before it, by tick
	breaks      []uint64
	watches     []Watch
	fault       *CallbackError // what the embedder's code has panicked with during this Run
}

// New loads cfg.Program and stops before its first instruction, at tick 0.
func New(cfg Config) (*Machine, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	img, err := loader.Load(cfg.Program)
	if err != nil {
		return nil, err
	}
	m := &Machine{cfg: cfg, image: img, mem: memory.New(cfg.MemLimit)}
	img.Name = cfg.Path
	if err := img.Map(m.mem); err != nil {
		return nil, err
	}
	m.cpu = x86.New(m.mem)
	if err := m.start(); err != nil {
		return nil, err
	}
	return m, nil
}

// Config returns what the machine was made from, defaults filled in.
func (m *Machine) Config() Config { return m.cfg }

// Layout says where the parts of the first stack lie.
func (m *Machine) Layout() StackLayout { return m.layout }

// Tick returns the number of instructions retired so far by all threads.
func (m *Machine) Tick() uint64 { return m.kernel.Tick }

// Spent returns what counts against Config.MaxTicks: the instructions retired and SliceTicks for each slice beyond the first
// of an instruction or system call.
func (m *Machine) Spent() uint64 { return m.kernel.Spent() }

// Unfinished says that a run has stopped inside an instruction: a repeated string instruction or a system call that has done
// a part of its work. Tick does not count it. RIP is at it, and the other registers are as a fault on the way would leave
// them; memory has what has been done. Step finishes it, and Seek to Tick returns to its start. Only a canceled context or
// Config.MaxTicks stops a run there.
func (m *Machine) Unfinished() bool { return m.kernel.Unfinished() }

// Inside says inside what the machine is: "a repeated string instruction" or "system call NAME"; it is empty between two
// instructions.
func (m *Machine) Inside() string { return m.kernel.UnfinishedIn() }

// Where says where the machine is, as Event.Where does.
func (m *Machine) Where() string { return where(m.Tick(), m.Inside(), m.cpu.RIP) }

// Step runs one instruction of the thread whose turn it is, or the rest of an unfinished one.
func (m *Machine) Step() (Event, error) { return m.Run(context.Background(), m.Tick()+1) }

// Hash returns a digest of all that the guest could observe: registers, memory, kernel state. Inside an unfinished instruction
// it is refused, as two runs may stop there at different points of the same tick: all bytes are 0.
func (m *Machine) Hash() [32]byte {
	if m.Unfinished() {
		return [32]byte{}
	}
	h := digest.New()
	m.mem.HashTo(h)
	m.kernel.HashTo(h)
	return [32]byte(h.Sum(nil))
}

// ReadMemory fills b from addr whatever the permissions.
func (m *Machine) ReadMemory(b []byte, addr uint64) error {
	if !m.mem.Peek(b, addr) {
		return fmt.Errorf("memory at %#x: %d bytes are not all mapped", addr, len(b))
	}
	return nil
}

// start makes the process: its stack, its kernel and its first thread; and keeps the state at tick 0 for Seek.
func (m *Machine) start() error {
	m.kernel = linux.New(linux.Config{
		Mem: m.mem, CPU: m.cpu, CPUs: m.cfg.CPUs, Seed: m.cfg.Seed,
		Path: m.cfg.Path, Args: m.cfg.Args, Env: m.cfg.Env, Dir: m.cfg.Dir,
		Stdin: m.reader(m.cfg.Stdin), Stdout: m.writer("Stdout", m.cfg.Stdout), Stderr: m.writer("Stderr", m.cfg.Stderr),
		Files: m.cfg.Files, Mounts: mounts(m.cfg.Mounts), Program: m.cfg.Program,
	})
	if err := m.kernel.Err(); err != nil {
		return err
	}
	sp, layout, err := loader.BuildStack(m.mem, m.image, loader.StackSpec{
		Args: m.cfg.Args, Env: m.cfg.Env, Execfn: m.cfg.Path,
		Random: linux.AuxRandom(m.cfg.Seed),
		HWCap:  x86.FeaturesEDX,
		UID:    linux.UID, GID: linux.UID,
	})
	if err != nil {
		return err
	}
	m.layout = newStackLayout(layout)
	m.kernel.MaxTicks = m.cfg.MaxTicks
	m.kernel.SetBreak(m.image.End())
	m.kernel.Start(m.image.Entry, sp)
	m.checkpoints = checkpoints{every: m.cfg.CheckpointEvery}
	m.checkpoints.add(m.Snapshot())
	return nil
}

func mounts(in []Mount) []linux.Mount {
	out := make([]linux.Mount, len(in))
	for i, m := range in {
		out[i] = linux.Mount(m)
	}
	return out
}

// Run runs until the tick, the end of the program, a breakpoint, a watchpoint, the cancellation of ctx, or until
// Config.MaxTicks is spent. The instruction at which it starts is executed even if a breakpoint is set there. A cancellation
// takes effect within milliseconds, if need be inside an instruction: see Unfinished.
func (m *Machine) Run(ctx context.Context, until uint64) (ev Event, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = m.bug(p)
		}
	}()
	stop := func() bool { return ctx.Err() != nil || m.fault != nil }
	m.cpu.Pass()
	for {
		to := until
		if !m.Unfinished() {
			to = min(until, m.checkpoints.due(m.Tick()))
		} else if until > m.Tick() {
			to = m.Tick() + 1 // there is no checkpoint before its end
		}
		born := m.birth(m.Tick())
		if born != nil {
			to = min(to, born.tick)
		}
		s := m.kernel.Run(stop, to)
		if born != nil && m.Tick() == born.tick {
			m.load(born.state)
		}
		if err := m.takeFault(); err != nil {
			return m.event(s), err
		}
		if s.Reason == linux.StopTick && to < until {
			if m.checkpoints.due(m.Tick()) <= m.Tick() {
				m.checkpoints.add(m.Snapshot())
			}
			continue
		}
		return m.event(s), nil
	}
}

// event is s as the public face tells it.
func (m *Machine) event(s linux.Stop) Event {
	ev := Event{Tick: m.Tick(), TID: s.TID, PC: s.PC, Inside: m.Inside()}
	switch s.Reason {
	case linux.StopTick:
		ev.Kind = EventTick
	case linux.StopBreak:
		ev.Kind = EventBreakpoint
	case linux.StopWatch:
		ev.Kind = EventWatchpoint
		ev.Access = &Access{Addr: s.Hit.Addr, Size: s.Hit.Size, Write: s.Hit.Access == memory.AccessWrite,
			PC: s.Hit.PC, TID: s.Hit.TID, Syscall: s.Hit.Syscall}
	case linux.StopExit:
		ev.Kind = EventExit
	case linux.StopCanceled:
		ev.Kind = EventCanceled
	case linux.StopDeadlock:
		ev.Kind = EventDeadlock
	case linux.StopTurn:
		ev.Kind = EventTurn
	case linux.StopSyscall:
		ev.Kind = EventSyscall
	case linux.StopMaxTicks:
		ev.Kind = EventMaxTicks
	}
	return ev
}

// bug turns a panic of ours into an error that can be pasted into a report.
func (m *Machine) bug(p any) error {
	return fmt.Errorf("rt0 has a bug: at tick %d, pc %#x: %v; please report it with the program and this line\n%s",
		m.Tick(), m.cpu.RIP, p, debug.Stack())
}

// state is what a snapshot holds.
type state struct {
	mem    *memory.Snapshot
	kernel *linux.Kernel
	mu     *sync.Mutex // guards kernel: copying it changes it, and forks that share their past may do so at the same time
}

// save returns the state of everything.
func (m *Machine) save() state { return state{m.mem.Snapshot(), m.kernel.Clone(), new(sync.Mutex)} }

// load brings everything back to a saved state, which stays good.
func (m *Machine) load(s state) {
	host, out := m.kernel.Host, m.kernel.Outside()
	m.mem.Restore(s.mem)
	s.mu.Lock()
	m.kernel = s.kernel.Clone()
	s.mu.Unlock()
	m.kernel.Belong(host, out) // the past of a fork is another machine's
	m.kernel.Attach(m.mem, m.cpu)
}
