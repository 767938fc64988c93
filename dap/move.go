package dap

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator/history"
)

// A mover takes the machine somewhere.
type mover func(ctx context.Context) (history.Stop, error)

// A move is one that is under way, in a goroutine of its own.
type move struct {
	run    mover
	cancel context.CancelFunc
	ended  chan arrival
	// again says that the move can be begun anew where it was interrupted.
	again bool
	// finish tells the client how it ended.
	finish func(arrival)
}

// An arrival is how a move ended.
type arrival struct {
	stop history.Stop
	err  error
}

// start begins a move; finish is called when it has ended, unless it is abandoned.
func (s *session) start(run mover, again bool, finish func(arrival)) {
	ctx, cancel := context.WithCancel(s.ctx)
	m := &move{run: run, cancel: cancel, ended: make(chan arrival, 1), again: again, finish: finish}
	s.move = m
	go func() {
		var end arrival
		defer func() {
			if p := recover(); p != nil {
				end.err = fmt.Errorf("rt0 has a bug: %v", p)
			}
			m.ended <- end
		}()
		end.stop, end.err = run(ctx)
	}()
}

// moveEnded returns the channel on which the end of the move under way arrives; nil, which never delivers, if there is none.
func (s *session) moveEnded() <-chan arrival {
	if s.move == nil {
		return nil
	}
	return s.move.ended
}

// abandon stops the move under way, for good.
func (s *session) abandon() {
	if s.move != nil {
		s.move.cancel()
		<-s.move.ended
		s.move = nil
	}
}

// betweenMoves calls f while nobody moves the machine: a move under way is interrupted and taken up again.
func (s *session) betweenMoves(f func() error) error {
	m := s.move
	if m == nil {
		return f()
	}
	if !m.again {
		return errRunning
	}
	m.cancel()
	end := <-m.ended
	s.move = nil
	err := f()
	if errors.Is(end.err, context.Canceled) {
		s.start(m.run, true, m.finish)
	} else {
		m.finish(end)
	}
	return err
}

// goOn is the move to the next breakpoint.
func (s *session) goOn(dir history.Direction) mover {
	return func(ctx context.Context) (history.Stop, error) { return s.past.Continue(ctx, dir) }
}

// startMove begins the move that a request asks for.
func (s *session) startMove(m dap.RequestMessage) error {
	if !s.started {
		return errors.New("the configuration is not done yet")
	}
	run, again, err := s.mover(m)
	if err != nil {
		return err
	}
	switch r := m.(type) {
	case *dap.ContinueRequest:
		s.reply(r, &dap.ContinueResponse{Body: dap.ContinueResponseBody{AllThreadsContinued: true}})
	case *dap.ReverseContinueRequest:
		s.reply(r, &dap.ReverseContinueResponse{})
	case *dap.NextRequest:
		s.reply(r, &dap.NextResponse{})
	case *dap.StepInRequest:
		s.reply(r, &dap.StepInResponse{})
	case *dap.StepOutRequest:
		s.reply(r, &dap.StepOutResponse{})
	case *dap.StepBackRequest:
		s.reply(r, &dap.StepBackResponse{})
	}
	s.start(run, again, s.arrived)
	return nil
}

// mover returns the move that a request asks for, and whether it can be interrupted and begun anew.
func (s *session) mover(m dap.RequestMessage) (run mover, again bool, err error) {
	type step func(ctx context.Context, tid int) (history.Stop, error)
	of := func(thread int, do step) (mover, bool, error) {
		tid, err := s.tidOf(thread)
		return func(ctx context.Context) (history.Stop, error) { return do(ctx, tid) }, false, err
	}
	const instruction = "instruction"
	p := s.past
	switch r := m.(type) {
	case *dap.ContinueRequest:
		return s.goOn(history.Forward), true, nil
	case *dap.ReverseContinueRequest:
		return s.goOn(history.Backward), true, nil
	case *dap.NextRequest:
		return of(r.Arguments.ThreadId, func(ctx context.Context, tid int) (history.Stop, error) {
			if r.Arguments.Granularity == instruction {
				return p.StepOver(ctx, history.Forward, tid)
			}
			return p.StepLine(ctx, history.Forward, tid, false)
		})
	case *dap.StepInRequest:
		return of(r.Arguments.ThreadId, func(ctx context.Context, tid int) (history.Stop, error) {
			if r.Arguments.Granularity == instruction {
				return p.StepInstruction(ctx, history.Forward, tid)
			}
			return p.StepLine(ctx, history.Forward, tid, true)
		})
	case *dap.StepOutRequest:
		return of(r.Arguments.ThreadId, func(ctx context.Context, tid int) (history.Stop, error) {
			return p.StepOut(ctx, history.Forward, tid)
		})
	case *dap.StepBackRequest:
		return of(r.Arguments.ThreadId, func(ctx context.Context, tid int) (history.Stop, error) {
			if r.Arguments.Granularity == instruction {
				return p.StepOver(ctx, history.Backward, tid)
			}
			return p.StepLine(ctx, history.Backward, tid, false)
		})
	}
	return nil, false, fmt.Errorf("%s is no move", m.GetRequest().Command)
}

// finishMove takes note that the move under way has ended.
func (s *session) finishMove(end arrival) {
	m := s.move
	m.cancel()
	s.move = nil
	m.finish(end)
}

// arrived tells the client where a move has ended.
func (s *session) arrived(end arrival) {
	stop := end.stop
	switch {
	case errors.Is(end.err, context.Canceled):
		inside := ""
		if stop.Inside != "" {
			inside = "inside " + stop.Inside + "; a step by instruction finishes it"
		}
		s.stopped("pause", inside, stop)
	case end.err != nil:
		s.console("stderr", "rt0: "+end.err.Error()+"\n")
		s.stopped("exception", end.err.Error(), stop)
	case stop.Reason == history.ReasonExit || exited(s.past.Machine()):
		s.ended(stop)
	case stop.Reason == history.ReasonDeadlock:
		s.stopped("exception", "every thread waits for what can never come", stop)
	case stop.Reason == history.ReasonMaxTicks:
		s.stopped("exception", "the limit of ticks is reached", stop)
	case stop.Reason == history.ReasonStart:
		s.stopped("entry", "the beginning of the run", stop)
	case stop.Reason == history.ReasonBreakpoint && stop.Breakpoint != nil:
		s.stopped(s.points.reason(stop.Breakpoint.ID), "", stop)
	case stop.Reason == history.ReasonWatchpoint && stop.Watchpoint != nil:
		s.stopped("data breakpoint", s.touched(stop), stop)
	default:
		s.stopped("step", "", stop)
	}
}

// touched says what an access did to a watchpoint's memory.
func (s *session) touched(stop history.Stop) string {
	verb := "read"
	if stop.Access.Write {
		verb = "written"
	}
	by := "an instruction"
	if stop.Access.Syscall {
		by = "a system call"
	}
	return fmt.Sprintf("%s: %s by %s at %#x", stop.Watchpoint.Expr, verb, by, stop.Access.PC)
}

// stopped tells the client that the machine rests.
func (s *session) stopped(reason, description string, stop history.Stop) {
	s.frames, s.containers = nil, nil
	s.threads = s.findThreads()
	body := dap.StoppedEventBody{Reason: reason, Description: description, Text: description, AllThreadsStopped: true, ThreadId: s.threadOf(stop.TID)}
	switch {
	case stop.Breakpoint != nil:
		body.HitBreakpointIds = []int{stop.Breakpoint.ID}
	case stop.Watchpoint != nil:
		body.HitBreakpointIds = []int{stop.Watchpoint.ID}
	}
	s.send(&dap.StoppedEvent{Event: event("stopped"), Body: body})
}
