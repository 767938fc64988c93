package gdbserver

import (
	"context"
	"fmt"
)

// atExit is called when the process has ended. A client that hears of the end drops everything it knows of the program
// and can no longer go back, so the first time the end is reached it is told of a stop: before the exit (replaylog:end), or
// where a signal kills (that signal). Only a client that goes on from there hears of the end.
func (c *session) atExit(ctx context.Context) (stop, error) {
	status, _ := c.debuggee.Exited()
	if c.end.known && c.end.tick == c.from {
		return stop{reason: stopExit, status: status}, nil
	}
	s := stop{reason: stopSignal, tid: c.debuggee.Current().TID, status: status}
	if status.Signal == 0 || s.tid == 0 {
		if err := c.leaveEnd(context.WithoutCancel(ctx)); err != nil { // a short way, and no place to be left at
			return stop{}, err
		}
		s = stop{reason: stopEnd, tid: c.debuggee.Current().TID}
	}
	c.end.tick, c.end.known = c.debuggee.Tick(), true
	return s, c.say(fmt.Sprintf("The program ends here: %s. Go back, or continue to end it.\n", status))
}

// leaveEnd goes back to the last tick at which the process lives, if it has ended.
func (c *session) leaveEnd(ctx context.Context) error {
	for tick := c.debuggee.Tick(); tick > 0; tick-- {
		if _, exited := c.debuggee.Exited(); !exited {
			break
		}
		if err := c.debuggee.Seek(ctx, tick-1); err != nil {
			return err
		}
	}
	return nil
}
