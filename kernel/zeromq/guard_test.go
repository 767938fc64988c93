package zeromq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/kernel"
)

// ports are the kernel's, with a type of socket that may connect to each.
var ports = []struct {
	name, peer string
	number     func(*Connection) int
}{
	{"shell", "DEALER", func(c *Connection) int { return c.Shell }},
	{"control", "DEALER", func(c *Connection) int { return c.Control }},
	{"iopub", "SUB", func(c *Connection) int { return c.IOPub }},
	{"stdin", "DEALER", func(c *Connection) int { return c.Stdin }},
	{"heartbeat", "REQ", func(c *Connection) int { return c.Heartbeat }},
}

const shell, iopub, stdin, beat = 0, 2, 3, 4 // places in ports

// greeting is what a client without security says first (ZMTP 3.0).
func greeting() []byte { return bytes.Clone(ownGreeting) }

// changed is a greeting with other bytes at a place.
func changed(at int, b ...byte) []byte {
	g := greeting()
	copy(g[at:], b)
	return g
}

// frame is a frame on the wire, of the long form if it must be.
func frame(flags byte, body string) []byte {
	return append(appendHeader(nil, flags, len(body)), body...)
}

// ready is a READY command with properties: names and values by turns.
func ready(pairs ...string) []byte {
	body := "\x05READY"
	for i := 0; i < len(pairs); i += 2 {
		body += string([]byte{byte(len(pairs[i]))}) + pairs[i]
		body += string(binary.BigEndian.AppendUint32(nil, uint32(len(pairs[i+1])))) + pairs[i+1]
	}
	return frame(flagCommand, body)
}

// attacks are what a peer without the key sends to a port, and what makes the kernel close the connection.
var attacks = []struct {
	name  string
	sends func(at int) []byte
}{
	{"no socket type", after(ready())},
	{"another property only", after(ready("Identity", "x"))},
	{"an empty socket type", after(ready("Socket-Type", ""))},
	{"a lower-case socket type", after(ready("Socket-Type", "dealer"))},
	{"an unknown socket type", after(ready("Socket-Type", "TEAPOT"))},
	{"a socket type that is for no port", after(ready("Socket-Type", "PULL"))},
	{"the socket type of another port", func(at int) []byte {
		return append(greeting(), ready("Socket-Type", map[bool]string{true: "DEALER", false: "SUB"}[at == iopub])...)
	}},
	{"a socket type with a NUL", after(ready("Socket-Type", "DEALER\x00"))},
	{"two socket types", typed(func(typ string) []byte { return ready("Socket-Type", typ, "socket-type", "x") })},
	{"a name that becomes Socket-Type in capitals", typed(func(typ string) []byte { return ready("Socket-Type", typ, "\u017focket-Type", "x") })},
	{"an identity of 256 bytes", typed(func(typ string) []byte { return ready("Socket-Type", typ, "Identity", strings.Repeat("x", 256)) })},
	{"a name without letters", typed(func(typ string) []byte { return ready("Socket-Type", typ, "", "x") })},
	{"a name longer than the command", after(frame(flagCommand, "\x05READY\xffx"))},
	{"a name that ends with the command", after(frame(flagCommand, "\x05READY\x01x"))},
	{"a length that ends early", after(frame(flagCommand, "\x05READY\x0bSocket-Type\x00\x00"))},
	{"a value longer than the command", after(frame(flagCommand, "\x05READY\x0bSocket-Type\xff\xff\xff\xffDEALER"))},
	{"another command", after(frame(flagCommand, "\x05ERROR\x00"))},
	{"a command without a name", after(frame(flagCommand, ""))},
	{"a command's name longer than the command", after(frame(flagCommand, "\x09READY"))},
	{"a command of two frames", after(frame(flagCommand|flagMore, "\x05READY"))},
	{"a message for READY", after(frame(0, "\x05READY"))},
	{"a READY of 4 GiB", after([]byte{flagCommand | flagLong, 0, 0, 0, 1, 0, 0, 0, 0})},
	{"flags that ZMTP does not have", after([]byte{0xf8, 0})},
	{"PLAIN security", plain(changed(12, []byte("PLAIN")...))},
	{"CURVE security", plain(changed(12, []byte("CURVE")...))},
	{"security with rubbish after its name", plain(changed(17, 'x'))},
	{"a server of NULL security", plain(changed(32, 1))},
	{"ZMTP 2", plain(changed(10, 1))},
	{"no signature", plain(changed(0, 0))},
	{"half a signature", plain(changed(9, 0))},
	{"HTTP", plain([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))},
	{"zeros", plain(make([]byte, 1000))},
	{"a length that there is not", shaken([]byte{flagLong, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})},
	{"a length below zero", shaken([]byte{flagLong, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})},
	{"128 TiB", shaken([]byte{flagLong, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff})},
	{"a frame beyond 16 MiB", shaken([]byte{flagLong, 0, 0, 0, 0, 1, 0, 0, 1})},
	{"65 frames of a message", shaken(bytes.Repeat(frame(flagMore, "x"), unverifiedFrames+1))},
	{"a malformed PING", shaken(frame(flagCommand, "\x04PING\x00"))},
	{"a second READY without a name", shaken(frame(flagCommand, "\x7f"))},
}

func plain(b []byte) func(int) []byte { return func(int) []byte { return b } }
func after(b []byte) func(int) []byte { return plain(append(greeting(), b...)) }
func typed(b func(typ string) []byte) func(int) []byte {
	return func(at int) []byte { return append(greeting(), b(ports[at].peer)...) }
}
func shaken(b []byte) func(int) []byte {
	return typed(func(typ string) []byte { return append(ready("Socket-Type", typ), b...) })
}

// dial connects to a port without saying anything.
func dial(t *testing.T, conn *Connection, at int) net.Conn {
	t.Helper()
	network, address := conn.listenOn(ports[at].number(conn))
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience.Limit))
	return c
}

// greeted connects to a port and does what a client has to, and reads what the kernel has to.
func greeted(t *testing.T, conn *Connection, at int) net.Conn {
	t.Helper()
	c := dial(t, conn, at)
	if _, err := c.Write(append(greeting(), ready("Socket-Type", ports[at].peer)...)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, greetingLength)); err != nil {
		t.Fatal(err)
	}
	if flags, body, err := readFrame(c); err != nil || flags != flagCommand || !strings.HasPrefix(body, "\x05READY") {
		t.Fatalf("%x %q %v", flags, body, err)
	}
	return c
}

func readFrame(c net.Conn) (flags byte, body string, err error) {
	h, err := readHeader(c, 1<<30)
	if err != nil {
		return 0, "", err
	}
	b := make([]byte, h.size)
	_, err = io.ReadFull(c, b)
	return h.flags, string(b), err
}

// serves reports whether a PING is answered after something that is sent before.
func serves(t *testing.T, c net.Conn, sent ...byte) bool {
	t.Helper()
	go c.Write(append(sent, frame(flagCommand, "\x04PING\x00\x00context")...)) // the kernel may close before all is written
	for {
		flags, body, err := readFrame(c)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a connection is neither closed nor served")
		}
		if err != nil || flags == flagCommand {
			return err == nil && body == "\x04PONGcontext"
		}
	}
}

// closed waits for the kernel to close a connection.
func closed(t *testing.T, c net.Conn) bool {
	t.Helper()
	_, err := io.Copy(io.Discard, c)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// TestHostilePeers attacks each port: the kernel closes the connection, and serves others.
func TestHostilePeers(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		c := start(t, scripted{}, transport)
		for _, k := range attacks {
			for at := range ports {
				p := dial(t, c.conn, at)
				p.Write(k.sends(at))
				if !closed(t, p) {
					t.Errorf("%s, %s, %s: the connection stays open", transport, ports[at].name, k.name)
				}
			}
		}
		for at := range ports {
			if !serves(t, greeted(t, c.conn, at)) {
				t.Errorf("%s, %s: the next peer is not served", transport, ports[at].name)
			}
		}
		if f, pub := c.run("value 1"); f["status"] != "ok" || types(pub) != "status execute_input execute_result status" {
			t.Errorf("%s: %v %s", transport, f, types(pub))
		}
		lines, causes := strings.Count(c.log.String(), "\n"), len(attacks)*len(ports)
		if lines == 0 || lines > causes/2 || !strings.Contains(c.log.String(), "most are left out") {
			t.Errorf("%s: the log has %d lines of %d attacks:\n%s", transport, lines, causes, c.log)
		}
	}
}

// TestNameWithoutCase: RFC 37 has no case in names of properties, and the library knows one spelling.
func TestNameWithoutCase(t *testing.T) {
	c := start(t, scripted{}, "ipc")
	for at, k := range ports {
		p := dial(t, c.conn, at)
		p.Write(append(greeting(), ready("SOCKET-TYPE", k.peer, "identity", "x", "X-Other", "")...))
		io.ReadFull(p, make([]byte, greetingLength))
		readFrame(p)
		if !serves(t, p) {
			t.Errorf("%s: refused", k.name)
		}
	}
}

// TestLimits sends as much as a peer without the key may, and one byte or frame more.
func TestLimits(t *testing.T) {
	full := strings.Repeat("x", unverifiedFrame)
	message := func(n int, body string) []byte { return bytes.Repeat(frame(flagMore, body), n) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	var subscriptions []byte
	for i := range maxTopics {
		subscriptions = append(subscriptions, frame(0, "\x01"+string(rune('A'+i)))...)
	}
	c := start(t, scripted{}, "ipc")
	for _, k := range []struct {
		name  string
		at    int
		sends []byte
		open  bool
	}{
		{"a frame of 16 MiB", shell, frame(0, full), true},
		{"a frame of 16 MiB + 1", shell, frame(0, full+"x"), false},
		{"a message of 64 MiB", shell, join(message(3, full), frame(0, full)), true},
		{"a message of 64 MiB + 1", shell, join(message(4, full), frame(0, "x")), false},
		{"64 frames", shell, join(message(63, "x"), frame(0, "x")), true},
		{"65 frames", shell, join(message(64, "x"), frame(0, "x")), false},
		{"a frame of 16 MiB on stdin", stdin, frame(0, full), true},
		{"65 frames on stdin", stdin, join(message(64, "x"), frame(0, "x")), false},
		{"a heartbeat of 64 KiB", beat, join(frame(flagMore, ""), frame(0, full[:maxHeartbeat])), true},
		{"a heartbeat of 64 KiB + 1", beat, join(frame(flagMore, ""), frame(0, full[:maxHeartbeat+1])), false},
		{"a heartbeat without an empty frame", beat, frame(0, "x"), true},
		{"a subscription of 4 KiB", iopub, frame(0, "\x01"+full[:maxSubscription-1]), true},
		{"a subscription of 4 KiB + 1", iopub, frame(0, "\x01"+full[:maxSubscription]), false},
		{"a subscription of ZMTP 3.1", iopub, frame(flagCommand, "\x09SUBSCRIBEtopic"), true},
		{"the end of a subscription", iopub, join(frame(0, "\x01a"), frame(0, "\x00a"), frame(flagCommand, "\x06CANCELa")), true},
		{"256 subscriptions, twice", iopub, join(subscriptions, subscriptions), true},
		{"257 subscriptions", iopub, join(subscriptions, frame(0, "\x01another")), false},
		{"a subscription of two frames", iopub, join(frame(flagMore, "\x01"), frame(0, "")), false},
		{"an empty message on iopub", iopub, frame(0, ""), false},
		{"another message on iopub", iopub, frame(0, "hello"), false},
	} {
		p := greeted(t, c.conn, k.at)
		if k.open != serves(t, p, k.sends...) {
			t.Errorf("%s: served: %v", k.name, !k.open)
		}
	}
}

// TestVerifiedPeer sends with the key what is too much without: after a good message the limits are gone.
func TestVerifiedPeer(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	for _, ch := range []kernel.Channel{kernel.Shell, kernel.Control} {
		for range 2 {
			m := &kernel.Message{Header: kernel.Header{ID: "big", Type: "kernel_info_request", Session: "client"}, Content: []byte("{}"), Buffers: make([][]byte, 100)}
			for i := range m.Buffers {
				m.Buffers[i] = []byte("buffer")
			}
			m.Buffers[0] = make([]byte, unverifiedFrame+1)
			frames, err := encode(c.key, m)
			if err != nil {
				t.Fatal(err)
			}
			c.ask(ch, "kernel_info_request", map[string]any{}) // the first message; control has had one of connect's
			c.frames(ch, frames)
			if _, f := c.reply(ch, "big"); f["status"] != "ok" {
				t.Errorf("%s: %v", ch, f)
			}
		}
	}
}
