package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/internal/patience"
)

// dapBoot launches the sample hello through a connection and stops before its first instruction.
func dapBoot(t *testing.T, conn io.ReadWriter) {
	t.Helper()
	in := bufio.NewReader(conn)
	for i, text := range []string{
		`{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"rt0","linesStartAt1":true}}`,
		`{"seq":2,"type":"request","command":"launch","arguments":{"program":"hello","stopOnEntry":true,"env":{"A":"1"}}}`,
		`{"seq":3,"type":"request","command":"configurationDone"}`,
	} {
		if err := dap.WriteBaseMessage(conn, []byte(text)); err != nil {
			t.Fatal(err)
		}
		for answered := false; !answered; {
			m, err := dap.ReadProtocolMessage(in)
			if err != nil {
				t.Fatal(err)
			}
			if r, ok := m.(dap.ResponseMessage); ok {
				if answered = true; !r.GetResponse().Success || r.GetResponse().RequestSeq != i+1 {
					t.Fatalf("%s: %+v", text, m)
				}
			}
		}
	}
	for {
		m, err := dap.ReadProtocolMessage(in)
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := m.(*dap.StoppedEvent); ok {
			if e.Body.Reason != "entry" {
				t.Errorf("%+v", e.Body)
			}
			return
		}
	}
}

// TestDAPStdio talks to rt0 dap as an editor that has started it.
func TestDAPStdio(t *testing.T) {
	ours, theirs := net.Pipe()
	ours.SetDeadline(time.Now().Add(patience.Limit))
	status := make(chan int)
	var errs bytes.Buffer
	go func() { status <- run(t.Context(), []string{"rt0", "dap"}, streams{theirs, theirs, &errs}) }()
	dapBoot(t, ours)
	ours.Close()
	if got := <-status; got != 0 || errs.Len() > 0 {
		t.Errorf("status %d, stderr %q", got, errs.String())
	}
}

// TestDAPListen serves two editors over TCP, one after the other, beside one that says nothing.
func TestDAPListen(t *testing.T) {
	server := startListening(t, "dap", "-listen", ":0")
	if host, _, _ := net.SplitHostPort(server.addr); host != "127.0.0.1" {
		t.Errorf("it listens at %s, want the loopback interface", server.addr)
	}
	server.dial(t, "")
	for range 2 {
		conn := server.dial(t, "")
		dapBoot(t, conn)
		conn.Close()
	}
	if status := server.interrupt(); status != statusInterrupted {
		t.Errorf("after ^C the status is %d", status)
	}
}

// TestDAPMounts launches with a mount: a client that has connected needs rt0's leave.
func TestDAPMounts(t *testing.T) {
	text := fmt.Sprintf(`{"seq":1,"type":"request","command":"launch","arguments":{"program":"hello","stopOnEntry":true,"mounts":["%s=/v:rw"]}}`, filepath.ToSlash(t.TempDir()))
	launch := func(conn io.ReadWriter) string {
		t.Helper()
		if err := dap.WriteBaseMessage(conn, []byte(text)); err != nil {
			t.Fatal(err)
		}
		m, err := dap.ReadBaseMessage(bufio.NewReader(conn))
		if err != nil {
			t.Fatal(err)
		}
		return string(m)
	}
	if got := launch(startListening(t, "dap", "-listen", ":0").dial(t, "")); !strings.Contains(got, `"success":false`) || !strings.Contains(got, "-allow-mount") {
		t.Errorf("without -allow-mount: %s", got)
	}
	if got := launch(startListening(t, "dap", "-listen", ":0", "-allow-mount").dial(t, "")); !strings.Contains(got, `"success":true`) {
		t.Errorf("with -allow-mount: %s", got)
	}
	ours, theirs := net.Pipe()
	ours.SetDeadline(time.Now().Add(patience.Limit))
	status := make(chan int)
	go func() { status <- run(t.Context(), []string{"rt0", "dap"}, streams{theirs, theirs, io.Discard}) }()
	if got := launch(ours); !strings.Contains(got, `"success":true`) {
		t.Errorf("over stdin and stdout: %s", got)
	}
	go io.Copy(io.Discard, ours) // the event that follows
	ours.Close()
	<-status
}

func TestDAPWrongUse(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"dap", "-listen", "nowhere"}, "want HOST:PORT"},
		{[]string{"dap", "-listen", "127.0.0.1:99999"}, "give another"},
	} {
		if _, stderr, status := rt0(t, tt.args...); status != statusFailure || !strings.Contains(stderr, tt.want) {
			t.Errorf("rt0 %q: status %d, %q", tt.args, status, stderr)
		}
	}
}
