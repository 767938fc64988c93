package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/internal/patience"
)

// A listening command is one that waits for clients, and what it says meanwhile.
type listening struct {
	addr   string
	cancel context.CancelFunc
	status chan int

	mu   sync.Mutex
	said bytes.Buffer
}

// saysWhere is how a command says where it listens: rt0 serve with a URL, the others with an address.
var saysWhere = regexp.MustCompile(`(?:waiting at |http://)([^\s;/]+)`)

// startListening runs rt0 with the arguments until the test is over, and waits until it says where it listens.
func startListening(t *testing.T, args ...string) *listening {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	l := &listening{cancel: cancel, status: make(chan int, 1)}
	messages, out := io.Pipe()
	go func() {
		l.status <- run(ctx, append([]string{"rt0"}, args...), streams{strings.NewReader(""), out, out})
		out.Close()
	}()
	addr := make(chan string, 1)
	all := make(chan struct{})
	go func() {
		defer close(all)
		for lines := bufio.NewScanner(messages); lines.Scan(); {
			l.mu.Lock()
			l.said.WriteString(lines.Text() + "\n")
			l.mu.Unlock()
			if m := saysWhere.FindStringSubmatch(lines.Text()); m != nil && len(addr) == 0 {
				addr <- m[1]
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-all
	})
	select {
	case l.addr = <-addr:
	case <-all:
		t.Fatalf("rt0 %q does not say where it listens: %s", args, l.log())
	}
	return l
}

// log returns what the command has said so far.
func (l *listening) log() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said.String()
}

// wait returns the exit status, once there is one.
func (l *listening) wait() int { return <-l.status }

// interrupt ends the command as ^C does.
func (l *listening) interrupt() int {
	l.cancel()
	return l.wait()
}

// dial connects, and says something.
func (l *listening) dial(t *testing.T, say string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience.Limit))
	if _, err := io.WriteString(conn, say); err != nil {
		t.Fatal(err)
	}
	return conn
}

// hears says something, and returns all that comes until the command ends the connection.
func (l *listening) hears(t *testing.T, say string) string {
	t.Helper()
	b, err := io.ReadAll(l.dial(t, say))
	if e, ok := err.(net.Error); ok && e.Timeout() {
		t.Fatalf("%q: the connection is still open", say)
	}
	return string(b)
}

// debuggers are the commands that answer their own user only, and what a client of them says first.
var debuggers = []struct {
	args  []string
	hello string
}{
	{[]string{"gdb", "-listen", "127.0.0.1:0", "hello"}, "+$?#3f"},
	{[]string{"dap", "-listen", "127.0.0.1:0"}, dapMessage(`{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"rt0"}}`)},
}

func dapMessage(text string) string {
	var b strings.Builder
	dap.WriteBaseMessage(&b, []byte(text))
	return b.String()
}

// served reports whether a debugger answers its own user.
func (l *listening) served(t *testing.T, hello string) bool {
	conn := l.dial(t, hello)
	defer conn.Close()
	n, _ := conn.Read(make([]byte, 1))
	return n == 1
}

// TestWebPages sends to the debuggers what a page of any site can make a browser send to a loopback address. The body is what
// would end rt0 gdb, or launch a program in rt0 dap.
func TestWebPages(t *testing.T) {
	for _, d := range debuggers {
		server := startListening(t, d.args...)
		for _, line := range []string{"GET / HTTP/1.1", "POST /a?b HTTP/1.1", "OPTIONS / HTTP/1.1", "$k#6b / HTTP/1.1"} {
			body := "$k#6b" + dapMessage(`{"seq":1,"type":"request","command":"launch","arguments":{"program":"hello"}}`)
			if got := server.hears(t, line+"\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"+body); got != "" {
				t.Errorf("%s: %s is answered with %q", d.args[0], line, got)
			}
		}
		if !server.served(t, d.hello) {
			t.Errorf("%s: after the web pages nobody is served", d.args[0])
		}
		if !strings.Contains(server.log(), "HTTP") {
			t.Errorf("%s says nothing of web pages: %s", d.args[0], server.log())
		}
	}
}

// TestSilentDebuggers connects clients that say nothing, or break off: the next one is served.
func TestSilentDebuggers(t *testing.T) {
	for _, d := range debuggers {
		server := startListening(t, d.args...)
		for _, say := range []string{"", d.hello[:len(d.hello)-2], ""} {
			server.dial(t, say)
		}
		if !server.served(t, d.hello) {
			t.Errorf("%s: after silent clients nobody is served", d.args[0])
		}
	}
}

// portOf returns the port of HOST:PORT.
func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// TestWhereItListens: a port alone is loopback, what is not loopback is said, and an address for clients is named.
func TestWhereItListens(t *testing.T) {
	for _, args := range append([][]string{debuggers[0].args, debuggers[1].args}, []string{"serve", "-dir", builtPage(t), "-addr", "127.0.0.1:0"}) {
		for addr, exposed := range map[string]bool{":0": false, "0.0.0.0:0": true} {
			args := slices.Clone(args)
			args[slices.Index(args, "127.0.0.1:0")] = addr
			server := startListening(t, args...)
			if host, _, _ := net.SplitHostPort(server.addr); !exposed && host != "127.0.0.1" {
				t.Errorf("rt0 %q listens at %s", args, server.addr)
			}
			server.interrupt()
			if said := server.log(); strings.Contains(said, "[::]") || exposed && !strings.Contains(said, "127.0.0.1:"+portOf(server.addr)) {
				t.Errorf("rt0 %q names no address for clients:\n%s", args, said)
			}
			if got := strings.Count(server.log(), "is not a loopback address"); got != map[bool]int{true: 1}[exposed] {
				t.Errorf("rt0 %q says:\n%s", args, server.log())
			}
		}
	}
}
