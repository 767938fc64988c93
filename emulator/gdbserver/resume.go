package gdbserver

import (
	"bytes"
	"context"
	"errors"

	"github.com/rt0lab/rt0/emulator"
)

// A move is what a resuming packet asks for.
type move struct {
	// step asks for one instruction of thread tid, or, when there is a range, for as many as leave it.
	step bool
	tid  int
	// low and high are the range of addresses [low, high) to leave; empty for a single instruction.
	low, high uint64
}

var errAddress = errors.New("execution cannot continue at another address: the past cannot be edited")

// resume carries out c, s, C and S.
func (c *session) resume(ctx context.Context, dst, packet []byte) ([]byte, error) {
	args := packet[1:]
	if packet[0] == 'C' || packet[0] == 'S' {
		signal, rest, hasAddr := bytes.Cut(args, []byte{';'})
		if _, ok := parseHex(signal); !ok {
			return dst, errMalformed
		}
		if args = rest; hasAddr && len(args) == 0 {
			return dst, errMalformed
		}
	}
	if len(args) > 0 {
		return dst, errAddress
	}
	m := move{step: packet[0] == 's' || packet[0] == 'S', tid: int(c.resumed)}
	return c.forward(ctx, dst, m)
}

// resumeThreads carries out vCont;ACTION[:THREAD]…. The threads of the machine take turns as its history has it, whatever
// a client wants to run or to hold, so of all actions the first that steps decides what to wait for.
func (c *session) resumeThreads(ctx context.Context, dst, actions []byte) ([]byte, error) {
	if len(actions) == 0 || actions[0] != ';' {
		return dst, errMalformed
	}
	var m move
	for action := range bytes.SplitSeq(actions[1:], []byte{';'}) {
		what, thread, named := bytes.Cut(action, []byte{':'})
		id := allThreads
		if named {
			var err error
			if id, err = parseThreadID(thread, c.pid); err != nil {
				return dst, err
			}
		}
		one, err := parseAction(what)
		if err != nil {
			return dst, err
		}
		if one.step && !m.step {
			m, m.tid = one, int(id)
		}
	}
	return c.forward(ctx, dst, m)
}

// parseAction reads the action of one thread. Signals to deliver (C, S) are left out: the program's own are part of its
// history and no others can be added.
func parseAction(what []byte) (move, error) {
	if len(what) == 0 {
		return move{}, errMalformed
	}
	args := what[1:]
	switch what[0] {
	case 'c', 't':
		if len(args) == 0 {
			return move{}, nil
		}
	case 's':
		if len(args) == 0 {
			return move{step: true}, nil
		}
	case 'C', 'S':
		if _, ok := parseHex(args); ok {
			return move{step: what[0] == 'S'}, nil
		}
	case 'r':
		if low, high, ok := parsePair(args); ok {
			return move{step: true, low: low, high: high}, nil
		}
	}
	return move{}, errMalformed
}

// forward makes the move and appends the stop reply.
func (c *session) forward(ctx context.Context, dst []byte, m move) ([]byte, error) {
	if !m.step {
		return c.finish(dst, func() (stop, error) { return c.interruptible(ctx, c.proceed) })
	}
	t, err := c.thread(threadID(m.tid))
	if err != nil {
		return dst, err
	}
	m.tid = t.TID
	return c.finish(dst, func() (stop, error) {
		// The usual step is the current thread's and is done before anybody could interrupt it.
		if m.low == m.high && c.debuggee.Current().TID == m.tid {
			s, _, err := c.stepOnce(ctx, m)
			return s, err
		}
		return c.interruptible(ctx, func(ctx context.Context) (stop, error) {
			for ctx.Err() == nil {
				if s, done, err := c.stepOnce(ctx, m); done || err != nil {
					return s, err
				}
			}
			return stop{reason: stopInterrupt, tid: m.tid}, nil
		})
	})
}

// finish makes a move and appends the reply that tells how it ended.
func (c *session) finish(dst []byte, move func() (stop, error)) ([]byte, error) {
	if err := c.applyPoints(); err != nil {
		return dst, err
	}
	if c.view != (viewpoint{}) {
		c.view = viewpoint{}
		return dst, errAddress
	}
	c.from = c.debuggee.Tick()
	s, err := move()
	if err != nil {
		return dst, err
	}
	c.stoppedAt(s)
	return c.appendStop(dst, s), nil
}

// stepOnce makes the thread retire one instruction and says whether the move is done.
func (c *session) stepOnce(ctx context.Context, m move) (s stop, done bool, err error) {
	ev, err := c.debuggee.Step(ctx, m.tid)
	if err != nil {
		return stop{}, false, err
	}
	if ev.Kind != emulator.EventTick {
		s, err := c.eventStop(ctx, ev)
		return s, true, err
	}
	t, err := c.thread(threadID(m.tid))
	if err != nil { // the thread's last instruction was its exit
		return stop{reason: stopStep, tid: c.debuggee.Current().TID}, true, nil
	}
	if pc := t.Registers.RIP; m.low <= pc && pc < m.high {
		if _, hit := c.stops.breakpointAt(pc); !hit {
			return stop{}, false, nil
		}
	}
	return stop{reason: stopStep, tid: m.tid}, true, nil
}

// proceed runs until something stops the program.
func (c *session) proceed(ctx context.Context) (stop, error) {
	ev, err := c.debuggee.Continue(ctx)
	if err != nil {
		return stop{}, err
	}
	return c.eventStop(ctx, ev)
}

// eventStop turns the event that ended a move into a stop.
func (c *session) eventStop(ctx context.Context, ev emulator.Event) (stop, error) {
	s := stop{reason: stopStep, tid: ev.TID}
	switch ev.Kind {
	case emulator.EventBreakpoint:
		s.reason = stopSoftwareBreakpoint
		if p, ok := c.stops.breakpointAt(ev.PC); ok && p.kind == hardwareBreakpoint {
			s.reason = stopHardwareBreakpoint
		}
	case emulator.EventWatchpoint:
		if p, addr, ok := c.stops.watchFor(ev.Access); ok {
			s = stop{reason: stopWatchpoint, tid: ev.Access.TID, watch: p, addr: addr}
		}
	case emulator.EventCanceled:
		s = stop{reason: stopInterrupt, tid: c.debuggee.Current().TID}
		if ev.Inside != "" {
			return s, c.say("Stopped inside " + ev.Inside + "; stepi finishes it.\n")
		}
	case emulator.EventMaxTicks:
		s.reason = stopEnd
		return s, c.say("The limit of ticks is reached. Go back from here.\n")
	case emulator.EventDeadlock:
		s.reason = stopEnd
		return s, c.say("Every thread waits, and nothing will ever wake one. Go back from here.\n")
	case emulator.EventExit:
		return c.atExit(ctx)
	}
	return s, nil
}
