package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestTrace(t *testing.T) {
	stdout, stderr, status := rt0(t, "trace", "hello")
	if status != 0 || stderr != "hello\n" || !strings.Contains(stdout, `write(2, "hello\n", 6) = 6`) || !strings.HasSuffix(stdout, "exit_group(0) = ?\n") {
		t.Errorf("rt0 trace hello: status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	stdout, stderr, status = rt0(t, "trace", "-calls", "-insns", "-format", "json", "-to", "100", "hello")
	insns, calls := 0, 0
	for line := range strings.Lines(stdout) {
		var r struct{ Kind, Func string }
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Func == "" {
			t.Fatalf("%q: %v", line, err)
		}
		switch r.Kind {
		case "insn":
			insns++
		case "call":
			calls++
		}
	}
	if status != 0 || stderr != "" || insns != 100 || calls < 3 {
		t.Errorf("rt0 trace -to 100: status %d, %d instructions, %d calls, stderr %q", status, insns, calls, stderr)
	}
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"trace"}, "no PROGRAM"},
		{[]string{"trace", "-format", "xml", "hello"}, "-format xml: no such format; choose text or json"},
		{[]string{"trace", "-from", "7", "-to", "5", "hello"}, "-to 5 lies before -from 7"},
	} {
		stdout, stderr, status := rt0(t, tt.args...)
		if status != statusFailure || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, tt.want) {
			t.Errorf("rt0 %q: status %d, stdout %q, stderr %q", tt.args, status, stdout, stderr)
		}
	}
}

// TestTraceStatus traces to the end of a program, and not to the end: the exit status is the program's only if it ended.
func TestTraceStatus(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"trace", "exit3"}, 3},
		{[]string{"trace", "-calls", "sigterm"}, 128 + 15},
		{[]string{"trace", "-to", "1000", "exit3"}, 0},
		{[]string{"trace", "-from", "1000", "-to", "1000", "exit3"}, 0},
	} {
		if _, _, status := rt0(t, tt.args...); status != tt.want {
			t.Errorf("rt0 %q: status %d, want %d", tt.args, status, tt.want)
		}
	}
}

// TestTraceFromBeyondEnd begins a trace where the program has ended long since, which is no empty trace but a mistake.
func TestTraceFromBeyondEnd(t *testing.T) {
	stdout, stderr, status := rt0(t, "trace", "-from", "99999999", "exit3")
	if status != statusFailure || stdout != "" || !strings.Contains(stderr, "-from 99999999: the program ends at tick ") {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
}

// TestTraceFullDisk writes to where there is no room: one line says so, once.
func TestTraceFullDisk(t *testing.T) {
	for _, mode := range []string{"-insns", "-syscalls"} { // more than the buffer holds, and less
		var stderr bytes.Buffer
		full := errors.New("no room")
		status := run(t.Context(), []string{"rt0", "trace", mode, "-to", "300000", "hello"}, streams{strings.NewReader(""), brokenWriter{full}, &stderr})
		if status != statusFailure || strings.Count(stderr.String(), full.Error()) != 1 || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("rt0 trace %s: status %d, stderr %q", mode, status, stderr.String())
		}
	}
}

// A brokenWriter writes nothing.
type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }
