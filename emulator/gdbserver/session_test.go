package gdbserver

import (
	"bufio"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
)

// expeditedField matches the registers in a stop reply.
var expeditedField = regexp.MustCompile(`(^T..|;)((?:[0-9a-f]{2}:[0-9a-f]+;)+)`)

// TestSession plays testdata/session/*.txt against the toy. A line is
//
//	> PACKET       to send
//	< REPLY        to expect, registers left out of stop replies; E. stands for any error sentence
//	~ TEXT         to expect as a line that the server says before the reply
//	! COMMAND      to send as a monitor command
//	| TEXT         to expect as a line of what the command says
//	# COMMENT
func TestSession(t *testing.T) {
	scripts, err := filepath.Glob("testdata/session/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts: ", err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(script)
			if err != nil {
				t.Fatal(err)
			}
			c := dial(t, &toy{end: toyEnd})
			var asked string
			var said []string
			for n, line := range strings.Split(string(text), "\n") {
				mark, body, _ := strings.Cut(line, " ")
				switch mark {
				case ">":
					asked = body
					c.raw(frame(body))
				case "~":
					if got := c.reply(); got != string(appendHex([]byte{'O'}, []byte(body+"\n"))) {
						t.Errorf("%s:%d: %s\n got  %s\n want %q", script, n+1, asked, got, body)
					}
				case "!":
					asked = body
					said = c.monitor(body)
				case "|":
					if len(said) == 0 || said[0] != body {
						t.Fatalf("%s:%d: %s\n says %q\n want %q", script, n+1, asked, said, body)
					}
					said = said[1:]
				case "<":
					got := expeditedField.ReplaceAllString(c.reply(), "$1")
					if body == "E." && strings.HasPrefix(got, "E.") {
						continue
					}
					if got != body {
						t.Errorf("%s:%d: %s\n got  %s\n want %s", script, n+1, asked, got, body)
					}
				}
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	for _, test := range []struct {
		name    string
		program Debuggee
	}{
		{"toy", &toy{end: 100, endless: true}},
		{"machine", newProgram(t, spin, 1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, test.program)
			for _, ask := range []string{"vCont;c", "vCont;r1,ffffffffffffff:p-1.0", "qRcmd," + hex.EncodeToString([]byte("seek 0xffffffffffff"))} {
				if _, ok := test.program.(*toy); ok && ask != "vCont;c" { // its other moves end
					continue
				}
				c.raw(frame(ask))
				time.Sleep(20 * time.Millisecond) // let it run
				c.raw("\x03")
				got := c.reply()
				if strings.HasPrefix(ask, "vCont") && !strings.HasPrefix(got, "T02") || strings.HasPrefix(ask, "qRcmd") && got[0] != 'O' {
					t.Errorf("the reply to the interrupt of %s is %q", ask, got)
				}
			}
			c.raw(frame("qAttached"))
			for got := ""; got != "1"; { // after what is left of the monitor command's reply
				if got = c.reply(); got != "1" && got != "OK" && got[0] != 'O' {
					t.Fatalf("after the interrupt qAttached is %q", got)
				}
			}
		})
	}
}

// TestReconnect drops a connection in the middle of a run: the next client finds the program at rest and no breakpoints.
func TestReconnect(t *testing.T) {
	program := &toy{end: 100, endless: true}
	server := &Server{Debuggee: program}
	addr := serve(t, server)
	first := connect(t, addr)
	if got := first.ask("Z0,10008,1"); got != "OK" {
		t.Fatal(got)
	}
	if got := first.ask("vCont;c"); !strings.Contains(got, "swbreak") {
		t.Fatal(got)
	}
	first.ask("z0,10008,1")
	first.ask("Z0,10100,1")
	first.raw(frame("vCont;c"))
	time.Sleep(10 * time.Millisecond)
	first.conn.Close()
	patience.Until(t, "the session ends with its connection", func() bool { return !server.busy.Load() })
	if program.breakpoints != nil {
		t.Errorf("breakpoints are left: %#x", program.breakpoints)
	}
	second := connect(t, addr)
	if got := second.ask("?"); !strings.HasPrefix(got, "T05") {
		t.Errorf("? is %q", got)
	}
	if got := second.ask("vCont;s:1"); !strings.HasPrefix(got, "T05") {
		t.Errorf("step is %q", got)
	}
}

// TestSilentClient connects clients that have not sent a packet yet: they keep nobody out.
func TestSilentClient(t *testing.T) {
	addr := serve(t, &Server{Debuggee: &toy{end: toyEnd}})
	for _, said := range []string{"", "+", "$qSuppor", "$qC#00"} { // the last one's checksum is wrong
		conn, err := dialRaw(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	if got := connect(t, addr).ask("qC"); got != "QC1" {
		t.Errorf("qC is %q", got)
	}
}

func TestSecondClientIsTurnedAway(t *testing.T) {
	addr := serve(t, &Server{Debuggee: &toy{end: toyEnd}})
	first := connect(t, addr)
	conn, err := dialRaw(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	second := &client{t, conn, bufio.NewReader(conn)}
	if got := second.ask("qSupported:multiprocess+"); got != "E."+errTaken.Error() {
		t.Errorf("the second client is told %q", got)
	}
	if _, err := second.r.ReadByte(); err == nil {
		t.Error("the second client is still served")
	}
	if got := first.ask("qC"); got != "QC1" {
		t.Errorf("qC is %q", got)
	}
}

// TestOtherProtocol sends packets in what is not gdb's protocol: they are not carried out.
func TestOtherProtocol(t *testing.T) {
	addr := serve(t, &Server{Debuggee: &toy{end: toyEnd}})
	for _, said := range []string{"POST / HTTP/1.1\r\n\r\n$k#6b", "\x16\x03\x01$k#6b", "\x00\x03$k#6b"} {
		conn, err := dialRaw(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(conn); len(b) > 0 {
			t.Errorf("%q: the reply is %q", said, b)
		}
	}
	if got := connect(t, addr).ask("qC"); got != "QC1" {
		t.Errorf("qC is %q", got)
	}
}

func TestGreeted(t *testing.T) {
	for said, want := range map[string]bool{
		"": false, "+": false, "+$qSupported:xmlRegisters=i386#6": false, "$?#3f": true, "+$?#3f": true, "+$?#3f$": true, "$?#00": false,
		"GET / HTTP/1.1\r\n\r\n$?#3f": false, "\x03$?#3f": true,
	} {
		if got := Greeted([]byte(said)); got != want {
			t.Errorf("%q: %t, want %t", said, got, want)
		}
	}
}
