package zeromq

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// A publisher keeps what its subscribers have not read yet in a queue without end, and does not say how long that is. So one
// subscriber is our own, a meter: messages go to the subscribers one after the other, and what has reached the meter has left
// the queue up to the message before. Whoever publishes a lot waits while the queue is long.
type meter struct {
	sub zmq4.Socket
	log *log.Logger

	mu      sync.Mutex
	queued  int           // bytes in the queue
	moved   chan struct{} // closed, and made anew, when the queue gets shorter
	stalled bool          // somebody does not read, and we no longer wait
	dropped int           // messages since then
}

const (
	// longQueue is how many bytes may be in the queue before publishing waits.
	longQueue = 4 << 20
	// fullQueue is how many may be there when a subscriber does not read at all; then output is dropped.
	fullQueue = 64 << 20
	// smallMessage never waits: the busy and idle of an interrupt must overtake a flood.
	smallMessage = 1 << 10
	// stalledAfter is how long nothing may move.
	stalledAfter = 5 * time.Second
)

// newMeter subscribes to pub, which does not listen yet. It returns nil if that does not work: then nobody waits.
func newMeter(ctx context.Context, pub zmq4.Socket, logger *log.Logger) *meter {
	m := &meter{sub: zmq4.NewSub(ctx, zmq4.WithLogger(log.New(io.Discard, "", 0))), log: logger, moved: make(chan struct{})}
	address := fmt.Sprintf("rt0pipe%d://", registered.Add(1))
	err := zmq4.RegisterTransport(strings.TrimSuffix(address, "://"), &pipeTransport{make(chan net.Conn, 1)})
	if err == nil {
		err = m.sub.SetOption(zmq4.OptionSubscribe, "")
	}
	if err == nil {
		err = m.sub.Listen(address)
	}
	if err == nil {
		err = pub.Dial(address)
	}
	if err != nil {
		logger.Printf("iopub: the length of its queue is not known: %v", err)
		m.sub.Close()
		return nil
	}
	return m
}

// read counts what has left the queue, up to the end of the socket.
func (m *meter) read(ctx context.Context) {
	for {
		msg, err := m.sub.Recv()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			continue
		}
		m.mu.Lock()
		m.queued = max(0, m.queued-length(msg.Frames))
		close(m.moved)
		m.moved = make(chan struct{})
		if m.stalled && m.queued < longQueue {
			m.log.Printf("iopub: the client reads again; %d messages were dropped", m.dropped)
			m.stalled, m.dropped = false, 0
		}
		m.mu.Unlock()
	}
}

func length(frames [][]byte) (n int) {
	for _, f := range frames {
		n += len(f)
	}
	return n
}

// admit waits until there is room for a message, and says whether it may be sent.
func (m *meter) admit(ctx context.Context, frames [][]byte) bool {
	n := length(frames)
	m.mu.Lock()
	defer m.mu.Unlock()
	for n > smallMessage && m.queued > longQueue && !m.stalled {
		moved := m.moved
		m.mu.Unlock()
		timer := time.NewTimer(stalledAfter)
		late := false
		select {
		case <-moved:
		case <-ctx.Done():
		case <-timer.C:
			late = true
		}
		timer.Stop()
		m.mu.Lock()
		if ctx.Err() != nil {
			return false
		}
		if late && !m.stalled {
			m.stalled = true
			m.log.Printf("iopub: a client has read nothing for %v; more than %d MiB of output will be dropped", stalledAfter, fullQueue>>20)
		}
	}
	if n > smallMessage && m.stalled && m.queued > fullQueue {
		m.dropped++
		return false
	}
	m.queued += n
	return true
}
