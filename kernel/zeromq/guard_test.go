package zeromq

import (
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/rt0lab/rt0/kernel"
)

// greeting is what a client without security says first (ZMTP 3.0), and the command that tells what socket it is; kind has six
// letters at most.
func greeting(kind string) []byte {
	b := make([]byte, greetingLength)
	b[0], b[8], b[9], b[10] = 0xff, 1, 0x7f, 3
	copy(b[12:], "NULL")
	body := "\x05READY\x0bSocket-Type\x00\x00\x00" + string(rune(len(kind))) + kind
	return append(append(b, 4, byte(len(body))), body...)
}

// TestHostileClients connects without a key and sends what the library would die of, or says nothing; others are served.
func TestHostileClients(t *testing.T) {
	c := start(t, scripted{}, "tcp")
	for name, bytes := range map[string][]byte{
		"no length there is": append(greeting("DEALER"), 2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"more than the sky":  append(greeting("DEALER"), 2, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff),
		"an HTTP request":    []byte("GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: a browser that wants to know what is here\r\n\r\n"),
		"zeros":              make([]byte, 1000),
		"half a greeting":    greeting("DEALER")[:30],
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

// TestStoppedClient subscribes and never reads: the other client gets all of a flood.
func TestStoppedClient(t *testing.T) {
	before := readWithin
	t.Cleanup(func() { readWithin = before }) // after the server has closed
	readWithin = time.Second
	c := start(t, scripted{}, "tcp")
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.conn.IOPub))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(append(greeting("SUB"), 0, 1, 1)) // and a subscription to everything
	time.Sleep(100 * time.Millisecond)
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "flood"})
	n := 0
	for _, m := range c.published(id) {
		if m.Header.Type == "stream" {
			n += len(fields(t, m)["text"].(string))
		}
	}
	if n != 50<<20 {
		t.Errorf("%d bytes came of 50 MiB", n)
	}
	buf := make([]byte, 1<<20)
	for read := 0; ; {
		k, err := conn.Read(buf)
		if read += k; err != nil {
			if read < 1<<20 || read > 49<<20 {
				t.Errorf("%d bytes were there for the client that did not read: it was none", read)
			}
			break
		}
	}
}

// TestFrames follows frames that come in pieces of any size.
func TestFrames(t *testing.T) {
	stream := append(greeting("DEALER"), 0, 0, 1, 3, 'a', 'b', 'c', 2, 0, 0, 0, 0, 0, 0, 0, 2, 'x', 'y')
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
