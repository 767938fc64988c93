package zeromq

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// Whoever is on this computer can connect to a port of a kernel, with a key or without. The library believes the length that a
// frame claims to have, and would panic or take all memory for it; and while one client says nothing, it accepts no other. So
// the kernel listens through connections that look at what comes in: ZMTP 3.1 (https://rfc.zeromq.org/spec/37/) has a greeting of 64
// bytes, then frames of a byte of flags, a length of 1 or 8 bytes, and a body.

const (
	greetingLength = 64
	flagLong       = 2
	// maxFrame bounds the length of a frame, in bytes.
	maxFrame = 512 << 20
	// greetWithin is how long a client may take for its greeting and its first frame.
	greetWithin = time.Second
	// takenFor is how long a port may be taken. Whoever wrote the connection file found the port free and let go of it; another
	// front end that looks for ports takes it for a moment to see whether it is free.
	takenFor = time.Second
)

var errFrame = errors.New("a client sends a frame that is too long")

// registerGuards makes the library know the transports: as those of Connection.address, with rt0 in front.
var registerGuards = sync.OnceValue(func() error {
	return errors.Join(register("rt0", "tcp", nil), register("rt0", "ipc", nil))
})

// registerPublisher makes the library know such a transport for one socket, of which subscribed is told; prefix stands in front of
// its addresses.
func registerPublisher(name string, subscribed func()) (prefix string, err error) {
	prefix = fmt.Sprintf("rt0pub%d", registered.Add(1))
	return prefix, register(prefix, name, subscribed)
}

func register(prefix, name string, subscribed func()) error {
	network := map[string]string{"tcp": "tcp", "ipc": "unix"}[name]
	return zmq4.RegisterTransport(prefix+name, guarded{transport.New(network), subscribed})
}

type guarded struct {
	transport.Transport
	// subscribed is called when a client's first subscription is in force; nil for sockets that have none.
	subscribed func()
}

func (g guarded) Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := g.Transport.Listen(ctx, address)
	for begin := time.Now(); errors.Is(err, syscall.EADDRINUSE) && time.Since(begin) < takenFor; l, err = g.Transport.Listen(ctx, address) {
		time.Sleep(takenFor / 50)
	}
	if err != nil {
		return nil, err
	}
	gl := &guardedListener{Listener: l, subscribed: g.subscribed, ready: make(chan net.Conn), closed: make(chan struct{})}
	go gl.accept(ctx)
	return gl, nil
}

// A guardedListener hands over connections that have begun to speak.
type guardedListener struct {
	net.Listener
	subscribed func()
	ready      chan net.Conn
	closed     chan struct{}
}

func (l *guardedListener) accept(ctx context.Context) {
	defer close(l.closed)
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			return
		}
		if err != nil { // too many open files, most likely
			time.Sleep(10 * time.Millisecond)
			continue
		}
		go func() {
			c.SetReadDeadline(time.Now().Add(greetWithin))
			first := make([]byte, 1)
			if _, err := io.ReadFull(c, first); err != nil {
				c.Close()
				return
			}
			select {
			case l.ready <- &guardedConn{Conn: c, subscribed: l.subscribed, first: first, frames: frames{left: greetingLength}}:
			case <-ctx.Done():
				c.Close()
			}
		}()
	}
}

func (l *guardedListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// A guardedConn is read by one goroutine at a time.
type guardedConn struct {
	net.Conn
	subscribed func()
	first      []byte // what was read of it before
	frames     frames
	known      bool // greeting and first frame have come
}

func (c *guardedConn) Read(b []byte) (int, error) {
	// The third frame is the subscription; the library has dealt with it when it wants to read on.
	if c.subscribed != nil && c.frames.ended > 2 {
		c.subscribed()
		c.subscribed = nil
	}
	var n int
	var err error
	if len(c.first) > 0 {
		n = copy(b, c.first)
		c.first = c.first[n:]
	} else {
		n, err = c.Conn.Read(b)
	}
	if !c.frames.follow(b[:n]) {
		c.Close()
		return 0, errFrame
	}
	if !c.known && c.frames.ended > 1 {
		c.known = true
		c.SetReadDeadline(time.Time{})
	}
	return n, err
}

// readWithin is how long a client may read nothing when the system's buffers for it are full. Publishing goes from client to
// client, so one that was stopped would keep everything from the others. Clients of ZeroMQ connect again by themselves.
var readWithin = 30 * time.Second

func (c *guardedConn) Write(b []byte) (int, error) {
	c.SetWriteDeadline(time.Now().Add(readWithin))
	n, err := c.Conn.Write(b)
	if err != nil {
		c.Close()
	}
	return n, err
}

// frames follows a stream of frames.
type frames struct {
	left  uint64 // of the present body, or of the greeting
	head  []byte // of the next frame, as far as it has come
	ended int    // frames that have come whole, the greeting included
}

// follow takes what comes next, and says whether it can be right.
func (f *frames) follow(b []byte) bool {
	for len(b) > 0 {
		if f.left > 0 {
			n := min(f.left, uint64(len(b)))
			b, f.left = b[n:], f.left-n
			if f.left == 0 {
				f.ended++
			}
			continue
		}
		f.head, b = append(f.head, b[0]), b[1:]
		long := f.head[0]&flagLong != 0
		switch {
		case !long && len(f.head) == 2:
			f.left = uint64(f.head[1])
		case long && len(f.head) == 9:
			f.left = binary.BigEndian.Uint64(f.head[1:])
		default:
			continue
		}
		f.head = f.head[:0]
		if f.left > maxFrame {
			return false
		}
		if f.left == 0 {
			f.ended++
		}
	}
	return true
}
