package gdbserver

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A stream is an input to read and a record of what was written.
type stream struct {
	io.Reader
	written bytes.Buffer
}

func (s *stream) Write(b []byte) (int, error) { return s.written.Write(b) }

func TestRead(t *testing.T) {
	long := strings.Repeat("a", maxPacket+1)
	for _, test := range []struct {
		name, in, body, written string
		noAck                   bool
		err                     error
	}{
		{name: "plain", in: "$abc#26", body: "abc", written: "+"},
		{name: "without acknowledgement", in: "$abc#26", body: "abc", noAck: true},
		{name: "empty", in: "$#00", body: "", written: "+"},
		{name: "upper case sum", in: "$z*#A4", body: "z*", written: "+"},
		{name: "escaped", in: "$a}\x03b#" + sum("a}\x03b"), body: "a#b", written: "+"},
		{name: "escaped brace", in: "$}]#" + sum("}]"), body: "}", written: "+"},
		{name: "noise between packets", in: "+-\x03\x00xx$abc#26", body: "abc", written: "+"},
		{name: "wrong sum, sent again", in: "$abc#27$abc#26", body: "abc", written: "-+"},
		{name: "no hexadecimal sum", in: "$abc#zz$abc#26", body: "abc", written: "-+"},
		{name: "wrong sum without acknowledgement", in: "$abc#27", noAck: true, err: errChecksum},
		{name: "begins anew", in: "$ab$abc#26", body: "abc", written: "+"},
		{name: "too long", in: "$" + long + "#" + sum(long), written: "+", err: errTooLong},
		{name: "just not too long", in: "$" + long[1:] + "#" + sum(long[1:]), body: long[1:], written: "+"},
		{name: "nothing", in: "", err: io.EOF},
		{name: "cut in the body", in: "$abc", err: io.ErrUnexpectedEOF},
		{name: "cut in the sum", in: "$abc#2", err: io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &stream{Reader: strings.NewReader(test.in)}
			w := newWire(s)
			w.noAck = test.noAck
			body, err := w.read()
			if err != test.err {
				t.Fatalf("error %v, want %v", err, test.err)
			}
			if err == nil && string(body) != test.body {
				t.Errorf("body %q, want %q", body, test.body)
			}
			if got := s.written.String(); got != test.written {
				t.Errorf("written %q, want %q", got, test.written)
			}
		})
	}
}

func sum(body string) string { return frame(body)[len(body)+2:] }

func TestSendAgain(t *testing.T) {
	s := &stream{Reader: strings.NewReader("-$abc#26")}
	w := newWire(s)
	if err := w.write([]byte("OK")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.read(); err != nil {
		t.Fatal(err)
	}
	if got, want := s.written.String(), "$OK#9a$OK#9a+"; got != want {
		t.Errorf("written %q, want %q", got, want)
	}
}

func TestParseThreadID(t *testing.T) {
	for _, test := range []struct {
		in   string
		want threadID
		ok   bool
	}{
		{"1f", 0x1f, true},
		{"0", anyThread, true},
		{"-1", allThreads, true},
		{"p7.2", 2, true},
		{"p7.0", anyThread, true},
		{"p7.-1", allThreads, true},
		{"p7", allThreads, true},
		{"p-1.-1", allThreads, true},
		{"p0.0", anyThread, true},
		{"p8.1", 0, false},
		{"", 0, false},
		{"-2", 0, false},
		{"p", 0, false},
		{"p7.", 0, false},
		{"80000000", 0, false},
		{"7fffffff", 0x7fffffff, true},
	} {
		got, err := parseThreadID([]byte(test.in), 7)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("%q: %d, %v", test.in, got, err)
		}
	}
}

// FuzzRead feeds any stream to the packet layer: it must neither panic nor hold more than a packet, and a body that it
// accepts must survive being sent.
func FuzzRead(f *testing.F) {
	f.Add([]byte("$abc#26"), true)
	f.Add([]byte("+$a}\x03b#00-\x03$$#00"), false)
	f.Fuzz(func(t *testing.T, in []byte, noAck bool) {
		w := newWire(&stream{Reader: bytes.NewReader(in)})
		w.noAck = noAck
		for {
			body, err := w.read()
			if err == errChecksum || err == errTooLong {
				continue
			}
			if err != nil {
				return
			}
			if len(body) > maxPacket {
				t.Fatalf("a body of %d bytes", len(body))
			}
			var out stream
			if err := newWire(&out).write(appendBinary(nil, body)); err != nil {
				t.Fatal(err)
			}
			again, err := newWire(&stream{Reader: &out.written}).read()
			if err != nil || !bytes.Equal(again, body) {
				t.Fatalf("%q comes back as %q, %v", body, again, err)
			}
		}
	})
}

func TestGDBSignal(t *testing.T) {
	for linux, want := range map[int]byte{2: 2, 6: 6, 7: 10, 9: 9, 10: 30, 11: 11, 13: 13, 15: 15, 17: 20, 23: 16, 34: 46, 63: 75, 64: 78} {
		if got := gdbSignal(linux); got != want {
			t.Errorf("Linux's %d is gdb's %d, want %d", linux, got, want)
		}
	}
}
