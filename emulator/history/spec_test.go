package history

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
)

// lineOf returns the number of the line of threads that holds the text.
func lineOf(text string) string {
	before, _, _ := strings.Cut(threads, text)
	return strconv.Itoa(1 + strings.Count(before, "\n"))
}

func TestResolve(t *testing.T) {
	s := newSession(t, threads, 1)
	for _, tt := range []struct {
		spec  string
		least int // places, 0 for an error
	}{
		{"main.main", 1},
		{"runtime.add", 20},
		{"main.go:" + lineOf("counter += n"), 1},
		{"runtime/proc.go:863", 1},
		{"0x401000", 1},
		{"*0x401000", 1},
		{"4198400", 1},
		{"", 0},
		{"main.nothing", 0},
		{"main.go:999999", 0},
		{"nowhere.go:1", 0},
		{":", 0},
		{"0x", 0},
		{"main.go:-1", 0},
	} {
		addrs, err := s.Resolve(tt.spec)
		if len(addrs) < tt.least || (err != nil) != (tt.least == 0) || tt.least == 0 && !errors.Is(err, ErrNoPlace) {
			t.Errorf("%q: %d places, %v", tt.spec, len(addrs), err)
		}
	}
}

func TestConditions(t *testing.T) {
	s := newSession(t, threads, 1)
	var regs emulator.Registers
	cur := s.m.Current()
	regs = cur.Registers
	regs.GPR[emulator.RAX], regs.GPR[emulator.RBX] = 5, ^uint64(0)
	cur.Registers = regs
	for _, tt := range []struct {
		text string
		want string // true, false, syntax or value (for errors)
	}{
		{"rax == 5", "true"},
		{"RAX==0x5", "true"},
		{"$rax != 5", "false"},
		{"rax < 6 && rax >= 5", "true"},
		{"rax > 5 || rbx == -1", "true"},
		{"rax <= 4 || rbx == 1", "false"},
		{"rax == 4 && nothing == 1", "false"},
		{"[rsp] == 1", "true"}, // argc
		{"[rsp+0]:4 == 1", "true"},
		{"[rsp+rax-5]:1 == 1", "true"},
		{"tick == 0 && goid == 0 && tid != 0", "true"},
		{"", "syntax"},
		{"rax", "syntax"},
		{"rax ==", "syntax"},
		{"== 5", "syntax"},
		{"rax == 5 &&", "syntax"},
		{"rax == 5 == 5", "syntax"},
		{"nothing == 1", "value"},
		{"[rsp == 1", "value"},
		{"[rsp]:9 == 1", "value"},
		{"[rsp]4 == 1", "value"},
		{"[here] == 1", "value"},
		{"[0] == 1", "false"},
		{"[0] == 1 || rax == 5", "true"},
		{"allp[0].id == 0", "false"}, // not made yet
		{"sched.npidle == 0 && len(allp) == 0", "true"},
		{"sched.nothing == 0", "value"},
	} {
		got := "syntax"
		if c, err := ParseCondition(tt.text); err == nil {
			got = "value"
			if ok, err := s.Holds(c, &cur); err == nil {
				got = map[bool]string{true: "true", false: "false"}[ok]
			}
		}
		if got != tt.want {
			t.Errorf("%q: %s, want %s", tt.text, got, tt.want)
		}
	}
}
