package dap

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/testprog"
)

// FuzzRequest handles arbitrary content as a request to a session that rests in the boot of a program.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		`{"seq":1,"type":"request","command":"initialize","arguments":{"linesStartAt1":true}}`,
		`{"seq":1,"type":"request","command":"threads"}`,
		`{"seq":1,"type":"request","command":"stackTrace","arguments":{"threadId":1073742824,"startFrame":-1,"levels":-1}}`,
		`{"seq":1,"type":"request","command":"scopes","arguments":{"frameId":0}}`,
		`{"seq":1,"type":"request","command":"variables","arguments":{"variablesReference":1,"start":-5,"count":1000000000}}`,
		`{"seq":1,"type":"request","command":"evaluate","arguments":{"expression":"allp[0].m","frameId":0}}`,
		`{"seq":1,"type":"request","command":"evaluate","arguments":{"expression":"rt0 last g0","context":"repl"}}`,
		`{"seq":1,"type":"request","command":"disassemble","arguments":{"memoryReference":"0","instructionOffset":-5,"instructionCount":9}}`,
		`{"seq":1,"type":"request","command":"readMemory","arguments":{"memoryReference":"0xffffffffffffffff","offset":-1,"count":-1}}`,
		`{"seq":1,"type":"request","command":"setBreakpoints","arguments":{"source":{"path":"proc.go"},"breakpoints":[{"line":-1}]}}`,
		`{"seq":1,"type":"request","command":"setDataBreakpoints","arguments":{"breakpoints":[{"dataId":"0x10:8"}]}}`,
		`{"seq":1,"type":"request","command":"dataBreakpointInfo","arguments":{"name":"sched.pidle"}}`,
		`{"seq":1,"type":"request","command":"stepBack","arguments":{"threadId":1073742824}}`,
	} {
		f.Add([]byte(seed))
	}
	elf := testprog.Build(f, testprog.Versions[len(testprog.Versions)-1], testprog.Hello)
	m, err := emulator.New(emulator.Config{Program: elf})
	if err != nil {
		f.Fatal(err)
	}
	past := history.New(m)
	if _, err := past.RunTo(context.Background(), history.Forward, "runtime.schedinit"); err != nil {
		f.Fatal(err)
	}
	rest := m.Snapshot()
	f.Fuzz(func(t *testing.T, content []byte) {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		srv := &Server{Log: func(format string, args ...any) { t.Errorf(format, args...) }}
		s := &session{srv: srv, ctx: ctx, out: &out, past: past, started: true}
		s.threads = s.findThreads()
		s.number(registers(&emulator.Registers{}))
		s.handle(content)
		if s.move != nil {
			s.finishMove(<-s.move.ended)
		}
		m.Restore(rest)
		if !strings.Contains(out.String(), `"type":"response"`) {
			t.Errorf("no response to %q, but %q", content, out.String())
		}
	})
}

// FuzzReadMessage takes messages from arbitrary bytes.
func FuzzReadMessage(f *testing.F) {
	for _, seed := range []string{"Content-Length: 2\r\n\r\n{}", "Content-Length: -1\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n", "\r\n", "A: b\r\nContent-Length:0\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for r := bufio.NewReader(bytes.NewReader(b)); ; {
			content, err := readMessage(r)
			if err == io.EOF || err != nil {
				return
			}
			if len(content) > len(b) {
				t.Fatalf("%d bytes out of %d", len(content), len(b))
			}
		}
	})
}
