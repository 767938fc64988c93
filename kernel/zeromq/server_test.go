package zeromq

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/kernel"
)

// A scripted session does what the cell's first word says.
type scripted struct{}

func (scripted) Info() kernel.Info { return kernel.Info{Implementation: "scripted"} }
func (scripted) Close()            {}
func (scripted) Value(_ context.Context, e string) (*kernel.Bundle, error) {
	if e == "bad" {
		return nil, errors.New("bad expression")
	}
	return text("value of " + e), nil
}
func (scripted) Complete(code string, pos int) kernel.Completion {
	return kernel.Completion{Matches: []string{"match"}, Start: pos - 1, End: pos}
}
func (scripted) Inspect(code string, pos, detail int) *kernel.Bundle { return nil }
func (scripted) IsComplete(code string) kernel.Completeness {
	return kernel.Completeness{Status: "incomplete", Indent: "\t"}
}

func text(s string) *kernel.Bundle { return &kernel.Bundle{Data: map[string]any{"text/plain": s}} }

func (scripted) Execute(ctx context.Context, c *kernel.Cell) (*kernel.Bundle, error) {
	word, rest, _ := strings.Cut(c.Code, " ")
	switch word {
	case "wait":
		<-ctx.Done()
		return nil, &kernel.CellError{Name: "interrupted", Value: context.Cause(ctx).Error()}
	case "print":
		fmt.Fprint(c.Stdout(), rest)
	case "flood":
		for range 50 {
			c.Stdout().Write(bytes.Repeat([]byte("x"), 1<<20))
		}
	case "fail":
		return nil, errors.New(rest)
	case "panic":
		panic(rest)
	case "ask":
		answer, err := c.Input(ctx, rest, false)
		if err != nil {
			return nil, err
		}
		return text(answer), nil
	case "show":
		c.Display(text("one"), "id")
		c.Update(text("two"), "id")
		c.Clear(true)
		c.Page(text("page"))
	case "value":
		return text(rest), nil
	}
	return nil, nil
}

func TestExecute(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		c := start(t, scripted{}, transport)
		for _, k := range []struct{ code, status, published string }{
			{"value 1", "ok", "status execute_input execute_result status"},
			{"print hello", "ok", "status execute_input stream status"},
			{"show", "ok", "status execute_input display_data update_display_data clear_output status"},
			{"fail so", "error", "status execute_input error status"},
			{"nothing", "ok", "status execute_input status"},
		} {
			f, pub := c.run(k.code)
			if f["status"] != k.status || types(pub) != k.published {
				t.Errorf("%s: %q: status %v, published %s", transport, k.code, f["status"], types(pub))
			}
		}
	}
}

func TestSilentAndExpressions(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	before, _ := c.run("value 1")
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "value 2", "silent": true,
		"user_expressions": map[string]string{"a": "x", "b": "bad"}})
	_, f := c.reply(kernel.Shell, id)
	if f["execution_count"] != before["execution_count"] {
		t.Errorf("a silent cell is counted: %v after %v", f["execution_count"], before["execution_count"])
	}
	if pub := types(c.published(id)); pub != "status status" {
		t.Errorf("a silent cell publishes %s", pub)
	}
	values := f["user_expressions"].(map[string]any)
	if a, b := values["a"].(map[string]any), values["b"].(map[string]any); a["status"] != "ok" || b["status"] != "error" {
		t.Errorf("user_expressions: %v", values)
	}
	f, _ = c.run("show")
	if len(f["payload"].([]any)) != 1 {
		t.Errorf("payload: %v", f["payload"])
	}
}

// TestInterrupt ends a cell by a message on the control channel, and by what a signal calls.
func TestInterrupt(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	for name, interrupt := range map[string]func(){
		"message": func() { c.ask(kernel.Control, "interrupt_request", map[string]any{}) },
		"signal":  c.h.Interrupt,
	} {
		id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "wait"})
		waitFor(t, c, "execute_input")
		interrupt()
		_, f := c.reply(kernel.Shell, id)
		if f["status"] != "error" || f["evalue"] != "interrupted" {
			t.Errorf("%s: %v", name, f)
		}
		if f, _ := c.run("value 1"); f["status"] != "ok" {
			t.Errorf("%s: the next cell: %v", name, f)
		}
	}
}

func waitFor(t *testing.T, c *client, typ string) {
	t.Helper()
	for c.next(kernel.IOPub).Header.Type != typ {
	}
}

func TestStopOnError(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	wait := c.send(kernel.Shell, "execute_request", map[string]any{"code": "wait"})
	var queued []string
	for range 200 {
		queued = append(queued, c.send(kernel.Shell, "execute_request", map[string]any{"code": "value 1"}))
	}
	info := c.send(kernel.Shell, "kernel_info_request", map[string]any{})
	c.arrived() // the queue is what has arrived
	c.ask(kernel.Control, "interrupt_request", map[string]any{})
	replies := map[string]any{}
	for range len(queued) + 2 {
		m := c.next(kernel.Shell)
		replies[m.Parent.ID] = fields(t, m)["status"]
	}
	if replies[wait] != "error" || replies[info] != "ok" {
		t.Errorf("the cell: %v; kernel_info: %v", replies[wait], replies[info])
	}
	for _, id := range queued {
		if replies[id] != "aborted" {
			t.Fatalf("a cell that waited: %v", replies[id])
		}
	}
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "fail so", "stop_on_error": false})
	next := c.send(kernel.Shell, "execute_request", map[string]any{"code": "value 2"})
	c.reply(kernel.Shell, id)
	if _, f := c.reply(kernel.Shell, next); f["status"] != "ok" {
		t.Errorf("after an error without stop_on_error: %v", f["status"])
	}
}

func TestStdin(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "ask name?"})
	q := c.next(kernel.Stdin)
	if q.Header.Type != "input_request" || fields(t, q)["prompt"] != "name?" || q.Parent.ID != id {
		t.Fatalf("%s %s", q.Header.Type, q.Content)
	}
	c.send(kernel.Stdin, "input_reply", map[string]string{"value": "Ken"})
	c.reply(kernel.Shell, id)
	if pub := c.published(id); !strings.Contains(string(pub[2].Content), "Ken") {
		t.Errorf("%s", pub[2].Content)
	}
	if f := c.ask(kernel.Shell, "execute_request", map[string]any{"code": "ask x", "allow_stdin": false}); f["evalue"] != kernel.ErrNoStdin.Error() {
		t.Errorf("with allow_stdin false: %v", f)
	}
}

func TestComm(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	closed := make(chan bool, 1)
	c.h.RegisterTarget("echo", func(k *kernel.Comm, data json.RawMessage) {
		k.Receive = func(data json.RawMessage) { k.Send(data) }
		k.Closed = func(json.RawMessage) { closed <- true }
	})
	id := c.send(kernel.Shell, "comm_open", map[string]any{"comm_id": "1", "target_name": "nobody", "data": map[string]any{}})
	if pub := types(c.published(id)); pub != "status comm_close status" {
		t.Errorf("an unknown target: %s", pub)
	}
	c.send(kernel.Shell, "comm_open", map[string]any{"comm_id": "2", "target_name": "echo", "data": map[string]any{}})
	if f := c.ask(kernel.Shell, "comm_info_request", map[string]any{"target_name": "echo"}); fmt.Sprint(f["comms"]) != "map[2:map[target_name:echo]]" {
		t.Errorf("comm_info: %v", f)
	}
	id = c.send(kernel.Shell, "comm_msg", map[string]any{"comm_id": "2", "data": map[string]any{"x": 1}})
	if pub := c.published(id); types(pub) != "status comm_msg status" || !strings.Contains(string(pub[1].Content), `{"x":1}`) {
		t.Errorf("comm_msg: %s %s", types(pub), pub[1].Content)
	}
	c.send(kernel.Shell, "comm_msg", map[string]any{"comm_id": "gone", "data": map[string]any{}})
	c.send(kernel.Shell, "comm_close", map[string]any{"comm_id": "2", "data": map[string]any{}})
	if f := c.ask(kernel.Shell, "comm_info_request", map[string]any{}); !<-closed || len(f["comms"].(map[string]any)) != 0 {
		t.Errorf("after comm_close: %v", f)
	}
}

// TestBadMessages sends what nobody should send; the kernel drops it, logs it, and goes on.
func TestBadMessages(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	good := func() [][]byte {
		f, _ := encode(c.key, &kernel.Message{Header: kernel.Header{ID: "x", Type: "kernel_info_request"}, Content: []byte("{}")})
		return f
	}
	for _, k := range []struct {
		name, log string
		spoil     func([][]byte) [][]byte
	}{
		{"another key", errSignature.Error(), func(f [][]byte) [][]byte { f[1] = sign([]byte("other"), f[2:6]); return f }},
		{"no signature", errSignature.Error(), func(f [][]byte) [][]byte { f[1] = nil; return f }},
		{"changed content", errSignature.Error(), func(f [][]byte) [][]byte { f[5] = []byte(`{"a":1}`); return f }},
		{"no delimiter", errDelimiter.Error(), func(f [][]byte) [][]byte { return f[1:] }},
		{"too short", "2 frames", func(f [][]byte) [][]byte { return f[:3] }},
		{"malformed header", "header:", func(f [][]byte) [][]byte { f[2] = []byte("{"); f[1] = sign(c.key, f[2:6]); return f }},
		{"malformed content", "content is not JSON", func(f [][]byte) [][]byte { f[5] = []byte("{"); f[1] = sign(c.key, f[2:6]); return f }},
	} {
		c.frames(kernel.Shell, k.spoil(good()))
		if f := c.ask(kernel.Shell, "kernel_info_request", map[string]any{}); f["status"] != "ok" {
			t.Errorf("%s: kernel_info: %v", k.name, f)
		}
		if !strings.Contains(c.log.String(), k.log) {
			t.Errorf("%s: the log says %s", k.name, c.log)
		}
	}
	id := c.send(kernel.Shell, "no_such_request", map[string]any{})
	if pub := types(c.published(id)); pub != "status status" {
		t.Errorf("an unknown type: %s", pub)
	}
	if f := c.ask(kernel.Shell, "execute_request", []int{1}); f["status"] != "error" {
		t.Errorf("content of a wrong kind: %v", f)
	}
	if f := c.ask(kernel.Shell, "execute_request", map[string]any{"code": "panic ours"}); f["status"] != "error" {
		t.Errorf("a session that panics: %v", f)
	}
}

func TestAsk(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	if f := c.ask(kernel.Shell, "complete_request", map[string]any{"code": "𝔾o x", "cursor_pos": 4}); f["cursor_start"] != 3. || f["cursor_end"] != 4. {
		t.Errorf("positions count code points: %v", f)
	}
	if f := c.ask(kernel.Shell, "is_complete_request", map[string]any{"code": "x"}); f["indent"] != "\t" {
		t.Errorf("is_complete: %v", f)
	}
	if f := c.ask(kernel.Shell, "inspect_request", map[string]any{"code": "x", "cursor_pos": 1}); f["found"] != false || f["data"] == nil {
		t.Errorf("inspect: %v", f)
	}
	if f := c.ask(kernel.Control, "connect_request", map[string]any{}); f["shell_port"] != float64(c.conn.Shell) {
		t.Errorf("connect: %v", f)
	}
}

func TestFlood(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "flood"})
	n := 0
	for _, m := range c.published(id) {
		if m.Header.Type == "stream" {
			n += len(fields(t, m)["text"].(string))
		}
	}
	if n != 50<<20 {
		t.Errorf("%d bytes came of 50 MiB", n)
	}
}

// TestTakenPort has another program on a port of the kernel's: for a moment, then for good.
func TestTakenPort(t *testing.T) {
	conn := newConnection(t, "tcp")
	address := strings.TrimPrefix(conn.address(conn.IOPub), "tcp://")
	other, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	set(t, &takenFor, patience.Limit)
	time.AfterFunc(50*time.Millisecond, func() { other.Close() })
	s, err := Listen(conn, newLogger(&syncBuffer{}))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	set(t, &takenFor, 50*time.Millisecond)
	if _, err := Listen(conn, newLogger(&syncBuffer{})); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), fmt.Sprint(conn.IOPub)) {
		t.Errorf("the port is taken, and the kernel says %v", err)
	}
}

// set changes one of the package's times until the test has ended, its servers included.
func set(t *testing.T, what *time.Duration, to time.Duration) {
	was := *what
	t.Cleanup(func() { *what = was })
	*what = to
}

// TestLateSubscriber asks for a cell before anybody subscribes: the subscriber hears of the cell all the same. Without one the
// cell runs a little later, and the next at once.
func TestLateSubscriber(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		for _, there := range []bool{true, false} {
			within := 2 * patience.Limit // only a subscriber ends the wait before the test's
			if !there {
				within = 100 * time.Millisecond
			}
			set(t, &subscribeWithin, within)
			c := serve(t, scripted{}, transport)
			c.dial(kernel.Shell)
			id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "print"})
			if there {
				c.dial(kernel.IOPub)
				c.published(id)
			}
			c.reply(kernel.Shell, id)
			set(t, &subscribeWithin, 2*patience.Limit)
			c.ask(kernel.Shell, "execute_request", map[string]any{"code": "print"})
		}
	}
}

func TestHeartbeat(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	req := zmq4.NewReq(context.Background())
	defer req.Close()
	if err := req.Dial(c.conn.address(c.conn.Heartbeat)); err != nil {
		t.Fatal(err)
	}
	if err := req.Send(zmq4.NewMsg([]byte("ping"))); err != nil {
		t.Fatal(err)
	}
	if m, err := req.Recv(); err != nil || string(m.Frames[0]) != "ping" {
		t.Errorf("%v %v", m, err)
	}
}

// TestShutdown asks for a restart while a cell runs: the cell ends, the answer comes on control, everybody is told.
func TestShutdown(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	c.send(kernel.Shell, "execute_request", map[string]any{"code": "wait"})
	waitFor(t, c, "execute_input")
	if f := c.ask(kernel.Control, "shutdown_request", map[string]any{"restart": true}); f["restart"] != true {
		t.Errorf("%v", f)
	}
	waitFor(t, c, "shutdown_reply")
	select {
	case restart := <-c.h.Done():
		if !restart {
			t.Error("restart is lost")
		}
	case <-time.After(patience.Limit):
		t.Error("the kernel does not end")
	}
}
