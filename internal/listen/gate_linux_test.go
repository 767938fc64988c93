package listen

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testuser"
)

func TestOtherUser(t *testing.T) {
	var book logbook
	addr := echo(t, Gate{Log: book.log}, "127.0.0.1:0")
	if got := testuser.Dial(t, addr, "+hello"); got != "" {
		t.Errorf("another user hears %q", got)
	}
	if got := book.String(); !strings.Contains(got, "uid 65534") || !strings.Contains(got, "-any-user") || strings.Contains(got, "\n") {
		t.Errorf("the log is %q; want one line that names the uid and -any-user", got)
	}
	if conn := dial(t, addr, "+hello"); !answered(conn, "+hello") {
		t.Error("our own client is not answered")
	}
}

func TestAnyUser(t *testing.T) {
	var book logbook
	addr := echo(t, Gate{AnyUser: true, Log: book.log, Hello: func(b []byte) bool { return strings.HasSuffix(string(b), "!") }}, "127.0.0.1:0")
	if got := testuser.Dial(t, addr, "GET / HTTP/1.1\r\n\r\n!"); got != "" {
		t.Errorf("a browser of another user hears %q", got)
	}
	if got := testuser.Dial(t, addr, "+hello!"); got != "+hello!" {
		t.Errorf("another user hears %q", got)
	}
}

// TestEveryFamily has IPv4 and IPv6 sockets at either end.
func TestEveryFamily(t *testing.T) {
	for _, c := range []struct{ listen, dial string }{
		{"[::]:0", "127.0.0.1"}, {"[::]:0", "::1"}, {"[::1]:0", "::1"}, {"[::]:0", "::ffff:127.0.0.1"}, {"0.0.0.0:0", "127.0.0.2"},
	} {
		if l, err := net.Listen("tcp", c.listen); err != nil {
			t.Logf("NOT TESTED: %v", err)
			continue
		} else {
			l.Close()
		}
		var book logbook
		_, port, _ := net.SplitHostPort(echo(t, Gate{Log: book.log}, c.listen))
		if conn := dial(t, net.JoinHostPort(c.dial, port), "+hello"); !answered(conn, "+hello") {
			t.Errorf("%s is not answered at %s: %s", c.dial, c.listen, &book)
		}
		if got := strings.Contains(book.String(), "not a loopback address"); got != (c.listen != "[::1]:0") {
			t.Errorf("%s: the log is %q", c.listen, &book)
		}
	}
}

// TestWithoutTable: where the system tells nothing, nobody is answered, and the cure is named.
func TestWithoutTable(t *testing.T) {
	defer func(was []string) { tables = was }(tables)
	empty := filepath.Join(t.TempDir(), "tcp")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ table, want string }{{empty + "6", "no such file"}, {empty, "no program of this computer"}} {
		tables = []string{c.table, empty + "6"}
		var book logbook
		if got := ended(t, dial(t, echo(t, Gate{Log: book.log}, "127.0.0.1:0"), "+hello")); got != "" {
			t.Errorf("a client hears %q", got)
		}
		if got := book.String(); !strings.Contains(got, c.want) || !strings.Contains(got, "-any-user") {
			t.Errorf("the log is %q; want %q and -any-user", got, c.want)
		}
	}
}
