package cells

import "testing"

// TestLanguage runs cells with what the interpreter alone lacks of Go, or says in words that do not help.
func TestLanguage(t *testing.T) {
	for name, cells := range map[string][]string{
		"dialect":            {"seq := func(yield func(int) bool) {}\nfor i := range seq { _ = i }", "! cell[1]:2:1: the interpreter has no range over a function"},
		"count":              {"s := 0\nfor i := range 4 { s += i }\nfor range len(\"ab\") { s += 10 }\ns", "= 26", "func f(n int) (t int) { for i := range n { for j := range i { t += j } }; return }\nf(4)", "= 4"},
		"min, max, clear":    {"a, b := 3, 4.5\nmax(a, 2) + min(3, 1, 2)", "= 4", "max(b, 1)", "= 4.5", "m := map[string]int{\"a\": 1}\nclear(m)\nlen(m)", "= 0", "func g(s []int) { clear(s) }\ns := []int{1}\ng(s)\ns", "= [0]"},
		"loop variables":     {"var fs []func() int\nfor i := 0; i < 3; i++ { fs = append(fs, func() int { return i }) }\nfor _, v := range []int{5, 6} { fs = append(fs, func() int { return v }) }\nfs[0]() + fs[1]() + fs[2]() + fs[3]() + fs[4]()", "= 14"},
		"inference":          {"func Map[T, U any](s []T, f func(T) U) (out []U) {\n\tfor _, x := range s { out = append(out, f(x)) }\n\treturn\n}\nMap([]int{1, 2}, func(i int) string { return \"z\" })", "= [z z]", "q := Map([]string{\"abc\"}, func(s string) int { return len(s) })\nq[0]", "= 3"},
		"constraints":        {"type Number interface { ~int | ~float64 }\nfunc Sum[T Number](xs ...T) (s T) { for _, x := range xs { s += x }; return }\nSum(1, 2, 3)", "= 6", "func Twice[T Number](x T) T { return Sum(x, x) }\nTwice(1.5)", "= 3"},
		"generic type":       {"type Stack[T any] struct { items []T }\nfunc (s *Stack[T]) Push(x T) { s.items = append(s.items, x) }\nfunc (s *Stack[T]) Pop() T { x := s.items[len(s.items)-1]; s.items = s.items[:len(s.items)-1]; return x }", "", "s := &Stack[int]{}\ns.Push(1); s.Push(2)\ns.Pop()", "= 2"},
		"comma ok":           {"var a interface{} = 3\nn, ok := a.(int)\nn, ok", "= 3 true", "_, ok = a.(string)\nok", "= false", "m := map[string]int{}\n_, found := m[\"a\"]\nfound", "= false", "c := make(chan int, 1)\nc <- 4\nv, open := <-c\nv, open", "= 4 true"},
		"type switch":        {"var x interface{} = 3\ns := \"\"\nswitch v := x.(type) {\ncase int: s = string(rune('a' + v))\ncase string: s = v\n}\ns", "= d"},
		"select":             {"c := make(chan int, 1)\nc <- 7\nn := 0\nselect {\ncase v, ok := <-c:\n\tif ok { n = v }\ndefault:\n}\nn", "= 7"},
		"semicolons":         {"import \"fmt\"\nfmt.Print(1); fmt.Print(2)", "12", "a := 1; b := 2; a + b", "= 3"},
		"several":            {"1, \"a\"", "= 1 a", "x := 2\nx, x * 2", "= 2 4"},
		"history":            {"type P struct{ X int }\nP{4}", "= {X:4}", "_.X + 1", "= 5", "Out[1].X * 10 + _", "= 45", "x, _ := 1, 2\n__ + x", "= 6", "func f() (int, error) { return 7, nil }\nf()", "= 7 <nil>", "_ + 1", "= 8", "Out := []int{9}\nOut[0]", "= 9", "for _, v := range []int{3} { _ = v }", ""},
		"mismatch":           {"import \"strconv\"\nn := strconv.Atoi(\"3\")", "! cell[1]:2:6: assignment mismatch: 1 variable but strconv.Atoi returns 2 values"},
		"return":             {"return 3", "! cell[1]:1:1: return outside of a function"},
		"errors":             {"import (\"errors\"; \"fmt\")\ntype E struct{ Code int }\nfunc (e *E) Error() string { return fmt.Sprint(\"code \", e.Code) }\nfunc fail() error { return fmt.Errorf(\"wrapped: %w\", &E{3}) }\nfail()", "= wrapped: code 3", "var e *E\nerrors.As(fail(), &e)", "= true", "e.Code", "= 3", "var f error = &E{4}\ng := fmt.Errorf(\"g: %w\", f)\nerrors.Is(g, f), errors.Is(fail(), f)", "= true false", "s := \"\"\nswitch x := f.(type) {\ncase *E: s = fmt.Sprint(x.Code)\ndefault: s = \"other\"\n}\ns", "= 4", "import \"os\"\n_, err := os.Open(\"/none\")\nvar pe *os.PathError\nerrors.As(err, &pe), errors.Is(err, os.ErrNotExist)", "= true true"},
		"again":              {"x := 1", "", "x := x + 10\nx", "= 11", "x, y := x+1, \"b\"\nx, y", "= 12 b", "func f(n int) (int, error) { return n * 2, nil }\nx, err := f(x)\nx", "= 24", "z := x * 2\nx := 7\nz, x", "= 48 7", "var x = x + 1\nx", "= 8", "m := map[int]string{8: \"eight\"}\nx, ok := m[x]\nx, ok", "= eight true", "for i := 0; i < 2; i++ { x := x + \"!\"; _ = x }\nx", "= eight"},
		"var of a variable":  {"x := 3", "", "var y = x\ny", "= 3", "var z float64 = float64(x) / 2\nz", "= 1.5", "type I interface{ F() int }\ntype T struct{ n int }\nfunc (t T) F() int { return t.n }\nt := T{4}", "", "var i I = t\ni.F()", "= 4", "i = T{5}\ni.F()", "= 5", "var (\n\ta = x + 1\n\tb = 2\n\tc = b + x\n)\na, b, c", "= 4 2 5", "func f(n int) (int, int) { return n, n + 1 }\nvar p, q = f(x)\np, q", "= 3 4", "var r, s int = f(y)\nr + s", "= 7", "var g = func() int { return x }\ng()", "= 3", "var e error = nil\nvar h error = e\nh == nil", "= true", "k := 1\nvar l = k + 1\nfunc useL() int { return l }\nuseL()", "= 2"},
		"type of a variable": {"x := 3", "", "type U struct{ N int }\nvar u = U{x}\nu.N", "= 3"},
		"embedded interface": {"type I interface{ F() int }\ntype T struct{ n int }\nfunc (t T) F() int { return t.n }\ntype S struct { I; name string }\ns := S{T{5}, \"n\"}\ns.F()", "= 5", "type W struct{ *S }\nfunc call(w W) int { return w.F() + w.I.F() }\ncall(W{&s})", "= 10"},
		"nil pointer":        {"type T struct{ A int }\nvar p *T\np.A", "! panic: runtime error: invalid memory address or nil pointer dereference"},
		"conversion":         {"var i interface{} = 3\ni.(string)", "! panic: interface conversion: interface {} is int, not string"},
		"Go's words":         {"x := 5\nx.foo", "! cell[1]:2:3: x.foo undefined (type int has no field or method foo)", "type T struct{}\nvar e error = T{}", "! T does not implement error (missing method Error)"},
	} {
		t.Run(name, func(t *testing.T) { runCells(t, cells) })
	}
}

// TestRestoreLanguage takes over functions that are written out before they are compiled.
func TestRestoreLanguage(t *testing.T) {
	old := newNotebook(t)
	if r := old.run("import \"fmt\"\nfunc Map[T, U any](s []T, f func(T) U) (out []U) { for i := range len(s) { out = append(out, f(s[i])) }; return }\nfunc f(n int) string { return fmt.Sprint(Map([]int{max(n, 1)}, func(i int) string { return \"z\" })) }"); r.failure != "" {
		t.Fatal(r.failure)
	}
	n := newNotebook(t)
	if err := n.s.Restore(t.Context(), old.s.Journal().Parts); err != nil {
		t.Fatal(err)
	}
	runCells(t, []string{"1", "= 1"})
	if r := n.run("f(2)"); r.value != "[z]" {
		t.Errorf("%+v", r)
	}
}
