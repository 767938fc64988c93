package dialect

import (
	"errors"
	"testing"
)

// Each feature that the interpreter lacks is named, with what to write instead; what only looks like it passes.
func TestCheck(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"for i := range 10 { _ = i }", "range over an integer"},
		{"x := []int{}\nfor i := range len(x) { _ = i }", "range over an integer"},
		{"for i := range func(yield func(int) bool) { yield(1) } { _ = i }", "range over a function"},
		{"lab.Lang = \"zh\"", "assignment to a variable of another package"},
		{"lab.SetLang(\"zh\")", ""},
		{"x := min(1, 2)\n_ = x", "built-in min"},
		{"min := func(a, b int) int { return a }\n_ = min(1, 2)", ""},
		{"m := map[int]int{}\nclear(m)", "built-in clear"},
		{"import \"slices\"", "package slices"},
		{"for i := 0; i < 3; i++ {}", ""},
		{"var p *int\nswitch p {\ncase nil:\n}", "case nil (it never matches)"},
		{"var v any\nswitch v.(type) {\ncase nil:\n}", ""},
		{"this does not parse", ""},
	} {
		err := Check(c.code)
		var d *Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.code, err)
		case c.want != "" && (!errors.As(err, &d) || d.What != c.want || d.Instead == ""):
			t.Errorf("%q: %v, want %q", c.code, err, c.want)
		}
	}
}
