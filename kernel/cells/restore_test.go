package cells

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestRestore tells a second session what a first one has journaled: what has no side effects is there again.
func TestRestore(t *testing.T) {
	a := newNotebook(t)
	for _, code := range []string{
		"import \"fmt\"\nimport str \"strings\"",
		"const Two = 2\nconst (\n\tRed = iota\n\tGreen\n\tBlue\n)",
		"type Old struct{ A int }\ntype (\n\tP struct{ X int }\n\tQ struct{ P }\n)",
		"type P struct{ X, Y int }",
		"func (p P) Sum() int { return p.X + p.Y + Two }\nfunc upper(s string) string { return str.ToUpper(s) }",
		"func even(n int) bool { if n == 0 { return true }; return odd(n - 1) }\nfunc odd(n int) bool { if n == 0 { return false }; return even(n - 1) }",
		"const Green = 40",
		"count := 1\nfunc next() int { count++; return count }\nfunc twice() int { return 2 * next() }",
		"func boom() int {\n\tvar s []int\n\treturn s[3]\n}",
		"%boot -cpus 2 -seed 7\nmachine.To(\"pidle\")",
		"%lang zh",
	} {
		if r := a.run(code); r.failure != "" {
			t.Fatalf("%q: %s", code, r.failure)
		}
	}
	tick := a.run("machine.Tick()").value
	j := a.s.Journal()
	for _, want := range []string{"the machine at tick", "import fmt, str", "const Two, Red, Blue, Green", "type Old, P, Q", "func upper, even, odd, boom"} {
		if !strings.Contains(strings.Join(j.Kept, "; "), want) {
			t.Errorf("kept %q; want %q in it", j.Kept, want)
		}
	}
	for _, want := range []string{"var count", "what uses these: next, twice"} {
		if !slices.Contains(j.Lost, want) {
			t.Errorf("lost %q; want %q", j.Lost, want)
		}
	}
	a.h.Close() // there is one Session at a time
	b := newNotebook(t)
	if err := b.s.Restore(context.Background(), j.Parts); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ code, want string }{
		{"P{1, 2}.Sum()", "5"}, {"Q{P{X: 3}}.Sum()", "5"}, {"upper(\"go\")", "GO"}, {"even(7)", "false"}, {"Old{4}.A", "4"},
		{"fmt.Sprint(Red, Green, Blue)", "0 40 2"}, {"machine.Tick()", tick}, {"machine.Eval(\"sched.npidle\")", "1"},
	} {
		if r := b.run(k.code); r.value != k.want {
			t.Errorf("%q: %+v, want %s", k.code, r, k.want)
		}
	}
	if r := b.run("count"); !strings.Contains(r.failure, "undefined: count") {
		t.Errorf("a variable: %+v", r)
	}
	if r := b.run("boom()"); !strings.Contains(r.traceback, "cell[9]:2:") {
		t.Errorf("a function keeps its lines: %+v", r)
	}
	if r := b.run("type P struct{ X, Y, Z int }\nP{9, 1, 1}.Sum()"); r.value != "12" {
		t.Errorf("a type is defined again: %+v", r)
	}
	again := b.s.Journal()
	if again.Kept == nil || !strings.Contains(strings.Join(again.Kept, "; "), "func upper, even, odd, boom") {
		t.Errorf("the journal of the second session: %q", again.Kept)
	}
}
