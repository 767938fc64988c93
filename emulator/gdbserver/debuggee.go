package gdbserver

import (
	"context"

	"github.com/rt0lab/rt0/emulator"
)

// A Debuggee is the program that the server shows: a machine, and moves through its history.
//
// A move ends with an event: EventTick when it did what was asked, EventBreakpoint, EventWatchpoint, EventExit,
// EventDeadlock or EventCanceled when something else came first. Moves backward end at tick 0 with EventTick when nothing
// stops them before, and rest before the instruction that a watchpoint is about; its Access is set in both directions.
type Debuggee interface {
	emulator.Memory
	// Config returns what the machine was made from.
	Config() emulator.Config
	// Layout says where the parts of the first stack lie.
	Layout() emulator.StackLayout
	// Tick returns the number of instructions retired so far by all threads.
	Tick() uint64
	// Current returns the thread whose turn it is.
	Current() emulator.Thread
	// Threads returns all threads that have not exited, by TID.
	Threads() []emulator.Thread
	// Exited says whether and how the process has ended.
	Exited() (emulator.ExitStatus, bool)

	// SetPoints replaces all breakpoints and watchpoints, or none of them if it returns an error.
	SetPoints(breakpoints []uint64, watches []emulator.Watch) error
	// Seek goes to the tick, forwards or backwards, and stops at the end of the process.
	Seek(ctx context.Context, tick uint64) error
	// Step goes on until the thread has retired one instruction, StepBack goes back to before its last one. In both the
	// other threads have the turns that they have in history.
	Step(ctx context.Context, tid int) (emulator.Event, error)
	StepBack(ctx context.Context, tid int) (emulator.Event, error)
	// Continue goes on until something stops it. A breakpoint where the program rests does not. ContinueBack is the same
	// backward.
	Continue(ctx context.Context) (emulator.Event, error)
	ContinueBack(ctx context.Context) (emulator.Event, error)
}
