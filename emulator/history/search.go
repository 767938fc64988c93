package history

import (
	"context"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
)

// slice is how many ticks a search runs before it reports progress: a tenth of a second or so.
const slice = 20_000_000

// A quest is what a move looks for. The zero quest finds nothing and ends at its limit.
type quest struct {
	// breaks, watches and stops are what the machine must stop for.
	breaks  []uint64
	watches []emulator.Watch
	stops   emulator.Stops
	// begin, if not nil, is called before each uninterrupted run forward: at the start of a move forward, and at the start
	// of each stretch that a move backward goes through. What found remembers does not outlive it.
	begin func() error
	// found, if not nil, judges the machine as it stands after it has stopped with ev, and calls hit for each place that
	// has been reached, earlier ticks first, saying how the move would end there. It must not move the machine.
	found func(ev emulator.Event, hit func(Stop)) error
	// limit is the last tick of a move forward, 0 for none.
	limit uint64
}

func (s *Session) arm(q *quest) {
	s.m.SetBreakpoints(q.breaks)
	s.m.SetWatchpoints(q.watches)
	s.m.SetStops(q.stops)
}

// disarm leaves the machine without any stop, as a move finds it.
func (s *Session) disarm() { s.arm(&quest{}) }

// forward runs to the next place that q finds, strictly after the present.
func (s *Session) forward(ctx context.Context, q *quest) (Stop, error) {
	s.arm(q)
	stop, err := s.ahead(ctx, q)
	s.disarm()
	if err != nil || stop.Reason == ReasonCanceled || stop.Reason == ReasonMaxTicks {
		return stop, err
	}
	// A watchpoint or a system call may have stopped the machine before the kernel had done all that happens at this
	// tick, such as to give the turn to another thread.
	if _, err := s.m.Run(context.Background(), stop.Tick); err != nil {
		return stop, err
	}
	here := s.here(stop.Reason)
	stop.TID, stop.PC = here.TID, here.PC
	return stop, nil
}

// ahead is forward, with the machine armed for q and left as it stopped.
func (s *Session) ahead(ctx context.Context, q *quest) (Stop, error) {
	if q.begin != nil {
		if err := q.begin(); err != nil {
			return s.here(ReasonDone), err
		}
	}
	limit := ^uint64(0)
	if q.limit != 0 {
		limit = q.limit
	}
	for {
		until := min(limit, s.m.Tick()+slice)
		ev, err := s.m.Run(ctx, until)
		if err != nil {
			return s.here(ReasonDone), fmt.Errorf("run forward: %w", err)
		}
		if stop, ok, err := q.first(ev); ok || err != nil {
			return stop, err
		}
		switch ev.Kind {
		case emulator.EventExit:
			return s.here(ReasonExit), nil
		case emulator.EventDeadlock:
			return s.here(ReasonDeadlock), nil
		case emulator.EventMaxTicks:
			return s.here(ReasonMaxTicks), nil
		case emulator.EventCanceled:
			return s.here(ReasonCanceled), context.Cause(ctx)
		case emulator.EventTick:
			if ev.Tick >= limit {
				return s.here(ReasonDone), nil
			}
			s.progress()
		}
	}
}

// first returns the first place that has been reached with ev.
func (q *quest) first(ev emulator.Event) (first Stop, ok bool, err error) {
	if q.found != nil {
		err = q.found(ev, func(stop Stop) {
			if !ok {
				first, ok = stop, true
			}
		})
	}
	return first, ok, err
}

// backward goes to the last place that q finds strictly before the present, or to tick 0 if there is none.
func (s *Session) backward(ctx context.Context, q *quest) (Stop, error) {
	if err := s.m.ToStart(ctx); err != nil {
		return s.here(ReasonCanceled), err
	}
	start := s.m.Snapshot()
	s.arm(q)
	defer s.disarm()
	stop, ok, err := s.last(ctx, q)
	if err == nil {
		err = s.back(ctx, stop.Tick)
	}
	if err != nil {
		s.m.Restore(start)
		why := ReasonDone
		if ctx.Err() != nil {
			why = ReasonCanceled
		}
		return s.here(why), err
	}
	here := s.here(stop.Reason)
	if !ok {
		here.Reason = ReasonStart
	}
	stop.Reason, stop.Tick, stop.TID, stop.PC = here.Reason, here.Tick, here.TID, here.PC
	return stop, nil
}

// last finds the last place before the present; without one it returns the zero Stop and false. The machine must be armed
// for q, and is left anywhere.
func (s *Session) last(ctx context.Context, q *quest) (Stop, bool, error) {
	now := s.m.Tick()
	for end := now; end > 0; {
		from := s.rewind(end - 1)
		stop, ok, err := s.lastWithin(ctx, q, end, now)
		if ok || err != nil {
			return stop, ok, err
		}
		end = from
	}
	return Stop{}, false, nil
}

// lastWithin runs from here to the tick end and returns the last place on the way that lies before now.
func (s *Session) lastWithin(ctx context.Context, q *quest, end, now uint64) (last Stop, found bool, err error) {
	note := func(ev emulator.Event) error {
		return q.found(ev, func(stop Stop) {
			if stop.Tick < now {
				last, found = stop, true
			}
		})
	}
	if q.begin != nil {
		if err := q.begin(); err != nil {
			return Stop{}, false, err
		}
	}
	for first := true; s.m.Tick() < end; first = false {
		if cur := s.m.Current(); first && q.breaksAt(cur.Registers.RIP) {
			// The machine passes a breakpoint at which it is started.
			ev := emulator.Event{Kind: emulator.EventBreakpoint, Tick: s.m.Tick(), TID: cur.TID, PC: cur.Registers.RIP}
			if err := note(ev); err != nil {
				return Stop{}, false, err
			}
		}
		ev, err := s.m.Run(ctx, min(end, s.m.Tick()+slice))
		if err != nil {
			return Stop{}, false, fmt.Errorf("run forward again: %w", err)
		}
		if ev.Kind == emulator.EventCanceled {
			return Stop{}, false, context.Cause(ctx)
		}
		if err := note(ev); err != nil {
			return Stop{}, false, err
		}
		if ev.Kind == emulator.EventExit || ev.Kind == emulator.EventDeadlock || ev.Kind == emulator.EventMaxTicks {
			break
		}
		s.progress()
	}
	return last, found, nil
}

func (q *quest) breaksAt(pc uint64) bool {
	for _, a := range q.breaks {
		if a == pc {
			return true
		}
	}
	return false
}
