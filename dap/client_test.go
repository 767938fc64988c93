package dap

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/testprog"
)

// A client is an editor: it asks and waits, and keeps the events that come in between.
type client struct {
	t      *testing.T
	conn   net.Conn
	in     *bufio.Reader
	seq    int
	events []dap.EventMessage
	ended  chan error // what Serve returns
}

// connect starts a server for a program and returns a client of it.
func connect(t *testing.T, source string, flags ...string) *client {
	t.Helper()
	elf := testprog.Build(t, runtime.Version(), source, flags...)
	server := &Server{
		Load: func(_ context.Context, a LaunchArguments, stdout, stderr, _ io.Writer) (*emulator.Machine, error) {
			return emulator.New(emulator.Config{Program: elf, Args: append([]string{a.Program}, a.Args...), CPUs: a.CPUs, Seed: a.Seed, Stdout: stdout, Stderr: stderr})
		},
		Log: t.Logf,
	}
	ours, theirs := net.Pipe()
	c := &client{t: t, conn: ours, in: bufio.NewReader(ours), ended: make(chan error, 1)}
	ours.SetDeadline(time.Now().Add(patience.Limit))
	go func() { c.ended <- server.Serve(context.Background(), theirs) }()
	t.Cleanup(func() { ours.Close() })
	return c
}

// read returns the next message.
func (c *client) read() dap.Message {
	c.t.Helper()
	m, err := dap.ReadProtocolMessage(c.in)
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	return m
}

// send sends a request with the arguments given and returns its number.
func (c *client) send(command string, args any) int {
	c.t.Helper()
	c.seq++
	raw, err := json.Marshal(args)
	if err != nil {
		c.t.Fatal(err)
	}
	content, err := json.Marshal(map[string]any{"seq": c.seq, "type": "request", "command": command, "arguments": json.RawMessage(raw)})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := dap.WriteBaseMessage(c.conn, content); err != nil {
		c.t.Fatal(err)
	}
	return c.seq
}

// response waits for the response to the request of that number.
func (c *client) response(seq int) dap.ResponseMessage {
	c.t.Helper()
	for {
		switch m := c.read().(type) {
		case dap.ResponseMessage:
			if got := m.GetResponse().RequestSeq; got != seq {
				c.t.Fatalf("a response to request %d, want one to %d: %+v", got, seq, m)
			}
			return m
		case dap.EventMessage:
			c.events = append(c.events, m)
		}
	}
}

// ask sends a request, which must succeed, and returns the response.
func ask[R dap.ResponseMessage](c *client, command string, args any) (response R) {
	c.t.Helper()
	m := c.response(c.send(command, args))
	response, ok := m.(R)
	if !ok || !m.GetResponse().Success {
		b, _ := json.Marshal(m)
		c.t.Fatalf("%s: %s", command, b)
	}
	return response
}

// refused sends a request, which must fail, and returns the message.
func (c *client) refused(command string, args any) string {
	c.t.Helper()
	m := c.response(c.send(command, args))
	e, ok := m.(*dap.ErrorResponse)
	if !ok || m.GetResponse().Success || e.Body.Error == nil {
		b, _ := json.Marshal(m)
		c.t.Fatalf("%s succeeds: %s", command, b)
	}
	return e.Body.Error.Variables["message"]
}

// await waits for the next event of the type E.
func await[E dap.EventMessage](c *client) E {
	c.t.Helper()
	for {
		for i, e := range c.events {
			if e, ok := e.(E); ok {
				c.events = append(c.events[:i:i], c.events[i+1:]...)
				return e
			}
		}
		switch m := c.read().(type) {
		case dap.EventMessage:
			c.events = append(c.events, m)
		default:
			c.t.Fatalf("%+v while waiting for an event", m)
		}
	}
}

func (c *client) stopped(reason string) dap.StoppedEventBody {
	c.t.Helper()
	e := await[*dap.StoppedEvent](c)
	if e.Body.Reason != reason {
		c.t.Fatalf("stopped for %q (%s), want %q", e.Body.Reason, e.Body.Text, reason)
	}
	return e.Body
}

type object = map[string]any

// launch launches the program, sets breakpoints, and begins.
func (c *client) launch(args object, configure func()) {
	c.t.Helper()
	ask[*dap.InitializeResponse](c, "initialize", object{"adapterID": "rt0", "linesStartAt1": true, "columnsStartAt1": true})
	args["program"] = "program"
	ask[*dap.LaunchResponse](c, "launch", args)
	await[*dap.InitializedEvent](c)
	if configure != nil {
		configure()
	}
	ask[*dap.ConfigurationDoneResponse](c, "configurationDone", object{})
}

// stack returns the frames of a thread.
func (c *client) stack(thread int) []dap.StackFrame {
	c.t.Helper()
	return ask[*dap.StackTraceResponse](c, "stackTrace", object{"threadId": thread}).Body.StackFrames
}

// variables returns the values of a container's items by name.
func (c *client) variables(ref int) map[string]dap.Variable {
	c.t.Helper()
	vars := map[string]dap.Variable{}
	for _, v := range ask[*dap.VariablesResponse](c, "variables", object{"variablesReference": ref}).Body.Variables {
		vars[v.Name] = v
	}
	return vars
}

// scope returns the variables of a frame's scope.
func (c *client) scope(frame int, name string) map[string]dap.Variable {
	c.t.Helper()
	for _, s := range ask[*dap.ScopesResponse](c, "scopes", object{"frameId": frame}).Body.Scopes {
		if s.Name == name {
			if s.VariablesReference == 0 {
				return nil
			}
			return c.variables(s.VariablesReference)
		}
	}
	c.t.Fatalf("no scope %s", name)
	return nil
}

// value evaluates an expression.
func (c *client) value(expr string, frame int) string {
	c.t.Helper()
	return ask[*dap.EvaluateResponse](c, "evaluate", object{"expression": expr, "frameId": frame}).Body.Result
}
