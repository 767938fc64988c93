package lab

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/goruntime"
)

// said returns what a function of this package ends the cell with, or "".
func said(f func()) (text string) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case Error:
			text = p.Error()
		default:
			text = fmt.Sprintf("another panic: %v", p)
		}
	}()
	f()
	return ""
}

// TestInt reads what is a number, and refuses what is none: 0 would be a value, such as _Pidle.
func TestInt(t *testing.T) {
	m := Boot(CPUs(2)).To("pidle")
	for _, k := range []struct {
		expr string
		want int
	}{
		{"len(allp)", 2},
		{"allp[1].id", 1},
		{"allp[1].m", 0}, // a nil pointer is a number
		{"m0.curg", m.Int("allp[0].m.curg")},
		{"startupRand", m.Int("startupRand.array")},
	} {
		if got := m.Int(k.expr); got != k.want {
			t.Errorf("%s is %d, want %d", k.expr, got, k.want)
		}
	}
	for _, k := range []struct{ expr, want string }{
		{"allp[9].status", "allp[9].status cannot be read at this tick: "},
		{"allp[1].m.id", "allp[1].m.id cannot be read at this tick: "},
		{"(*p)(0x10).status", "(*p)(0x10).status cannot be read at this tick: "},
		{"sched", "sched is no integer but of type runtime.schedt"},
		{"m0.tls", "m0.tls is no integer but of type "},
		{"buildVersion", "buildVersion is no integer but of type string"},
		{"noSuchThing", "noSuchThing: "},
		{"allp[", "allp["},
	} {
		if got := said(func() { m.Int(k.expr) }); !strings.HasPrefix(got, k.want) {
			t.Errorf("%s: %q, want %q", k.expr, got, k.want)
		}
	}
	for _, f := range []func(){func() { m.Word(0) }, func() { m.Word(-8) }, func() { m.Bytes(0, 1) }, func() { m.Str(0) }} {
		if got := said(f); !strings.HasPrefix(got, "memory at 0x") {
			t.Errorf("%q", got)
		}
	}
}

// TestIsInt has the kinds of values that no expression of the boot has.
func TestIsInt(t *testing.T) {
	for kind, is := range map[reflect.Kind]bool{reflect.Bool: true, reflect.Int8: true, reflect.Uintptr: true, reflect.Pointer: true, reflect.Slice: true,
		reflect.Map: true, reflect.Func: true, reflect.Chan: true, reflect.String: false, reflect.Float64: false, reflect.Interface: false, reflect.Invalid: false} {
		if err := isInt("x", goruntime.Value{Kind: kind}); (err == nil) != is {
			t.Errorf("%v: %v", kind, err)
		}
	}
	if err := isInt("x", goruntime.Value{Kind: reflect.Int, Absent: true}); err == nil {
		t.Error("what is absent is no number")
	}
}

// TestRunToMisses: the machine stays where it was, and so does the moment with which pictures compare.
func TestRunToMisses(t *testing.T) {
	m := Boot(CPUs(2)).To("pidle")
	m.Step(10)
	tick, hash, before := m.Tick(), m.tour.Machine.Hash(), m.before
	for _, k := range []struct {
		run  func()
		want string
	}{
		{func() { m.RunTo("runtime.rt0_go") }, "runtime.rt0_go is not reached: "},
		{func() { m.BackTo("main.main") }, "main.main is not reached: "},
		{func() { m.RunTo("no.such") }, "no.such"},
	} {
		if got := said(k.run); !strings.Contains(got, k.want) {
			t.Errorf("%q, want %q", got, k.want)
		}
		if m.Tick() != tick || m.tour.Machine.Hash() != hash {
			t.Errorf("after %q the machine is at tick %d, not at %d", k.want, m.Tick(), tick)
		}
		if m.before != before {
			t.Errorf("after %q pictures compare with another moment", k.want)
		}
	}
	if m.RunTo("main.main"); m.Tick() <= tick {
		t.Errorf("main.main is at tick %d", m.Tick())
	}
}
