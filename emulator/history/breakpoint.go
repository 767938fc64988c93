package history

import (
	"context"
	"fmt"
	"slices"

	"github.com/rt0lab/rt0/emulator"
)

// A Breakpoint stops moves where a thread is about to execute one of its instructions.
type Breakpoint struct {
	ID int
	// Spec is what the breakpoint was set with: see Session.Resolve.
	Spec  string
	Addrs []uint64
	// Condition, if not nil, must hold for the breakpoint to stop a move.
	Condition *Condition
}

// Break sets a breakpoint at the places that spec names, with a condition unless that is "".
func (s *Session) Break(spec, condition string) (*Breakpoint, error) {
	addrs, err := s.Resolve(spec)
	if err != nil {
		return nil, err
	}
	b := &Breakpoint{Spec: spec, Addrs: addrs}
	if condition != "" {
		if b.Condition, err = ParseCondition(condition); err != nil {
			return nil, err
		}
	}
	s.lastID++
	b.ID = s.lastID
	s.breakpoints = append(s.breakpoints, b)
	return b, nil
}

// Breakpoints returns the breakpoints set, oldest first.
func (s *Session) Breakpoints() []*Breakpoint { return slices.Clone(s.breakpoints) }

// Watchpoints returns the watchpoints set, oldest first.
func (s *Session) Watchpoints() []*Watchpoint { return slices.Clone(s.watchpoints) }

// Delete removes the breakpoint or watchpoint of that number.
func (s *Session) Delete(id int) error {
	n := len(s.breakpoints) + len(s.watchpoints)
	s.breakpoints = slices.DeleteFunc(s.breakpoints, func(b *Breakpoint) bool { return b.ID == id })
	s.watchpoints = slices.DeleteFunc(s.watchpoints, func(w *Watchpoint) bool { return w.ID == id })
	if len(s.breakpoints)+len(s.watchpoints) == n {
		return fmt.Errorf("there is no breakpoint or watchpoint %d", id)
	}
	return nil
}

// Continue runs to the next breakpoint or watchpoint, or back to the previous one. A watchpoint ends a move forward behind
// the instruction that touched the memory, a move backward before it; so continuing in turns goes to and fro over it.
func (s *Session) Continue(ctx context.Context, dir Direction) (Stop, error) {
	return s.run(ctx, dir, s.points(dir, s.breakpoints, s.watchpoints))
}

// RunTo runs to the places that spec names, disregarding the breakpoints set.
func (s *Session) RunTo(ctx context.Context, dir Direction, spec string) (Stop, error) {
	addrs, err := s.Resolve(spec)
	if err != nil {
		return s.here(ReasonDone), err
	}
	return s.run(ctx, dir, s.points(dir, []*Breakpoint{{Spec: spec, Addrs: addrs}}, nil))
}

func (s *Session) run(ctx context.Context, dir Direction, q *quest) (Stop, error) {
	if dir == Backward {
		return s.backward(ctx, q)
	}
	return s.forward(ctx, q)
}

// points looks for breakpoints and watchpoints.
func (s *Session) points(dir Direction, breaks []*Breakpoint, watches []*Watchpoint) *quest {
	q := &quest{}
	at := map[uint64][]*Breakpoint{}
	for _, b := range breaks {
		for _, a := range b.Addrs {
			at[a] = append(at[a], b)
			q.breaks = append(q.breaks, a)
		}
	}
	var values []watched
	for _, w := range watches {
		q.watches = append(q.watches, emulator.Watch{Addr: w.Addr, Len: w.Len, Read: w.Read, Write: w.Write})
		values = append(values, watched{Watchpoint: w})
	}
	q.begin = func() error {
		for i := range values {
			values[i].update(s)
		}
		return nil
	}
	q.found = func(ev emulator.Event, hit func(Stop)) error {
		here := s.here(ReasonBreakpoint)
		if ev.Access != nil {
			if w := s.touched(values, ev.Access); w != nil {
				stop := here
				stop.Reason, stop.Watchpoint, stop.Access = ReasonWatchpoint, w, ev.Access
				if dir == Backward {
					stop.Tick--
				}
				hit(stop)
			}
		}
		if ev.Kind == emulator.EventExit {
			return nil
		}
		for _, b := range at[here.PC] {
			t := s.m.Current()
			ok, err := s.Holds(b.Condition, &t)
			if err != nil {
				return fmt.Errorf("breakpoint %d: %w", b.ID, err)
			}
			if ok {
				here.Breakpoint = b
				hit(here)
				break
			}
		}
		return nil
	}
	return q
}
