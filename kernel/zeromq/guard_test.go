package zeromq

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/rt0lab/rt0/kernel"
)

// greeting is what a client without security says first (ZMTP 3.0), and the command that tells what socket it is.
func greeting() []byte {
	b := make([]byte, greetingLength)
	b[0], b[8], b[9], b[10] = 0xff, 1, 0x7f, 3
	copy(b[12:], "NULL")
	return append(b, "\x04\x19\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"[:2+0x19]...)
}

// TestHostileClients connects without a key and sends what the library would die of, or says nothing; others are served.
func TestHostileClients(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	for name, bytes := range map[string][]byte{
		"no length there is": append(greeting(), 2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"more than the sky":  append(greeting(), 2, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff),
		"an HTTP request":    []byte("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a browser that wants to know what is here\r\n\r\n"),
		"zeros":              make([]byte, 1000),
		"half a greeting":    greeting()[:30],
		"nothing":            nil,
	} {
		for _, port := range []int{c.conn.Shell, c.conn.Control, c.conn.IOPub, c.conn.Heartbeat} {
			conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			conn.Write(bytes)
		}
		time.Sleep(20 * time.Millisecond)
		if f := c.ask(kernel.Shell, "kernel_info_request", map[string]any{}); f["status"] != "ok" {
			t.Errorf("%s: %v", name, f)
		}
	}
	begin := time.Now()
	other := connect(t, c.conn, c.log, "other") // behind those that say nothing
	if f := other.ask(kernel.Shell, "kernel_info_request", map[string]any{}); f["status"] != "ok" {
		t.Errorf("%v", f)
	}
	if took := time.Since(begin); took > slow*greetWithin {
		t.Errorf("the next client waited %v", took)
	}
}

// TestFrames follows frames that come in pieces of any size.
func TestFrames(t *testing.T) {
	stream := append(greeting(), 0, 0, 1, 3, 'a', 'b', 'c', 2, 0, 0, 0, 0, 0, 0, 0, 2, 'x', 'y')
	for size := 1; size < len(stream); size++ {
		f := frames{left: greetingLength}
		for at := 0; at < len(stream); at += size {
			if !f.follow(stream[at:min(at+size, len(stream))]) {
				t.Fatalf("pieces of %d: refused", size)
			}
		}
		if f.ended != 5 || f.left != 0 || len(f.head) != 0 {
			t.Errorf("pieces of %d: %+v", size, f)
		}
	}
}
