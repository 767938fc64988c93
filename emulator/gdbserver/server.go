package gdbserver

import (
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
// the next one; whoever comes while another is connected is turned away. Serve closes l.
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
		if !s.enter() {
			s.log("%s turned away: another client is connected", conn.RemoteAddr())
			conn.Close()
			continue
		}
		sessions.Go(func() {
			defer s.busy.Store(false)
			s.log("%s connected at tick %d", conn.RemoteAddr(), s.Debuggee.Tick())
			err := s.serveConn(ctx, conn)
			if err == errKilled {
				cancel(errKilled)
			}
			s.log("%s left at tick %d%s", conn.RemoteAddr(), s.Debuggee.Tick(), reason(err))
		})
	}
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
	defer session.close()
	return session.serve(ctx)
}
