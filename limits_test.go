package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestLimits gives -max-ticks and -mem to the commands and wants the line that says what to do.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		args   []string
		want   string
		status int
	}{
		{[]string{"boot", "-max-ticks", "1000", "hello"}, "within 1000 instructions: the program was stopped at tick 1000, in runtime.", statusTicks},
		{[]string{"boot", "-max-ticks", "1000", "hello"}, "; allow the program more with -max-ticks N", statusTicks},
		{[]string{"trace", "-max-ticks", "1000", "hello"}, "stopped at tick 1000; let it run on with a greater -max-ticks", statusTicks},
		{[]string{"run", "-max-ticks", "1000", "hello"}, "stopped at tick 1000; let it run on with a greater -max-ticks", statusTicks},
		{[]string{"boot", "-mem", "64K", "hello"}, "allow it more with -mem", statusFailure},
		{[]string{"boot", "-mem", "1M", "hello"}, "to load the program takes at least 8", statusFailure},
		{[]string{"boot", "-mem", "16M", "hello"}, "mmap had got no memory (ENOMEM) at tick ", statusFailure},
		{[]string{"boot", "-mem", "16M", "-lang", "zh", "hello"}, "：请用 -mem 给程序多于 16 MiB 的内存", statusFailure},
		{[]string{"boot", "-mem", "much", "hello"}, "-mem: size", statusFailure},
		{[]string{"dap", "-mem", "much"}, "-mem: size", statusFailure},
	} {
		var out, errs bytes.Buffer
		status := run(t.Context(), append([]string{"rt0"}, c.args...), streams{strings.NewReader(""), &out, &errs})
		if status != c.status || !strings.Contains(errs.String(), c.want) {
			t.Errorf("rt0 %q: status %d, %q, want %q", c.args, status, errs.String(), c.want)
		}
	}
}
