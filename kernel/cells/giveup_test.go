package cells

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	wait "github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
)

// TestGivenUp interrupts cells in a call that cannot be ended, and lets that call return during another cell: nothing more of
// the old cell runs, and the other one has its own value.
func TestGivenUp(t *testing.T) {
	race.Skip(t)
	old := patience
	patience = time.Millisecond
	defer func() { patience = old }()
	for name, code := range map[string]string{
		"statements":          "hold()\nx = 1",
		"one line":            "hold(); x = 1",
		"the value":           "hold()\nset()",
		"a function":          "f()\nx = 1",
		"a function's value":  "f()",
		"a block":             "if true {\n\thold()\n\tx = 1\n}",
		"a loop":              "for {\n\thold()\n\tx++\n}",
		"a closure":           "g := func() int { hold(); x = 1; return x }\ng()",
		"before a definition": "hold()\ny := set()",
	} {
		t.Run(name, func(t *testing.T) {
			n := newNotebook(t)
			called, let := make(chan bool), make(chan bool)
			n.s.in.Use(interp.Exports{"rt0/test/test": {
				"hold":    reflect.ValueOf(func() { close(called); <-let }),
				"release": reflect.ValueOf(func() { close(let) }),
			}})
			if _, err := n.s.in.Eval(`import . "rt0/test"`); err != nil {
				t.Fatal(err)
			}
			if r := n.run("x := 0\nfunc set() int { x = 1; return x }\nfunc f() int { hold(); x = 1; return x }"); r.failure != "" {
				t.Fatalf("%+v", r)
			}
			n.send(code)
			select {
			case <-called:
			case <-n.done:
				t.Fatal("the cell calls nothing")
			}
			n.h.Interrupt()
			if r := n.wait(); !strings.HasPrefix(r.failure, "interrupted: ") {
				t.Fatalf("%+v", r)
			}
			given := n.s.runner.GivenUp()
			if given == nil {
				t.Fatal("the call has ended")
			}
			if r := n.run("release()\n7"); r.value != "7" {
				t.Errorf("the next cell: %+v", r)
			}
			wait.Receive(t, "the end of the cell that was given up", given)
			if r := n.run("x"); r.value != "0" {
				t.Errorf("the old cell has gone on: %+v", r)
			}
		})
	}
}
