package lab

import (
	"slices"
	"strings"
	"testing"
)

// TestDescribe asks a booted program for the names that it has, and what they are.
func TestDescribe(t *testing.T) {
	m := Boot(CPUs(2)).To("pidle")
	for _, k := range []struct {
		got  []string
		want string
	}{
		{m.Fields("sched"), "pidle"}, {m.Fields("allp[0]"), "runq"}, {m.Fields("m0.curg"), "goid"}, {m.Fields("m0.p"), "status"},
		{m.Variables("sch"), "sched"}, {m.Variables(""), "allp"}, {m.Functions("runtime.sched"), "runtime.schedinit"}, {m.Facts(), "sched.npidle"},
	} {
		if !slices.Contains(k.got, k.want) {
			t.Errorf("%q is not in %.300q", k.want, k.got)
		}
	}
	if got := m.Fields("nothing.like.this"); got != nil {
		t.Errorf("%q", got)
	}
	for what, want := range map[string]string{
		"runtime.schedinit": "proc.go:", "sched.npidle": "of runtime.schedt\nnow, at tick ", "sched.pidle": "(P1)", "allp[0].status": ": 1", "nothing": "",
	} {
		if got := m.Describe(what); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
}
