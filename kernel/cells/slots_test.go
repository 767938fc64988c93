package cells

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"weak"

	"github.com/rt0lab/rt0/lessons/lab"
)

// TestMachinesGo makes machines in all the ways in which cells do, and counts those that the session holds on to. The
// interpreter would keep every one of them.
func TestMachinesGo(t *testing.T) {
	const boots = 6 // more than mostMachines
	for _, k := range []struct {
		name  string
		cells []string
		most  int // machines in the end
	}{
		{"command", []string{"%boot"}, 1},
		{"command and definition", []string{"%boot", "m := lab.Boot()"}, 2},
		{"command and methods", []string{"%boot", "machine.To(\"pidle\").Tick()", "%stage main\nmachine.Where()"}, 1},
		{"definition", []string{"m := lab.Boot()"}, 1},
		{"declaration", []string{"var m = lab.Boot()"}, 2}, // the first is no function's
		{"declaration with a type", []string{"var m *lab.Machine = lab.Boot()"}, 2},
		{"declaration without a value", []string{"var m *lab.Machine", "m = lab.Boot()"}, 1},
		{"methods", []string{"m := lab.Boot()\nm.To(\"pidle\")\nm.Step(1)\nm.Tick()", "m.Back(1)\nm.Eval(\"sched.npidle\")"}, 1},
		{"chain", []string{"m := lab.Boot().To(\"pidle\")\nx := m.Step(1).Tick()\nx"}, 1},
		{"two", []string{"a, b := lab.Boot(), 1", "a, c := lab.Boot(), b"}, 1},
		{"another type", []string{"m := lab.Boot()", "m := 5", "m := \"x\" + \"y\""}, 1},
		{"another type, with methods", []string{"m := lab.Boot()\nm.To(\"pidle\").Tick()", "m := m.Tick()"}, 1},
		{"its own old value", []string{"m := lab.Boot()", "m := m.To(\"pidle\")"}, 1},
		{"structure", []string{"s := struct{ M *lab.Machine }{lab.Boot()}"}, 1},
		{"slice", []string{"s := []*lab.Machine{lab.Boot()}\nlen(s)"}, 1},
		{"loop", []string{"for i := 0; i < 2; i++ {\n\tm := lab.Boot()\n\tm.To(\"pidle\")\n}"}, 1},
		{"function", []string{"func make() *lab.Machine { return lab.Boot() }\nm := make()\nm.To(\"pidle\")\n1"}, 1},
		{"dropped", []string{"lab.Boot().To(\"pidle\").Tick()"}, 0},
		{"value", []string{"m := lab.Boot()\nm"}, mostMachines},
		{"picture", []string{"m := lab.Boot()\nm.To(\"pidle\").Draw(\"allp\")"}, 1},
		{"failure", []string{"m := lab.Boot()\nm.To(\"nowhere\")"}, 1},
	} {
		t.Run(k.name, func(t *testing.T) {
			n := newNotebook(t)
			n.run("import \"github.com/rt0lab/rt0/lessons/lab\"")
			made := map[weak.Pointer[lab.Machine]]bool{}
			moved := lab.Moved
			lab.Moved = func(m *lab.Machine) {
				made[weak.Make(m)] = true
				moved(m)
			}
			for range boots {
				for _, code := range k.cells {
					if r := n.run(code); (r.failure != "") != (k.name == "failure") {
						t.Fatalf("%s: %+v", code, r)
					}
				}
			}
			live := 0
			for range 3 { // what has a finalizer takes two
				runtime.GC()
			}
			for m := range made {
				if m.Value() != nil {
					live++
				}
			}
			if live > k.most || len(made) < boots {
				t.Errorf("%d machines of %d are left, want %d", live, len(made), k.most)
			}
		})
	}
}

// TestDefinedAgain defines variables again that functions and pointers of earlier cells use: with the same type they see the
// new value, with another type they keep the old variable. Goroutines do as functions do; one that waits while cells run would
// race in the interpreter.
func TestDefinedAgain(t *testing.T) {
	for name, cells := range map[string][]string{
		"function":            {"rate := 0.1\nfunc tax(x float64) float64 { return x * rate }\ntax(100)", "= 10", "rate := 0.5\ntax(100)", "= 50", "rate := \"none\"\nrate, tax(100)", "= none 50", "rate := 0.25\nrate, tax(100)", "= 0.25 50"},
		"closure":             {"n := 1\nf := func() int { n++; return n }\nf()", "= 2", "n := 10\nf(), n", "= 11 11", "n := \"text\"\nf(), n", "= 12 text"},
		"pointer":             {"x := 1\np := &x", "", "x := 2\n*p", "= 2", "x := \"text\"\n*p, x", "= 2 text", "*p = 5\n*p, x", "= 5 text"},
		"array":               {"a := [3]int{1, 2, 3}\ns := a[:]", "", "a := \"text\"\ns[1], a", "= 2 text"},
		"method":              {"type T struct{ N int }\nfunc (t *T) Add() *T { t.N++; return t }\nt := T{1}\nq := t.Add()", "", "t := 3\nq.Add().N, t", "= 3 3"},
		"method value":        {"type T struct{ N int }\nfunc (t *T) Add() int { t.N++; return t.N }\nt := T{1}\nadd := t.Add", "", "t := 3\nadd(), t", "= 2 3"},
		"lock in use":         {"import \"sync\"\nvar mu sync.Mutex", "", "var mu sync.Mutex\nmu.Lock()\nunlock := mu.Unlock", "", "var mu sync.Mutex\nunlock()\nmu.TryLock()", "= true"},
		"lock in a structure": {"import \"sync\"\ntype C struct {\n\tn  int\n\tmu [1]sync.Mutex\n}\nvar c C", "", "var c C\nc.mu[0].Lock()\nunlock := func() { c.mu[0].Unlock() }", "", "var c C\nunlock()\nc.mu[0].TryLock()", "= true"},
		"goto":                {"i := 0\nagain:\ni++\nif i < 3 {\n\tgoto again\n}\ni", "= 3"},
		"element's method":    {"type T struct{ N int }\nfunc (t *T) Add() int { t.N++; return t.N }\na := [2]T{{1}, {2}}\nadd := a[1].Add", "", "a := 3\nadd(), a", "= 3 3"},
		"old in a new value":  {"x := 5", "", "x := []int{x, x}\nx", "= [5 5]", "x := len(x)\nx", "= 2", "x, y := \"a\", x\nx, y", "= a 2"},
		"used before":         {"x := 5", "", "y := x + 1\nx := \"text\"\nx, y", "= text 6"},
		"type defined again":  {"type T struct{ A int }\nt := T{1}\nold := t", "", "type T struct{ A, B int }\nt := T{2, 3}\nold.A, t.B", "= 1 3"},
		"zero":                {"x := 5\nvar e error = fmt.Errorf(\"e\")\nvar m = map[string]int{\"a\": 1}\ntype P struct{ N int }\nvar p = P{3}\nvar i interface{ F() } \nf := func() int { return 1 }", "", "var x int\nvar e error\nvar m map[string]int\nvar p P\nvar i interface{ F() }\nvar f func() int\nx, e == nil, m == nil, p.N, i == nil, f == nil", "= 0 true true 0 true true"},
		"shared declaration":  {"var a, b int = 1, 2\na + b", "= 3", "var a, b int\na + b", "= 0", "var a, b = 4, a\na, b", "= 4 0"},
		"constant to a place": {"const c = 3\nc", "= 3", "c := 4\nc", "= 4", "func c() int { return 5 }\nc()", "= 5", "c := 6\nc", "= 6", "c := 7\nc", "= 7"},
		"failed":              {"x := 1", "", "x := \"text\"\ny := noSuchName", "! cell[3]:2:6: undefined: noSuchName", "x := 2\nx", "= 2", "x := x + 1\ny := noSuchName", "! undefined", "x", "= 2"},
		"declared function":   {"var rate = 0.1\nfunc tax(x float64) float64 { return x * rate }\ntax(100)", "= 10", "rate := 0.5\ntax(100)", "= 50", "var rate float64\ntax(100)", "= 0", "var rate = 1.5\ntax(100)", "= 150", "var rate = \"x\"\ntax(100)", "= 150"},
		"interface":           {"var r fmt.Stringer\nr == nil", "= true", "type S string\nfunc (s S) String() string { return \"S\" + string(s) }\nvar r fmt.Stringer = S(\"a\")\nr.String()", "= Sa", "var r fmt.Stringer = S(\"b\")\nr.String()", "= Sb"},
	} {
		t.Run(name, func(t *testing.T) { runCells(t, append([]string{"import \"fmt\"", ""}, cells...)) })
	}
}

// TestStepsAreHidden: the functions in which a cell's statements are do not show in tracebacks.
func TestStepsAreHidden(t *testing.T) {
	n := newNotebook(t)
	n.run("func f(a []int) int { return a[3] }")
	for _, k := range []struct {
		code string
		at   []string
	}{
		{"x := 1\nvar m map[int]int\nm[x] = x", []string{"cell[2]:3:1"}},
		{"y := f(nil)", []string{"cell[1]:1:30 in f", "cell[3]:1:6"}},
		{"\nfunc() { f(nil) }()\nf(nil)", []string{"cell[1]:1:30 in f", "cell[4]:2:10 in func", "cell[4]:2:1 in func", "cell[4]:2:1"}},
	} {
		r := n.run(k.code)
		var at []string
		for line := range strings.Lines(r.traceback) {
			if where, ok := strings.CutPrefix(strings.TrimSpace(line), "at "); ok {
				at = append(at, where)
			}
		}
		if !slices.Equal(at, k.at) {
			t.Errorf("%s: %q, want %q\n%s", k.code, at, k.at, r.traceback)
		}
	}
}

// TestNamesInTypes: parameters, results, fields and methods may have the names of variables.
func TestNamesInTypes(t *testing.T) {
	n := newNotebook(t)
	if r := n.run("import \"fmt\"\nm, k := 1, 2"); r.failure != "" {
		t.Fatal(r.failure)
	}
	for _, c := range []struct{ code, want string }{
		{"f := func(m int) (k int) {\n\treturn m + 1\n}\nf(1)", "2"},
		{"g := func(m int) int {\n\treturn m + 2\n}", ""},
		{"h := func(f int) int {\n\treturn f + 3\n}\na := h(1)\na", "4"},
		{"s := struct{ m, k int }{3, 4}\ns.m", "3"},
		{"l := []struct{ m int }{{5}}\nl[0].m", "5"},
		{"i := interface{ m() }(nil)\ni == nil", "true"},
		{"q := map[string]func(m int) int{\"f\": f}\nq[\"f\"](6)", "7"},
		{"c := make(chan func(k int), 1)\ncap(c)", "1"},
		{"f = func(m int) int { return m * 10 }\nfmt.Sprint(f(m), g(m), k)", "10 3 2"},
	} {
		if r := n.run(c.code); r.failure != "" || r.value != c.want {
			t.Errorf("%s: %q %s; want %q", c.code, r.value, r.failure, c.want)
		}
	}
}
