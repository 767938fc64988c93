package gdbserver

import (
	"context"
	"fmt"
	"math"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
)

// A Past is the Debuggee that a history session moves. Steps forward, of which clients make thousands, go to the machine
// directly; all else is a move of the session.
type Past struct {
	*emulator.Machine
	session     *history.Session
	breakpoints []uint64
	watches     []emulator.Watch
	// armed says that the machine stops at the points. A move of the session takes them out.
	armed bool
}

// NewPast returns the debuggee of the session. Breakpoints and watchpoints that the session has are replaced by those of
// the clients.
func NewPast(s *history.Session) *Past { return &Past{Machine: s.Machine(), session: s} }

// SetPoints replaces all breakpoints and watchpoints.
func (p *Past) SetPoints(breakpoints []uint64, watches []emulator.Watch) error {
	p.breakpoints, p.watches, p.armed = breakpoints, watches, false
	for _, b := range p.session.Breakpoints() {
		p.session.Delete(b.ID)
	}
	for _, w := range p.session.Watchpoints() {
		p.session.Delete(w.ID)
	}
	for _, addr := range breakpoints {
		if _, err := p.session.Break(fmt.Sprintf("*%#x", addr), ""); err != nil {
			return err
		}
	}
	for _, w := range watches {
		kind := history.OnAccess
		switch {
		case !w.Read:
			kind = history.OnWrite
		case !w.Write:
			kind = history.OnRead
		}
		if _, err := p.session.Watch(fmt.Sprintf("%#x:%d", w.Addr, w.Len), kind); err != nil {
			return err
		}
	}
	return nil
}

func (p *Past) arm() {
	if !p.armed {
		p.SetBreakpoints(p.breakpoints)
		p.SetWatchpoints(p.watches)
		p.armed = true
	}
}

// Seek goes to the tick, forwards or backwards, and stops at the end of the process.
func (p *Past) Seek(ctx context.Context, tick uint64) error {
	p.armed = false
	_, err := p.session.RunToTick(ctx, tick)
	return err
}

// Step goes on until the thread has retired one instruction.
func (p *Past) Step(ctx context.Context, tid int) (emulator.Event, error) {
	p.arm()
	if p.Current().TID != tid {
		if ev, err := p.awaitTurn(ctx, tid); err != nil || ev.Kind != emulator.EventTurn {
			return ev, err
		}
	}
	ev, err := p.Run(ctx, p.Tick()+1)
	if ev.Kind == emulator.EventBreakpoint {
		ev.Kind = emulator.EventTick // the step is done, whatever it has come to
	}
	return ev, err
}

// awaitTurn goes on until it is the thread's turn, which is an EventTurn, or something else stops the program.
func (p *Past) awaitTurn(ctx context.Context, tid int) (emulator.Event, error) {
	p.SetStops(emulator.Stops{Turns: true})
	defer p.SetStops(emulator.Stops{})
	for {
		ev, err := p.Run(ctx, math.MaxUint64)
		if err != nil || ev.Kind != emulator.EventTurn || p.Current().TID == tid {
			return ev, err
		}
	}
}

// Continue goes on until something stops it.
func (p *Past) Continue(ctx context.Context) (emulator.Event, error) {
	p.arm()
	return p.Run(ctx, math.MaxUint64)
}

// StepBack goes back to before the thread's last instruction.
func (p *Past) StepBack(ctx context.Context, tid int) (emulator.Event, error) {
	p.armed = false
	return event(p.session.StepInstruction(ctx, history.Backward, tid))
}

// ContinueBack goes back until something stops it.
func (p *Past) ContinueBack(ctx context.Context) (emulator.Event, error) {
	p.armed = false
	return event(p.session.Continue(ctx, history.Backward))
}

// event turns the end of a session's move backward into an event.
func event(s history.Stop, err error) (emulator.Event, error) {
	ev := emulator.Event{Tick: s.Tick, TID: s.TID, PC: s.PC, Inside: s.Inside, Access: s.Access}
	switch s.Reason {
	case history.ReasonBreakpoint:
		ev.Kind = emulator.EventBreakpoint
	case history.ReasonWatchpoint:
		ev.Kind = emulator.EventWatchpoint
	case history.ReasonCanceled:
		ev.Kind, err = emulator.EventCanceled, nil
	}
	return ev, err
}
