package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// A Direction is that of a move.
type Direction int8

// The two directions.
const (
	Forward Direction = iota
	Backward
)

func (d Direction) String() string { return [...]string{"forward", "backward"}[d] }

// A Session is a machine, what is known of its program, and the breakpoints and watchpoints set. Like the machine it is
// not safe for concurrent use. While a move runs the machine's breakpoints and watchpoints are the session's.
type Session struct {
	m *emulator.Machine
	// Table names places of the code. It may be nil: then addresses are all there is.
	Table *symbols.Table
	// Runtime evaluates expressions such as sched.pidle. It may be nil.
	Runtime *goruntime.Runtime
	// Progress, if not nil, is told now and then during a long move which tick the machine has reached.
	Progress func(tick uint64)

	near        near
	breakpoints []*Breakpoint
	watchpoints []*Watchpoint
	lastID      int

	offsets map[string]uint64 // of fields: see offset
}

// New returns a session at the machine's present that knows the program's symbols. A program whose symbols cannot be read
// has none.
func New(m *emulator.Machine) *Session {
	s := &Session{m: m}
	table, err := symbols.Open(m.Config().Program)
	if err != nil {
		return s
	}
	if m.ToStart(context.Background()) != nil {
		return s
	}
	now := m.Snapshot()
	m.Restore(m.Checkpoint(0))
	table.Relocate(m.Current().Registers.RIP - table.Entry())
	m.Restore(now)
	s.Table, s.Runtime = table, goruntime.New(table, m)
	return s
}

// Machine returns the machine. Between moves the caller may run, seek and restore it as it likes.
func (s *Session) Machine() *emulator.Machine { return s.m }

// Tick returns the present.
func (s *Session) Tick() uint64 { return s.m.Tick() }

// A Reason says why a move ended.
type Reason uint8

// The reasons for which moves end.
const (
	// ReasonDone: the move did what was asked.
	ReasonDone Reason = iota
	// ReasonBreakpoint: the thread is about to execute the instruction at a breakpoint.
	ReasonBreakpoint
	// ReasonWatchpoint: going forward, the instruction just retired touched watched memory; going backward, the
	// instruction about to be executed does.
	ReasonWatchpoint
	// ReasonExit: the process has ended.
	ReasonExit
	// ReasonDeadlock: every thread waits and nothing can wake one.
	ReasonDeadlock
	// ReasonStart: the move went back to tick 0 and found nothing.
	ReasonStart
	// ReasonCanceled: the context was canceled. A move forward ends where it got to; a move backward ends where it began.
	ReasonCanceled
	// ReasonMaxTicks: the machine's MaxTicks are spent.
	ReasonMaxTicks
)

func (r Reason) String() string {
	return [...]string{"done", "breakpoint", "watchpoint", "exit", "deadlock", "start", "canceled", "max-ticks"}[r]
}

// A Stop is where and why a move ended.
type Stop struct {
	Reason Reason
	Tick   uint64
	// TID and PC are the thread concerned and its next instruction.
	TID int
	PC  uint64
	// Inside says inside what instruction a canceled move ended, as Machine.Inside does; StepInstruction finishes it.
	Inside string
	// Breakpoint is the breakpoint that was hit, Watchpoint the watchpoint, with the Access that hit it.
	Breakpoint *Breakpoint
	Watchpoint *Watchpoint
	Access     *emulator.Access
}

// ErrNoThread reports a thread that does not exist now.
var ErrNoThread = errors.New("no such thread")

// Thread returns the thread tid as it is now; 0 is the thread whose turn it is.
func (s *Session) Thread(tid int) (emulator.Thread, error) {
	cur := s.m.Current()
	if tid == 0 || tid == cur.TID {
		return cur, nil
	}
	for _, t := range s.m.Threads() {
		if t.TID == tid {
			return t, nil
		}
	}
	return emulator.Thread{}, fmt.Errorf("thread %d at tick %d: %w", tid, s.m.Tick(), ErrNoThread)
}

// here describes the present as the end of a move.
func (s *Session) here(why Reason) Stop {
	cur := s.m.Current()
	return Stop{Reason: why, Tick: s.m.Tick(), TID: cur.TID, PC: cur.Registers.RIP, Inside: s.m.Inside()}
}

// RunToTick goes to the tick, in whichever direction it lies. It ends earlier where the process does.
func (s *Session) RunToTick(ctx context.Context, tick uint64) (Stop, error) {
	if tick == s.m.Tick() {
		err := s.m.ToStart(ctx)
		return s.here(ReasonDone), err
	}
	if tick < s.m.Tick() {
		if err := s.back(ctx, tick); err != nil {
			return s.here(ReasonCanceled), err
		}
		return s.here(ReasonDone), nil
	}
	return s.forward(ctx, &quest{limit: tick})
}
