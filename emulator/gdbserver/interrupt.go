package gdbserver

import (
	"context"
	"time"
)

// interruptible makes a move that may take long, canceling its context when the client sends the interrupt byte or goes
// away.
func (c *session) interruptible(ctx context.Context, move func(context.Context) (stop, error)) (stop, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c.awaitInterrupt() {
			cancel()
		}
	}()
	s, err := move(ctx)
	// End the read that the other goroutine waits in: any moment of the past will do.
	c.conn.SetReadDeadline(time.Unix(1, 0))
	<-done
	c.conn.SetReadDeadline(time.Time{})
	return s, err
}

// awaitInterrupt waits for the interrupt byte, which it consumes, or for the end of the stream; it returns false at the
// read deadline and when a packet begins, which is left unread.
func (c *session) awaitInterrupt() bool {
	for {
		b, err := c.wire.r.Peek(1)
		if err != nil {
			timeout, ok := err.(interface{ Timeout() bool })
			return !ok || !timeout.Timeout()
		}
		if b[0] == '$' {
			return false
		}
		c.wire.r.Discard(1)
		if b[0] == interruptByte {
			return true
		}
	}
}
