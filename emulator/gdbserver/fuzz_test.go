package gdbserver

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzSession sends any packets, one a line, to a session. Whatever they are, it neither panics nor hangs nor writes a
// reply that breaks the framing, and it goes on until the client leaves.
func FuzzSession(f *testing.F) {
	scripts, err := filepath.Glob("testdata/session/*.txt")
	if err != nil || len(scripts) == 0 {
		f.Fatal("no scripts: ", err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			f.Fatal(err)
		}
		var packets []byte
		for line := range bytes.Lines(text) {
			if packet, ok := bytes.CutPrefix(line, []byte("> ")); ok {
				packets = append(packets, packet...)
			}
		}
		f.Add(packets)
	}
	f.Fuzz(func(t *testing.T, packets []byte) {
		conn := &deafConn{}
		c := newSession(&Server{Debuggee: &toy{end: 300}}, conn)
		c.wire.noAck = true
		c.pid, c.selected = toyPID, toyPID
		for packet := range bytes.SplitSeq(packets, []byte{'\n'}) {
			if len(packet) > maxPacket {
				return
			}
			conn.written.Reset()
			err := c.answer(context.Background(), packet)
			if err != nil && !errors.Is(err, errKilled) && !errors.Is(err, errDetached) {
				t.Fatalf("%q ends the session: %v", packet, err)
			}
			checkReplies(t, packet, conn.written.Bytes())
			if err != nil {
				return
			}
		}
	})
}

// checkReplies reads what a session wrote as a client would.
func checkReplies(t *testing.T, packet, written []byte) {
	t.Helper()
	for len(written) > 0 {
		end := bytes.IndexByte(written, '#')
		if written[0] != '$' || end < 0 || end+3 > len(written) || bytes.ContainsAny(written[1:end], "$*") {
			t.Fatalf("%q: the reply %q is not framed well", packet, written)
		}
		if body := end - 1; body > maxPacket {
			t.Fatalf("%q: a reply of %d bytes", packet, body)
		}
		written = written[end+3:]
	}
}

// A deafConn keeps what is written to it and never has anything to read: its reads are past their deadline.
type deafConn struct {
	net.Conn
	written bytes.Buffer
}

func (c *deafConn) Write(b []byte) (int, error) { return c.written.Write(b) }

func (c *deafConn) Read(b []byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func (c *deafConn) SetReadDeadline(time.Time) error { return nil }
