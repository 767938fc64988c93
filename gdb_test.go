package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
)

// ask sends a packet of the GDB remote protocol and returns the body of the reply.
func ask(t *testing.T, conn net.Conn, r *bufio.Reader, body string) string {
	t.Helper()
	var sum byte
	for _, b := range []byte(body) {
		sum += b
	}
	if _, err := fmt.Fprintf(conn, "$%s#%02x", body, sum); err != nil {
		t.Fatal(err)
	}
	if _, err := r.ReadString('$'); err != nil {
		t.Fatal(err)
	}
	reply, err := r.ReadString('#')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("+")); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(reply, "#")
}

// TestGDBCommand connects to rt0 gdb, looks at the program, leaves, comes again and kills it.
func TestGDBCommand(t *testing.T) {
	server := startListening(t, "gdb", "-listen", ":0", "hello")
	addr := server.addr
	if host, _, _ := net.SplitHostPort(addr); host != "127.0.0.1" {
		t.Errorf("it listens at %s, want the loopback interface", addr)
	}
	for visit := range 2 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		if got := ask(t, conn, r, "qXfer:exec-file:read::0,100"); got != "l/bin/hello" {
			t.Errorf("the program's path is %q", got)
		}
		// rsp is register 7; at the first instruction it points to argc, which is 1.
		if visit == 0 {
			sp := ask(t, conn, r, "p7")
			addr := ""
			for i := len(sp); i >= 2; i -= 2 {
				addr += sp[i-2 : i]
			}
			if got := ask(t, conn, r, "m"+addr+",8"); got != "0100000000000000" {
				t.Errorf("argc is %s", got)
			}
			if got := ask(t, conn, r, "vCont;s"); !strings.HasPrefix(got, "T05") {
				t.Errorf("the reply to a step is %q", got)
			}
			if got := ask(t, conn, r, "D"); got != "OK" {
				t.Errorf("the reply to D is %q", got)
			}
			conn.Close()
			continue
		}
		// The machine is where the first visitor left it: one step back leads to the beginning.
		if got := ask(t, conn, r, "bs"); !strings.HasPrefix(got, "T05") || strings.Contains(got, "replaylog") {
			t.Errorf("the reply to bs is %q", got)
		}
		if got := ask(t, conn, r, "bs"); !strings.Contains(got, "replaylog:begin") {
			t.Errorf("the reply to bs at the beginning is %q", got)
		}
		if got := ask(t, conn, r, "vKill;3e8"); got != "OK" {
			t.Errorf("the reply to vKill is %q", got)
		}
	}
	if status := server.wait(); status != 0 {
		t.Errorf("after a kill the status is %d", status)
	}
}

func TestGDBWrongAddress(t *testing.T) {
	for _, addr := range []string{"here", "127.0.0.1:port", "256.0.0.1:0"} {
		_, stderr, status := rt0(t, "gdb", "-listen", addr, "hello")
		if status != statusFailure || !strings.Contains(stderr, "-listen "+addr) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("-listen %s: status %d, %q", addr, status, stderr)
		}
	}
}
