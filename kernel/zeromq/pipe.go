package zeromq

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4/transport"
)

// registered counts the transports that are for one socket: the library never forgets one.
var registered atomic.Int64

// A pipeTransport connects two sockets of this process, once. The library's own for that, inproc, loses its place in a stream.
type pipeTransport struct{ accepted chan net.Conn }

func (p *pipeTransport) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	there, back := newHalf(), newHalf()
	p.accepted <- &pipeConn{there, back}
	return &pipeConn{back, there}, nil
}

func (p *pipeTransport) Listen(ctx context.Context, _ string) (net.Listener, error) {
	return &pipeListener{p, ctx}, nil
}

func (p *pipeTransport) Addr(endpoint string) (string, error) { return endpoint, nil }

type pipeListener struct {
	p   *pipeTransport
	ctx context.Context
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.p.accepted:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { return nil }
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// A pipeConn is one end; unlike those of net.Pipe it does not wait for the other end to read.
type pipeConn struct{ in, out *half }

func (c *pipeConn) Read(b []byte) (int, error)  { return c.in.read(b) }
func (c *pipeConn) Write(b []byte) (int, error) { return c.out.write(b) }

func (c *pipeConn) Close() error {
	c.in.close()
	c.out.close()
	return nil
}

func (c *pipeConn) LocalAddr() net.Addr              { return pipeAddr{} }
func (c *pipeConn) RemoteAddr() net.Addr             { return pipeAddr{} }
func (c *pipeConn) SetDeadline(time.Time) error      { return nil }
func (c *pipeConn) SetReadDeadline(time.Time) error  { return nil }
func (c *pipeConn) SetWriteDeadline(time.Time) error { return nil }

// A half is one direction.
type half struct {
	mu     sync.Mutex
	more   sync.Cond
	text   []byte
	closed bool
}

func newHalf() *half {
	h := &half{}
	h.more.L = &h.mu
	return h
}

func (h *half) read(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(h.text) == 0 && !h.closed && len(b) > 0 {
		h.more.Wait()
	}
	if len(h.text) == 0 && h.closed {
		return 0, net.ErrClosed
	}
	n := copy(b, h.text)
	h.text = h.text[n:]
	return n, nil
}

func (h *half) write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return 0, net.ErrClosed
	}
	if len(h.text) == 0 {
		h.text = nil // what was read is let go
	}
	h.text = append(h.text, b...)
	h.more.Signal()
	return len(b), nil
}

func (h *half) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.more.Broadcast()
}
