package listen

import (
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/rt0lab/rt0/internal/logsample"
)

const (
	// maxSilent is how many clients may wait at a gate without having said anything. One more, and the oldest has to go.
	maxSilent = 64
	// maxHello bounds what a client may say, in bytes, until it is known to speak the protocol.
	maxHello = 16 << 10
	// retryFirst and retryMost are how long a gate waits after the system could not accept a client, such as for want of
	// file descriptors.
	retryFirst, retryMost = 5 * time.Millisecond, time.Second
)

// A Gate lets in the clients of the user who runs rt0. A debugger's protocol has no password, and all users of a computer can
// reach its loopback addresses, web pages in their browsers included.
type Gate struct {
	// AnyUser lets other users in, and those of whom nothing is known.
	AnyUser bool
	// Hello reports whether a client that has said b so far has begun to speak the protocol. Until then it is not let in. Nil
	// takes any byte.
	Hello func(b []byte) bool
	// Log is told, a line a call, who is refused and what the gate cannot do. Nil discards the lines.
	Log func(format string, args ...any)
}

// Guard returns a listener that accepts only whom the gate lets in. Clients that say nothing wait beside each other, so that
// none keeps another out. Closing the listener closes l and the connections of those who wait.
func (g Gate) Guard(l net.Listener) net.Listener {
	gl := &guarded{Listener: l, gate: g, ready: make(chan net.Conn), closed: make(chan struct{})}
	gl.strangers.Print = func(line string) { gl.log("%s", line) }
	if exposed := Exposed(l); exposed != "" && !g.AnyUser && canCheck {
		gl.log("%s; only your own programs on this computer are answered", exposed)
	} else if exposed != "" {
		gl.log("%s, and whoever does is answered", exposed)
	}
	if !g.AnyUser && !canCheck {
		gl.log("this system does not tell whose a connection is: every user of this computer is answered")
	}
	go gl.accept()
	return gl
}

type guarded struct {
	net.Listener
	gate  Gate
	ready chan net.Conn

	closing sync.Once
	closed  chan struct{}
	err     error // of closing

	strangers logsample.Sampler // what they cause to be logged

	mu     sync.Mutex
	silent []net.Conn // the oldest first
}

func (l *guarded) Accept() (net.Conn, error) {
	select {
	case conn := <-l.ready:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *guarded) Close() error {
	l.closing.Do(func() {
		close(l.closed)
		l.err = l.Listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, conn := range l.silent {
			conn.Close()
		}
	})
	return l.err
}

func (l *guarded) log(format string, args ...any) {
	if l.gate.Log != nil {
		l.gate.Log(format, args...)
	}
}

// accept takes connections from the system until the listener is closed.
func (l *guarded) accept() {
	pause := retryFirst
	for {
		conn, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			l.Close()
			return
		}
		if err != nil {
			l.strangers.Printf("cannot accept a client: %v", err)
			select {
			case <-time.After(pause):
			case <-l.closed:
				return
			}
			pause = min(2*pause, retryMost)
			continue
		}
		pause = retryFirst
		if err := l.check(conn); err != nil {
			l.refuse(conn, err)
			continue
		}
		l.wait(conn)
	}
}

// check returns why the client's user is not answered.
func (l *guarded) check(conn net.Conn) error {
	if l.gate.AnyUser || !canCheck {
		return nil
	}
	return sameUser(conn)
}

// wait lets the client in as soon as it has begun to speak.
func (l *guarded) wait(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closed:
		conn.Close()
		return
	default:
	}
	if l.silent = append(l.silent, conn); len(l.silent) > maxSilent {
		l.silent[0].Close()
		l.silent = slices.Delete(l.silent, 0, 1)
	}
	go func() {
		spoken, err := hear(conn, l.gate.Hello)
		l.mu.Lock()
		l.silent = slices.DeleteFunc(l.silent, func(c net.Conn) bool { return c == conn })
		l.mu.Unlock()
		if errors.Is(err, errHTTP) || errors.Is(err, errHello) {
			l.refuse(conn, err)
			return
		}
		if err != nil { // it left, or had to
			conn.Close()
			return
		}
		select {
		case l.ready <- spoken:
		case <-l.closed:
			conn.Close()
		}
	}()
}

func (l *guarded) refuse(conn net.Conn, why error) {
	l.strangers.Printf("refused %s: %v", host(conn.RemoteAddr()), why)
	conn.Close()
}

// host returns the address without the port, which is another for each connection.
func host(a net.Addr) string {
	if h, _, err := net.SplitHostPort(a.String()); err == nil {
		return h
	}
	return a.String()
}
