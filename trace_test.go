package main

import (
	"encoding/json"
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
