package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestLimits gives -max-ticks and -mem to the commands and wants the line that says what to do.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"boot", "-max-ticks", "1000", "hello"}, "main.main was not reached within 1000 instructions; allow the program more with -max-ticks N"},
		{[]string{"trace", "-max-ticks", "1000", "hello"}, "stopped at tick 1000; let it run on with a greater -max-ticks"},
		{[]string{"run", "-max-ticks", "1000", "hello"}, "stopped at tick 1000; let it run on with a greater -max-ticks"},
		{[]string{"boot", "-mem", "64K", "hello"}, "allow more: -mem"},
		{[]string{"boot", "-mem", "much", "hello"}, "-mem: size"},
		{[]string{"dap", "-mem", "much"}, "-mem: size"},
	} {
		var out, errs bytes.Buffer
		status := run(t.Context(), append([]string{"rt0"}, c.args...), streams{strings.NewReader(""), &out, &errs})
		if status == 0 || !strings.Contains(errs.String(), c.want) {
			t.Errorf("rt0 %q: status %d, %q, want %q", c.args, status, errs.String(), c.want)
		}
	}
}
