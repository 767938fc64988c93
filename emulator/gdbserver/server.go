package gdbserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// errKilled is returned by a session whose client has sent k or vKill.
var errKilled = errors.New("killed by the client")

// errTaken is told to a client that comes while another has the program.
var errTaken = errors.New("the program is taken: another client is connected to rt0")

// A Server shows one program to one client at a time.
type Server struct {
	// Debuggee is used by nobody else while the server runs.
	Debuggee Debuggee
	// Commands are what `monitor` offers beside the commands built in.
	Commands []Command
	// Log receives one line an event that the person who runs the server should see; nil discards them.
	Log func(format string, args ...any)

	busy atomic.Bool
}

// grace is how long a client may have to wait for the one before to be gone.
const grace = 500 * time.Millisecond

// enter makes the caller the only session, or returns false if there is another one that does not end.
func (s *Server) enter() bool {
	for waited := time.Duration(0); !s.busy.CompareAndSwap(false, true); waited += time.Millisecond {
		if waited >= grace {
			return false
		}
		time.Sleep(time.Millisecond)
	}
	return true
}

func (s *Server) log(format string, args ...any) {
	if s.Log != nil {
		s.Log(format, args...)
	}
}

// Serve accepts clients on l, one after another, until a client kills the program (then it returns nil) or ctx is
// canceled (then it returns ctx's error). A client that goes away, in whatever manner, leaves the machine where it is, for
// the next one. The program is taken by a client's first packet; a client that has sent none keeps nobody out. Whoever
// sends one while another client has the program is told so and turned away. Serve closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var sessions sync.WaitGroup
	defer sessions.Wait()
	defer cancel(nil)
	defer context.AfterFunc(ctx, func() { l.Close() })()
	for {
		conn, err := l.Accept()
		if err != nil {
			if cause := context.Cause(ctx); cause == errKilled {
				return nil
			} else if cause != nil {
				return cause
			}
			return err
		}
		sessions.Go(func() {
			if s.serveConn(ctx, conn) == errKilled {
				cancel(errKilled)
			}
		})
	}
}

// Greeted reports whether a client that has said b so far has sent a packet, which every gdb does unasked.
func Greeted(b []byte) bool {
	_, err := newWire(struct {
		io.Reader
		io.Writer
	}{bytes.NewReader(b), io.Discard}).greeting()
	return err == nil
}

func reason(err error) string {
	if err == nil || err == io.EOF {
		return ""
	}
	return ": " + err.Error()
}

// serveConn serves one client until it leaves, and closes conn.
func (s *Server) serveConn(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	// A canceled context closes the connection, which ends the read that the session waits in.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	session := newSession(s, conn)
	packet, err := session.wire.greeting()
	if err != nil {
		if err == errNoGDB {
			s.log("%s turned away: %v", conn.RemoteAddr(), err)
		}
		return err
	}
	if !s.enter() {
		s.log("%s turned away: %v", conn.RemoteAddr(), errTaken)
		return session.wire.write(appendError(nil, errTaken))
	}
	defer s.busy.Store(false)
	defer session.close()
	s.log("%s connected at tick %d", conn.RemoteAddr(), s.Debuggee.Tick())
	err = session.serve(ctx, packet)
	s.log("%s left at tick %d%s", conn.RemoteAddr(), s.Debuggee.Tick(), reason(err))
	return err
}
