package cells

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rt0lab/rt0/lessons/lab"
	small "github.com/rt0lab/rt0/lessons/library"
	"github.com/rt0lab/rt0/lessons/turns"
)

// pageOptions are a session as a web page has it, but for the browser.
func pageOptions(t *testing.T, turn func()) Options {
	t.Cleanup(func() { turns.Take = nil })
	return Options{Version: "test", Symbols: small.Symbols, Turn: turn}
}

// TestCellsThatGiveWay runs the tests of cells again, with code that gives way and the packages of a page.
func TestCellsThatGiveWay(t *testing.T) {
	options = pageOptions(t, func() {})
	defer func() { options = nativeOptions }()
	for name, f := range map[string]func(*testing.T){"cells": TestCells, "interrupt": TestInterrupt, "traceback": TestTraceback, "machine": TestMachine, "display": TestDisplay} {
		t.Run(name, f)
	}
}

func TestTurns(t *testing.T) {
	var taken atomic.Int64 // goroutines give way side by side here, where a page has one thread
	options = pageOptions(t, func() { taken.Add(1) })
	defer func() { options = nativeOptions }()
	n := newNotebook(t)
	for _, c := range []struct{ code, value, failure string }{
		{"n := 0\nfor i := 0; i < 10000; i++ {\n\tn += i\n}\nn", "49995000", ""},
		{"func f(n int) int { return f(n + 1) }\nf(0)", "", errStack.Error()},
		{"n", "49995000", ""},
		{"func deep(n int) int { if n == 0 { return 0 }; return 1 + deep(n-1) }\ndeep(20000)", "20000", ""},
		{"for i := 0; ; i++ {\n\tif i == 3 {\n\t\tpanic(i)\n\t}\n}", "", "panic: 3"},
		{"import \"os/exec\"", "", "package os/exec is not there: cells can use bufio, bytes"},
	} {
		r := n.run(c.code)
		if r.value != c.value || !strings.Contains(r.failure, c.failure) || (c.failure == "") != (r.failure == "") {
			t.Errorf("%s = %q, %s", c.code, r.value, r.failure)
		}
	}
	if taken.Load() == 0 {
		t.Error("nobody had a turn")
	}
	n.send("print(\"on\")\nfor {}")
	n.printed("on")
	n.h.Interrupt()
	if r := n.wait(); !strings.HasPrefix(r.failure, "interrupted") {
		t.Errorf("%+v", r)
	}
	if r := n.run("n"); r.value != "49995000" {
		t.Errorf("the state is lost: %+v", r)
	}
}

// TestExerciseThatDoesNotEnd stops code that the exercises run in an interpreter of their own.
func TestExerciseThatDoesNotEnd(t *testing.T) {
	var taken atomic.Int64 // goroutines give way side by side here, where a page has one thread
	options = pageOptions(t, func() { taken.Add(1) })
	defer func() { options = nativeOptions }()
	n := newNotebook(t)
	n.run("import \"github.com/rt0lab/rt0/lessons/lab\"")
	n.send("lab.Exercise(\"wirep\").Check(\"func wirep(pp *p) { for {} }\")")
	time.Sleep(500 * time.Millisecond)
	n.h.Interrupt()
	if r := n.wait(); !strings.HasPrefix(r.failure, "interrupted") {
		t.Errorf("%+v", r)
	}
	if taken.Load() == 0 {
		t.Error("nobody had a turn")
	}
}

func TestFollow(t *testing.T) {
	var told []lab.Moment
	options = nativeOptions
	options.Moved = func(m lab.Moment) { told = append(told, m) }
	defer func() { options, lab.Moved = nativeOptions, func(*lab.Machine) {} }()
	n := newNotebook(t)
	n.run("import \"github.com/rt0lab/rt0/lessons/lab\"\nm := lab.Boot(lab.CPUs(2), lab.Env(\"A=1\"))\nm.To(\"tls\")")
	if len(told) != 1 || told[0].CPUs != 2 || told[0].Sample != "hello" || told[0].Env[0] != "A=1" || told[0].Tick == 0 {
		t.Fatalf("%+v", told)
	}
	n.run("x := 1")
	if len(told) != 1 {
		t.Errorf("a cell that moves nothing is told of: %+v", told)
	}
	to := told[0]
	to.Tick = 1000
	n.s.SetMoment(to)
	if r := n.run("x"); r.failure != "" || len(told) != 1 {
		t.Errorf("%+v %+v", r, told)
	}
	if r := n.run("machine.Tick()"); r.value != "1000" {
		t.Errorf("the machine is not where the page is: %+v", r)
	}
	to.Tick = 2000
	n.s.SetMoment(to)
	if r := n.run("%step 2"); !strings.Contains(r.out, "tick 2,002") {
		t.Errorf("%+v", r)
	}
	if last := told[len(told)-1]; last.Tick != 2002 || last.CPUs != 2 {
		t.Errorf("%+v", last)
	}
	a := n.run("machine.Word(machine.Reg(\"sp\"))").value
	if b := n.run("m.Seek(2002).Word(m.Reg(\"sp\"))").value; a == "" || a != b {
		t.Errorf("not the same machine: %s and %s", a, b)
	}
	to.Sample = "nosuch"
	n.s.SetMoment(to)
	if r := n.run("machine.Tick()"); !strings.Contains(r.failure, "nosuch") {
		t.Errorf("%+v", r)
	}
	if r := n.run("machine.Tick()"); r.value != "2002" {
		t.Errorf("the old machine is lost: %+v", r)
	}
}
