package cells

import (
	"strings"
	"testing"
	"time"

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
		"statements":          "mu.Lock()\nx = 1",
		"one line":            "mu.Lock(); x = 1",
		"the value":           "mu.Lock()\nset()",
		"a function":          "lock()\nx = 1",
		"a function's value":  "lock()",
		"a block":             "if true {\n\tmu.Lock()\n\tx = 1\n}",
		"a loop":              "for {\n\tmu.Lock()\n\tx++\n\tmu.Unlock()\n}",
		"a closure":           "f := func() int { mu.Lock(); x = 1; return x }\nf()",
		"before a definition": "mu.Lock()\ny := set()",
	} {
		t.Run(name, func(t *testing.T) {
			n := newNotebook(t)
			if r := n.run("import \"sync\"\nvar mu sync.Mutex\nx := 0\nfunc set() int { x = 1; return x }\nfunc lock() int { mu.Lock(); x = 1; return x }\nmu.Lock()"); r.failure != "" {
				t.Fatalf("%+v", r)
			}
			n.send("print(\"begun \")\n" + code)
			n.waitFor("begun ")
			n.h.Interrupt()
			if r := n.wait(); !strings.HasPrefix(r.failure, "interrupted: ") {
				t.Fatalf("%+v", r)
			}
			given := n.s.runner.GivenUp()
			if given == nil {
				t.Fatal("the call has ended")
			}
			if r := n.run("mu.Unlock()\n7"); r.value != "7" {
				t.Errorf("the next cell: %+v", r)
			}
			select {
			case <-given:
			case <-time.After(time.Minute):
				t.Fatal("the cell that was given up does not end")
			}
			if r := n.run("x"); r.value != "0" {
				t.Errorf("the old cell has gone on: %+v", r)
			}
		})
	}
}

// waitFor waits until the cell that runs has printed a text.
func (n *notebook) waitFor(text string) {
	n.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		n.mu.Lock()
		for _, m := range n.seen {
			if m.Header.Type == "stream" && strings.Contains(string(m.Content), text) {
				n.mu.Unlock()
				return
			}
		}
		n.mu.Unlock()
		if time.Now().After(deadline) {
			n.t.Fatalf("the cell does not print %q", text)
		}
	}
}
