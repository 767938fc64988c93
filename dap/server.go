package dap

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
)

// A Server serves clients, each with a machine of its own.
type Server struct {
	// Load returns a machine at tick 0 for what a client launches. The guest's output goes to stdout and stderr, messages
	// of the build to messages.
	Load func(ctx context.Context, args LaunchArguments, stdout, stderr, messages io.Writer) (*emulator.Machine, error)
	// Commands returns what a client's user can type after "rt0 " in the debug console, beside what the server has; nil for
	// nothing.
	Commands func(*history.Session) []Command
	// Log is told of what no client can be told; nil for no one.
	Log func(format string, args ...any)
}

// Serve serves one client until it disconnects, its connection ends, or ctx is canceled. It returns nil for the first two.
// A reader that is blocked when ctx is canceled is left to its fate: close the connection.
func (srv *Server) Serve(ctx context.Context, conn io.ReadWriter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &session{srv: srv, ctx: ctx, out: conn}
	messages := make(chan []byte)
	var readErr error
	go func() {
		defer close(messages)
		for r := bufio.NewReader(conn); ; {
			content, err := readMessage(r)
			if err != nil {
				readErr = err
				return
			}
			select {
			case messages <- content:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer s.abandon()
	for !s.over {
		select {
		case content, ok := <-messages:
			if !ok {
				if errors.Is(readErr, errFraming) {
					return readErr
				}
				return nil
			}
			s.handle(content)
		case end := <-s.moveEnded():
			s.finishMove(end)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// A session is a client's. Everything but send is called by Serve's goroutine alone; while a move is under way, its
// goroutine has the machine, and nobody else touches that.
type session struct {
	srv *Server
	ctx context.Context

	mu  sync.Mutex // guards out and seq
	out io.Writer
	seq int

	args     LaunchArguments
	past     *history.Session // nil until a program is launched
	started  bool             // the configuration is done
	over     bool             // the client has disconnected
	oneBased bool             // the client counts lines from 1
	move     *move            // the one under way, or nil
	points   points
	threads  []thread // as of the last stop
	// What the numbers stand for that the client was given since the last stop.
	frames     []frame
	containers []container
}

// handle answers a request. A panic is a bug of ours: the client is told, and the session goes on.
func (s *session) handle(content []byte) {
	req, err := decode(content)
	defer func() {
		if p := recover(); p != nil {
			if s.srv.Log != nil {
				s.srv.Log("rt0 has a bug: %v in %s\n%s", p, req.GetRequest().Command, debug.Stack())
			}
			s.refuse(req, fmt.Errorf("rt0 has a bug: %v", p))
		}
	}()
	if err == nil {
		err = s.dispatch(req)
	}
	if err != nil {
		s.refuse(req, err)
	}
}

var (
	errNotLaunched = errors.New("no program is launched yet")
	errRunning     = errors.New("the program is running: pause it first")
)

// dispatch answers a request, or returns why it cannot.
func (s *session) dispatch(m dap.RequestMessage) error {
	switch r := m.(type) {
	case *dap.InitializeRequest:
		return s.initialize(r)
	case *dap.LaunchRequest:
		return s.launch(r)
	case *dap.DisconnectRequest:
		s.abandon()
		s.over = true
		s.reply(r, &dap.DisconnectResponse{})
		return nil
	case *dap.TerminateRequest:
		s.abandon()
		s.reply(r, &dap.TerminateResponse{})
		s.send(&dap.TerminatedEvent{Event: event("terminated")})
		return nil
	}
	if s.past == nil {
		return errNotLaunched
	}
	switch r := m.(type) {
	case *dap.PauseRequest:
		s.reply(r, &dap.PauseResponse{})
		if s.move != nil {
			s.move.cancel()
		}
		return nil
	case *dap.ThreadsRequest:
		return s.listThreads(r)
	case *dap.SetBreakpointsRequest, *dap.SetFunctionBreakpointsRequest, *dap.SetInstructionBreakpointsRequest,
		*dap.SetDataBreakpointsRequest, *dap.SetExceptionBreakpointsRequest:
		return s.betweenMoves(func() error { return s.setPoints(m) })
	}
	if s.move != nil {
		return errRunning
	}
	switch r := m.(type) {
	case *dap.ConfigurationDoneRequest:
		return s.configurationDone(r)
	case *dap.RestartRequest:
		return s.restart(r)
	case *dap.ContinueRequest, *dap.ReverseContinueRequest, *dap.NextRequest, *dap.StepInRequest, *dap.StepOutRequest, *dap.StepBackRequest:
		return s.startMove(m)
	case *dap.StackTraceRequest:
		return s.stackTrace(r)
	case *dap.ScopesRequest:
		return s.scopes(r)
	case *dap.VariablesRequest:
		return s.variables(r)
	case *dap.EvaluateRequest:
		return s.evaluate(r)
	case *dap.DataBreakpointInfoRequest:
		return s.dataBreakpointInfo(r)
	case *dap.DisassembleRequest:
		return s.disassemble(r)
	case *dap.ReadMemoryRequest:
		return s.readMemory(r)
	}
	return fmt.Errorf("%s is not supported", m.GetRequest().Command)
}
