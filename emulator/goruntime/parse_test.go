package goruntime

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"g0", "g0"},
		{" g0 . stack\t.hi ", "g0.stack.hi"},
		{"&m0.tls[1]", "&(m0.tls[1])"},
		{"*m0.g0", "*(m0.g0)"},
		{"**p", "*(*(p))"},
		{"(*m0.g0).stack.hi", "{*(m0.g0)}.stack.hi"},
		{"allp[allp[0].id].status", "allp[allp[0].id].status"},
		{"len(allp)", "len(allp)"},
		{"(*runtime.g)(0xc000024008).goid", "{*(runtime.g)}(0xc000024008).goid"},
		{"f(1, x, y.z)", "f(1,x,y.z)"},
		{"f()", "f()"},
		{"变量.域", "变量.域"},
		{"_x1", "_x1"},
	} {
		n, err := parse(c.text)
		if got := show(n); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.text, got, err, c.want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"", "column 1: expected a name, found the end"},
		{"g0.", "column 4: expected a name, found the end"},
		{"g0.1", `column 4: expected a name, found "1"`},
		{"a b", `column 3: expected the end, found "b"`},
		{"a[1", `column 4: expected "]", found the end`},
		{"a[]", `column 3: expected a name, found "]"`},
		{"f(1 2)", `column 5: expected ",", found "2"`},
		{"(a", `column 3: expected ")", found the end`},
		{"a+b", `column 2: expected the end, found "+"`},
		{"\xff", "column 1: expected a name"},
		{strings.Repeat("(", 1e6), "nests deeper than"},
		{strings.Repeat("*", 1e6), "nests deeper than"},
	} {
		if _, err := parse(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40s: %v; want %s", c.text, err, c.want)
		}
	}
}

// show writes an expression with all its structure.
func show(n node) string {
	switch n := n.(type) {
	case nameNode:
		return string(n)
	case numberNode:
		return string(n)
	case groupNode:
		return "{" + show(n.x) + "}"
	case starNode:
		return "*(" + show(n.x) + ")"
	case addressNode:
		return "&(" + show(n.x) + ")"
	case selectorNode:
		return show(n.x) + "." + n.name
	case indexNode:
		return show(n.x) + "[" + show(n.i) + "]"
	case callNode:
		var args []string
		for _, a := range n.args {
			args = append(args, show(a))
		}
		return show(n.fun) + "(" + strings.Join(args, ",") + ")"
	}
	return fmt.Sprintf("%T", n)
}
