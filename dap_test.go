package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-dap"

	rt0dap "github.com/rt0lab/rt0/dap"
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
	ours.SetDeadline(time.Now().Add(time.Minute))
	status := make(chan int)
	var errs bytes.Buffer
	go func() { status <- run(t.Context(), []string{"rt0", "dap"}, streams{theirs, theirs, &errs}) }()
	dapBoot(t, ours)
	ours.Close()
	if got := <-status; got != 0 || errs.Len() > 0 {
		t.Errorf("status %d, stderr %q", got, errs.String())
	}
}

// TestDAPListen serves two editors over TCP, one after the other, and a browser that has lost its way.
func TestDAPListen(t *testing.T) {
	l, err := listenLocally("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	log := make(chan string, 1)
	done := make(chan error, 1)
	go func() {
		done <- serveDAP(ctx, l, &rt0dap.Server{Load: loadForDAP, Log: func(format string, args ...any) { log <- format }})
	}()
	for range 2 {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute))
		dapBoot(t, conn)
		conn.Close()
	}
	lost, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(lost, "GET / HTTP/1.1\r\n\r\n")
	if b, err := io.ReadAll(lost); err != nil || len(b) != 0 {
		t.Errorf("a browser gets %q, %v", b, err)
	}
	<-log
	cancel()
	var status *statusError
	if err := <-done; !errors.As(err, &status) || status.status != statusInterrupted {
		t.Errorf("serveDAP returns %v", err)
	}
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
