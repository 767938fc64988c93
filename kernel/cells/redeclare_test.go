package cells

import (
	"fmt"
	"runtime"
	"testing"
	"weak"

	"github.com/rt0lab/rt0/lessons/lab"
)

// TestRedeclared defines a variable again and again, in every form: of what it has held, only the last stays.
func TestRedeclared(t *testing.T) {
	const before = "import (\n\t\"errors\"\n\t\"github.com/rt0lab/rt0/lessons/lab\"\n)\n\ntype box struct{ m *lab.Machine }\n\nfunc boot() *lab.Machine { return lab.Boot(lab.CPUs(1)) }\n\nfunc two() (*lab.Machine, error) { return boot(), nil }\n\nfunc three() (*lab.Machine, int, error) { return boot(), 3, errors.New(\"e\") }"
	for name, code := range map[string]string{
		"m := library":            "m := lab.Boot(lab.CPUs(1))",
		"m := own":                "m := boot()",
		"var m = library":         "var m = lab.Boot(lab.CPUs(1))",
		"var m = own":             "var m = boot()",
		"var m T = library":       "var m *lab.Machine = lab.Boot(lab.CPUs(1))",
		"var m any":               "var m any = boot()",
		"var block":               "var (\n\tn = 1\n\tm = boot()\n\tk = n + 1\n)",
		"var then assign":         "var m *lab.Machine\nm = boot()",
		"m, err :=":               "m, err := two()\n_ = err",
		"m, n, err :=":            "m, n, err := three()\n_, _ = n, err",
		"var m, err =":            "var m, err = two()\n_ = err",
		"m, n := two values":      "n, m := 1, boot()\n_ = n",
		"var m, n = two values":   "var n, m = boot(), boot()\n_ = n",
		"m := method":             "m := boot().To(\"pidle\").Step(3)",
		"var m = method":          "var m = lab.Boot(lab.CPUs(1)).To(\"pidle\").Step(3)",
		"m := field":              "m := box{boot()}.m",
		"m := in a function":      "m := func() *lab.Machine { return boot() }()",
		"its function with it":    "func start() *lab.Machine { return boot() }\n\nvar m = start()",
		"a function that uses it": "var m = boot()\n\nfunc tick() uint64 { return m.Tick() }",
		"moved":                   "m := boot()\nm.To(\"pidle\").Step(2).Tick()",
		"and shown":               "m := boot()\nm.Tick()",
	} {
		t.Run(name, func(t *testing.T) {
			n := newNotebook(t)
			n.run(before)
			var all []weak.Pointer[lab.Machine]
			for range 4 {
				if r := n.run(code); r.failure != "" {
					t.Fatalf("%+v", r)
				}
				all = append(all, n.held(t, "m"))
			}
			runtime.GC()
			runtime.GC()
			var live []int
			for i, w := range all {
				if w.Value() != nil {
					live = append(live, i)
				}
			}
			if fmt.Sprint(live) != "[3]" {
				t.Errorf("the machines %v of 4 cells stay", live)
			}
		})
	}
}

// held points to the machine that a variable of the cells holds, without keeping it.
func (n *notebook) held(t *testing.T, name string) weak.Pointer[lab.Machine] {
	t.Helper()
	m, ok := n.s.globals()[name].Interface().(*lab.Machine)
	if !ok || m == nil {
		t.Fatalf("%s holds no machine", name)
	}
	return weak.Make(m)
}
