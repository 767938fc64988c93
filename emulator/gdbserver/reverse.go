package gdbserver

import (
	"context"

	"github.com/rt0lab/rt0/emulator"
)

// reverse carries out bs (one instruction back) and bc (back to the last breakpoint or watchpoint). Both concern the
// thread of Hc, or the selected one.
func (c *session) reverse(ctx context.Context, dst, packet []byte) ([]byte, error) {
	switch string(packet) {
	case "bs":
		t, err := c.thread(c.resumed)
		if err != nil {
			return dst, err
		}
		return c.finish(dst, func() (stop, error) { return c.interruptible(ctx, c.back(t.TID)) })
	case "bc":
		return c.finish(dst, func() (stop, error) { return c.interruptible(ctx, c.retreat) })
	}
	return dst, nil
}

// back returns the move to before the thread's last instruction.
func (c *session) back(tid int) func(context.Context) (stop, error) {
	return func(ctx context.Context) (stop, error) {
		if c.debuggee.Tick() == 0 {
			return c.atBegin(), nil
		}
		ev, err := c.debuggee.StepBack(ctx, tid)
		if err != nil {
			return stop{}, err
		}
		return c.eventStop(ctx, ev)
	}
}

// retreat goes back until something stops the program.
func (c *session) retreat(ctx context.Context) (stop, error) {
	ev, err := c.debuggee.ContinueBack(ctx)
	switch {
	case err != nil:
		return stop{}, err
	case ev.Kind == emulator.EventTick:
		return c.atBegin(), nil
	}
	return c.eventStop(ctx, ev)
}

func (c *session) atBegin() stop {
	return stop{reason: stopBegin, tid: c.debuggee.Current().TID}
}
