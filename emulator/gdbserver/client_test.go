package gdbserver

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
)

// A client speaks the protocol to a server under test.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

// dial starts a server for the debuggee on a loopback port and connects to it, without acknowledgements.
func dial(t testing.TB, d Debuggee, commands ...Command) *client {
	t.Helper()
	l := serve(t, &Server{Debuggee: d, Commands: commands})
	return connect(t, l)
}

func serve(t testing.TB, s *Server) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return l.Addr()
}

func connect(t testing.TB, addr net.Addr) *client {
	t.Helper()
	conn, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &client{t, conn, bufio.NewReader(conn)}
	if got := c.ask("QStartNoAckMode"); got != "OK" {
		t.Fatalf("QStartNoAckMode: %q", got)
	}
	c.raw("+") // the reply was still acknowledged
	return c
}

func (c *client) raw(s string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(s)); err != nil {
		c.t.Fatal(err)
	}
}

func frame(body string) string {
	var sum byte
	for i := range len(body) {
		sum += body[i]
	}
	return "$" + body + "#" + string(hexDigits[sum>>4]) + string(hexDigits[sum&15])
}

// ask sends one packet and returns the body of the reply.
func (c *client) ask(body string) string {
	c.t.Helper()
	c.raw(frame(body))
	return c.reply()
}

// reply returns the body of the next packet, as it came.
func (c *client) reply() string {
	c.t.Helper()
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			c.t.Fatal(err)
		}
		if b == '$' {
			break
		}
	}
	body, err := c.r.ReadString('#')
	if err != nil {
		c.t.Fatal(err)
	}
	body = body[:len(body)-1]
	var sum [2]byte
	for i := range sum {
		if sum[i], err = c.r.ReadByte(); err != nil {
			c.t.Fatal(err)
		}
	}
	if want := frame(body); !strings.HasSuffix(want, "#"+string(sum[:])) {
		c.t.Fatalf("checksum of %q is %q", body, sum)
	}
	return body
}

func dialRaw(addr net.Addr) (net.Conn, error) { return net.Dial(addr.Network(), addr.String()) }

// monitor sends a monitor command and returns the lines it says.
func (c *client) monitor(line string) []string {
	c.t.Helper()
	c.raw(frame(string(appendHex([]byte("qRcmd,"), []byte(line)))))
	var said []byte
	for {
		reply := c.reply()
		if reply == "OK" {
			break
		}
		text, ok := decodeHex([]byte(reply[1:]))
		if reply[0] != 'O' || !ok {
			c.t.Fatalf("monitor %s: reply %q", line, reply)
		}
		said = append(said, text...)
	}
	return strings.Split(strings.TrimSuffix(string(said), "\n"), "\n")
}
