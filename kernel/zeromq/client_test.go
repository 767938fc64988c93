package zeromq

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/rt0lab/rt0/internal/jupyter"
	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/kernel"
)

// A client is the other end of the sockets: what a front end has.
type client struct {
	t      *testing.T
	ctx    context.Context // ends with the test
	name   string
	key    []byte
	dealer map[kernel.Channel]zmq4.Socket
	got    map[kernel.Channel]chan *kernel.Message
	n      int
	log    *syncBuffer
	h      *kernel.Handler
	server *Server
	conn   *Connection
	stuck  func() // makes the kernel say what it does; may be nil
}

// A syncBuffer is a log that is read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newLogger(b *syncBuffer) *log.Logger { return log.New(b, "", 0) }

func newConnection(t *testing.T, transport string) *Connection {
	c := &Connection{Transport: transport, IP: filepath.Join(t.TempDir(), "s"), Scheme: scheme, Key: "secret"}
	ports := []int{1, 2, 3, 4, 5}
	if transport == "tcp" {
		var err error
		if ports, err = jupyter.FreePorts(len(ports)); err != nil {
			t.Fatal(err)
		}
		c.IP = "127.0.0.1"
	}
	c.Shell, c.Control, c.IOPub, c.Stdin, c.Heartbeat = ports[0], ports[1], ports[2], ports[3], ports[4]
	return c
}

// start runs a kernel with that session and connects to it.
func start(t *testing.T, s kernel.Session, transport string) *client {
	t.Helper()
	c := serve(t, s, transport)
	c.connect()
	return c
}

// serve runs a kernel with that session and returns a client that has not connected to it yet.
func serve(t *testing.T, s kernel.Session, transport string) *client {
	t.Helper()
	conn, log := newConnection(t, transport), &syncBuffer{}
	logger := newLogger(log)
	server, err := Listen(conn, logger)
	if err != nil {
		t.Fatal(err)
	}
	h := kernel.NewHandler(s, server.Send, kernel.Options{Log: logger, Ports: conn.Ports()})
	server.Serve(h.Receive)
	t.Cleanup(func() {
		h.Close()
		server.Close()
	})
	c := newClient(t, conn, log, "client")
	c.h, c.server = h, server
	return c
}

func newClient(t *testing.T, conn *Connection, log *syncBuffer, name string) *client {
	ctx, cancel := context.WithCancel(context.Background())
	c := &client{t: t, ctx: ctx, name: name, key: []byte(conn.Key), log: log, conn: conn, dealer: map[kernel.Channel]zmq4.Socket{}, got: map[kernel.Channel]chan *kernel.Message{}}
	t.Cleanup(func() {
		cancel()
		for _, s := range c.dealer {
			s.Close()
		}
	})
	return c
}

// connect connects a client of that name to a kernel.
func connect(t *testing.T, conn *Connection, log *syncBuffer, name string) *client {
	t.Helper()
	c := newClient(t, conn, log, name)
	c.connect()
	return c
}

// dial connects one of the client's sockets.
func (c *client) dial(ch kernel.Channel) {
	c.t.Helper()
	const retry = 2 * time.Millisecond // the kernel may not be there yet
	often, long := zmq4.WithDialerRetry(retry), zmq4.WithDialerMaxRetries(int(patience.Limit/retry))
	port := map[kernel.Channel]int{kernel.Shell: c.conn.Shell, kernel.Control: c.conn.Control, kernel.Stdin: c.conn.Stdin, kernel.IOPub: c.conn.IOPub}[ch]
	var sock zmq4.Socket
	if ch == kernel.IOPub {
		sock = zmq4.NewSub(c.ctx, often, long)
	} else {
		sock = zmq4.NewDealer(c.ctx, zmq4.WithID(zmq4.SocketIdentity(c.name)), often, long)
	}
	if err := sock.Dial(c.conn.address(port)); err != nil {
		c.t.Fatal(err)
	}
	if ch == kernel.IOPub {
		if err := sock.SetOption(zmq4.OptionSubscribe, ""); err != nil {
			c.t.Fatal(err)
		}
	}
	got := make(chan *kernel.Message, 1<<16)
	c.dealer[ch], c.got[ch] = sock, got
	go func() {
		for {
			msg, err := sock.Recv()
			if c.ctx.Err() != nil {
				return
			}
			if err != nil {
				continue
			}
			if m, err := decode(c.key, msg.Frames); err == nil {
				got <- m
			}
		}
	}()
}

// connect connects all sockets and waits until what the kernel publishes comes.
func (c *client) connect() {
	c.t.Helper()
	for _, ch := range []kernel.Channel{kernel.Shell, kernel.Control, kernel.Stdin, kernel.IOPub} {
		c.dial(ch)
	}
	for deadline := time.Now().Add(patience.Limit); ; { // a subscription takes a moment to reach the publisher
		c.ask(kernel.Shell, "kernel_info_request", map[string]any{})
		select {
		case <-c.got[kernel.IOPub]:
			time.Sleep(20 * time.Millisecond)
			for len(c.got[kernel.IOPub]) > 0 {
				<-c.got[kernel.IOPub]
			}
			return
		case <-time.After(20 * time.Millisecond):
			if time.Now().After(deadline) {
				c.t.Fatal("nothing comes on iopub")
			}
		}
	}
}

// send sends a request and returns its id.
func (c *client) send(ch kernel.Channel, typ string, content any) string {
	c.t.Helper()
	raw, err := json.Marshal(content)
	if err != nil {
		c.t.Fatal(err)
	}
	c.n++
	m := &kernel.Message{Header: kernel.Header{ID: fmt.Sprint(c.name, c.n), Type: typ, Session: c.name, Version: "5.3"}, Content: raw}
	frames, err := encode(c.key, m)
	if err != nil {
		c.t.Fatal(err)
	}
	c.frames(ch, frames)
	return m.Header.ID
}

// arrived returns once the kernel has taken from the shell's socket all that was sent to it: behind it comes a message that it
// notes and drops.
func (c *client) arrived() {
	c.t.Helper()
	c.n++
	frames, err := encode(c.key, &kernel.Message{Header: kernel.Header{ID: fmt.Sprint(c.name, c.n), Type: "kernel_info_request"}, Content: []byte("{}")})
	if err != nil {
		c.t.Fatal(err)
	}
	frames[1] = sign([]byte("another key"), frames[2:6])
	before := strings.Count(c.log.String(), errSignature.Error())
	c.frames(kernel.Shell, frames)
	patience.Until(c.t, "the kernel takes what was sent", func() bool { return strings.Count(c.log.String(), errSignature.Error()) > before })
}

func (c *client) frames(ch kernel.Channel, frames [][]byte) {
	c.t.Helper()
	if err := c.dealer[ch].Send(zmq4.NewMsgFrom(frames...)); err != nil {
		c.t.Fatal(err)
	}
}

// next returns the next message on a channel.
func (c *client) next(ch kernel.Channel) *kernel.Message {
	c.t.Helper()
	select {
	case m := <-c.got[ch]:
		return m
	case <-time.After(patience.Limit):
		if c.stuck != nil {
			c.stuck()
		}
		c.t.Fatalf("nothing comes on %s\n%s", ch, c.log)
		return nil
	}
}

// reply waits for the answer to a request.
func (c *client) reply(ch kernel.Channel, id string) (string, map[string]any) {
	c.t.Helper()
	for {
		m := c.next(ch)
		if m.Parent.ID == id {
			return m.Header.Type, fields(c.t, m)
		}
	}
}

// ask sends a request and waits for the answer.
func (c *client) ask(ch kernel.Channel, typ string, content any) map[string]any {
	c.t.Helper()
	id := c.send(ch, typ, content)
	got, f := c.reply(ch, id)
	if want := strings.TrimSuffix(typ, "_request") + "_reply"; got != want {
		c.t.Fatalf("%s is answered by %s", typ, got)
	}
	return f
}

// published returns what a request made the kernel publish, from busy to idle, as "type field=value".
func (c *client) published(id string) []*kernel.Message {
	c.t.Helper()
	var all []*kernel.Message
	for {
		m := c.next(kernel.IOPub)
		if m.Parent.ID != id {
			continue
		}
		all = append(all, m)
		if m.Header.Type == "status" && fields(c.t, m)["execution_state"] == "idle" {
			return all
		}
	}
}

// run executes a cell and returns the reply and what was published.
func (c *client) run(code string) (map[string]any, []*kernel.Message) {
	c.t.Helper()
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": code})
	_, f := c.reply(kernel.Shell, id)
	return f, c.published(id)
}

func fields(t *testing.T, m *kernel.Message) map[string]any {
	t.Helper()
	var f map[string]any
	if err := json.Unmarshal(m.Content, &f); err != nil {
		t.Fatalf("%s: %v", m.Header.Type, err)
	}
	return f
}

func types(list []*kernel.Message) string {
	var names []string
	for _, m := range list {
		names = append(names, m.Header.Type)
	}
	return strings.Join(names, " ")
}
