package listen

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
)

// A logbook holds what a gate says.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (b *logbook) log(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, fmt.Sprintf(format, args...))
}

func (b *logbook) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.lines, "\n")
}

// echo serves, through the gate, clients that get back what they say. It returns the address.
func echo(t *testing.T, g Gate, addr string) string {
	t.Helper()
	inner, err := TCP("-listen", addr)
	if err != nil {
		t.Fatal(err)
	}
	l := g.Guard(inner)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				io.Copy(conn, conn)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return inner.Addr().String()
}

// dial connects, and says something.
func dial(t *testing.T, addr, say string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience.Limit))
	if _, err := io.WriteString(conn, say); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// answered reports whether the client hears want.
func answered(conn net.Conn, want string) bool {
	b := make([]byte, len(want))
	n, err := io.ReadFull(conn, b)
	return err == nil && string(b[:n]) == want
}

// ended waits until the server has ended the connection, and returns what the client has heard until then.
func ended(t *testing.T, conn net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(conn)
	if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Fatalf("the connection is still open after a minute")
	}
	return string(b)
}

func TestGate(t *testing.T) {
	var book logbook
	addr := echo(t, Gate{Log: book.log}, "127.0.0.1:0")
	if conn := dial(t, addr, "Content-Length: 2"); !answered(conn, "Content-Length: 2") {
		t.Error("our own client is not answered")
	}
	for _, say := range []string{"GET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n$k#6b", "OPTIONS / HTTP/1.0\r\n", "\x16\x03\x01"} {
		if got := ended(t, dial(t, addr, say)); got != "" {
			t.Errorf("%q hears %q", say, got)
		}
	}
	if got := ended(t, dial(t, addr, strings.Repeat("A", maxHello+1))); got != "" {
		t.Errorf("a line without an end hears %q", got)
	}
	conn := dial(t, addr, "$")
	if !answered(conn, "$") {
		t.Error("after the web pages, a client is not answered")
	}
	conn.CloseWrite()
	ended(t, conn)
	for _, want := range []string{"refused 127.0.0.1: it speaks HTTP, as web pages do\n", "(4 times so far)", "does not speak the protocol"} {
		if !strings.Contains(book.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, &book)
		}
	}
}

// TestSilentClients connects more of them than the gate holds: who speaks is let in all the same.
func TestSilentClients(t *testing.T) {
	addr := echo(t, Gate{Hello: func(b []byte) bool { return bytes.HasSuffix(b, []byte("#")) }}, "127.0.0.1:0")
	oldest := dial(t, addr, "+$half a packet")
	for range maxSilent {
		dial(t, addr, "")
	}
	if got := ended(t, oldest); got != "" {
		t.Errorf("the oldest hears %q", got)
	}
	if conn := dial(t, addr, "+$whole#"); !answered(conn, "+$whole#") {
		t.Error("a client beside silent ones is not answered")
	}
}

// TestGateCloses: closing ends the connections of those who wait.
func TestGateCloses(t *testing.T) {
	inner, err := TCP("-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Gate{Hello: func(b []byte) bool { return len(b) > 1 }}.Guard(inner)
	half, whole := dial(t, inner.Addr().String(), "+"), dial(t, inner.Addr().String(), "++")
	if _, err := l.Accept(); err != nil {
		t.Fatal(err)
	}
	second := dial(t, inner.Addr().String(), "++") // nobody accepts it
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ended(t, half)
	ended(t, second)
	if _, err := l.Accept(); err == nil {
		t.Error("Accept after Close gives no error")
	}
	whole.Close()
}

func TestTCP(t *testing.T) {
	for _, c := range []struct{ addr, host, want string }{
		{":0", "127.0.0.1", ""},
		{"127.0.0.1:0", "127.0.0.1", ""},
		{"localhost:0", "127.0.0.1", ""},
		{"0.0.0.0:0", "", "is not a loopback address: other computers can reach it"},
		{"here", "", "-addr here: want HOST:PORT"},
		{"127.0.0.1:99999", "", "-addr 127.0.0.1:99999: "},
		{"127.0.0.1:99999", "", "give another with -addr HOST:PORT"},
	} {
		l, err := TCP("-addr", c.addr)
		said := ""
		if err != nil {
			said = err.Error()
		} else {
			said = Exposed(l)
			if host := host(l.Addr()); c.host != "" && host != c.host {
				t.Errorf("%s listens at %s", c.addr, host)
			}
			l.Close()
		}
		if !strings.Contains(said, c.want) || said != "" && c.want == "" {
			t.Errorf("%s: %q; want %q", c.addr, said, c.want)
		}
	}
}

// TestAddresses: an address that stands for all is written as the user gave it, and there is one to which a client can connect.
func TestAddresses(t *testing.T) {
	for _, c := range []struct{ give, own, reachable string }{ // the hosts
		{":0", "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1:0", "127.0.0.1", "127.0.0.1"},
		{"127.0.0.2:0", "127.0.0.2", "127.0.0.2"},
		{"localhost:0", "127.0.0.1", "127.0.0.1"},
		{"0.0.0.0:0", "0.0.0.0", "127.0.0.1"},
		{"[::]:0", "::", "::1"},
		{"[::1]:0", "::1", "::1"},
	} {
		l, err := TCP("-listen", c.give)
		if err != nil {
			t.Logf("NOT TESTED: %v", err) // without IPv6, or on a system whose loopback is one address
			continue
		}
		guarded := Gate{AnyUser: true}.Guard(l)
		for _, l := range []net.Listener{l, guarded} {
			own, port, _ := net.SplitHostPort(l.Addr().String())
			reachable, samePort, _ := net.SplitHostPort(Reachable(l))
			if own != c.own || reachable != c.reachable || port == "0" || port != samePort {
				t.Errorf("%s: %s, reachable at %s", c.give, l.Addr(), Reachable(l))
			}
		}
		conn, err := net.Dial("tcp", Reachable(guarded))
		if err != nil {
			t.Errorf("%s: %v", c.give, err)
		} else {
			conn.Close()
		}
		if said := Exposed(guarded); said != "" && !strings.HasPrefix(said, l.Addr().String()+" ") {
			t.Errorf("%s: %s", c.give, said)
		}
		guarded.Close()
	}
}
