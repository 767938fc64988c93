package cells

import (
	"fmt"
	"math/big"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"weak"

	"github.com/rt0lab/rt0/lessons/lab"
)

// redeclarations are cells that define m, whatever it is that new makes.
var redeclarations = map[string]string{
	"m := library":            "m := LIBRARY",
	"m := own":                "m := make1()",
	"m := with arguments":     "m := pick(3, make1())",
	"var m = library":         "var m = LIBRARY",
	"var m = own":             "var m = make1()",
	"var m T = library":       "var m *TYPE = LIBRARY",
	"var m any":               "var m any = make1()",
	"m any":                   "m := any(make1())",
	"var block":               "var (\n\tn = 1\n\tm = make1()\n\tk = n + 1\n)",
	"var then assign":         "var m *TYPE\nm = make1()",
	"m, err := own":           "m, err := make2()\n_ = err",
	"m, n, err := own":        "m, n, err := make3()\n_, _ = n, err",
	"m, err := library":       "m, err := LIBRARY2\n_ = err",
	"var m, err = own":        "var m, err = make2()\n_ = err",
	"n, m := two values":      "n, m := 1, make1()\n_ = n",
	"var n, m = two values":   "var n, m = make1(), make1()\n_ = n",
	"m := method":             "m := make1()METHODS",
	"m := method of library":  "m := LIBRARYMETHODS",
	"var m = method":          "var m = LIBRARYMETHODS",
	"m := field":              "m := box{make1()}.m",
	"m := in a function":      "m := func() *TYPE { return make1() }()",
	"its function with it":    "func start() *TYPE { return make1() }\n\nvar m = start()",
	"a function that uses it": "var m = make1()\n\nfunc get() *TYPE { return m }",
	"moved":                   "m := make1()\nif m.VALUE != m.VALUE {\n\tpanic(m)\n}",
	"and shown":               "m := make1()\nm.VALUE",
	"a slice":                 "all := []*TYPE{make1(), make1()}\nm := all[1]",
	"in a loop":               "var m *TYPE\nfor i := 0; i < 2; i++ {\n\tm = make1()\n}",
}

// TestRedeclared defines a variable again and again, in every form: of what it has held, only the last stays. The things that
// it holds are a library's; and machines, which the library of a web page has too.
func TestRedeclared(t *testing.T) {
	const before = "import (\n\t\"errors\"\n\t\"IMPORT\"\n)\n\ntype box struct{ m *TYPE }\n\nfunc make1() *TYPE { return LIBRARY }\n\nfunc make2() (*TYPE, error) { return make1(), nil }\n\nfunc make3() (*TYPE, int, error) { return make1(), 3, errors.New(\"e\") }\n\nfunc pick(n int, m *TYPE) *TYPE { return m }"
	for _, k := range []struct{ path, typ, library, library2, methods, value string }{
		{"math/big", "big.Int", "big.NewInt(7)", "", ".Add(big.NewInt(2), big.NewInt(3)).Abs(big.NewInt(-5))", "Sign()"},
		{"net/url", "url.URL", "(&url.URL{Host: \"a\"}).JoinPath(\"a\")", "url.Parse(\"/a/b\")", ".JoinPath(\"a\").JoinPath(\"b\")", "String()"},
		{"github.com/rt0lab/rt0/lessons/lab", "lab.Machine", "lab.Boot(lab.CPUs(1))", "", ".To(\"pidle\").Step(3)", "Tick()"},
	} {
		if k.typ == "lab.Machine" && runtime.GOOS == "js" {
			continue // no go command builds a program there
		}
		in := strings.NewReplacer("IMPORT", k.path, "TYPE", k.typ, "LIBRARY2", k.library2, "LIBRARY", k.library, "METHODS", k.methods, "VALUE", k.value).Replace
		for name, code := range redeclarations {
			if k.library2 == "" && strings.Contains(code, "LIBRARY2") {
				continue
			}
			t.Run(k.typ+"/"+name, func(t *testing.T) {
				n := newNotebook(t)
				if r := n.run(in(before)); r.failure != "" {
					t.Fatalf("%+v", r)
				}
				var all []func() bool
				for range 4 {
					if r := n.run(in(code)); r.failure != "" {
						t.Fatalf("%+v", r)
					}
					all = append(all, n.held(t, "m"))
				}
				runtime.GC()
				runtime.GC()
				var live []int
				for i, lives := range all {
					if lives() {
						live = append(live, i)
					}
				}
				if fmt.Sprint(live) != "[3]" {
					t.Errorf("of 4 cells' values these stay: %v", live)
				}
			})
		}
	}
}

// held returns what tells whether the thing that a variable of the cells points to is still there, without keeping it.
func (n *notebook) held(t *testing.T, name string) func() bool {
	t.Helper()
	switch p := n.s.globals()[name].Interface().(type) {
	case *big.Int:
		return lives(p)
	case *url.URL:
		return lives(p)
	case *lab.Machine:
		return lives(p)
	default:
		t.Fatalf("%s is a %T", name, p)
	}
	return nil
}

func lives[T any](p *T) func() bool {
	w := weak.Make(p)
	return func() bool { return w.Value() != nil }
}
