package goruntime

import (
	"errors"
	"testing"

	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/internal/testprog"
)

// program has one variable of each sort that expressions can read.
const program = `package main

type pair struct { a, b int32 }

var (
	x    = int16(-7)
	word = "boot"
	list = []pair{{1, 2}, {3, 4}}
	base = pair{3, 4}
	at   = &base
	none *pair
	wild = (*pair)(nil)
	grid = [2][3]uint8{{1, 2, 3}, {4, 5, 6}}
)

func main() { println(x, word, list, at, none, wild, grid[0][0]) }
`

func image(t *testing.T, version string) *Runtime {
	t.Helper()
	tab, err := symbols.Open(testprog.Build(t, version, program))
	if err != nil {
		t.Fatal(err)
	}
	return New(tab, tab.Image())
}

func TestEval(t *testing.T) {
	for _, version := range testprog.Versions {
		t.Run(version, func(t *testing.T) {
			r := image(t, version)
			for _, c := range []struct {
				expr string
				want string
			}{
				{"main.x", "-7"},
				{"main.word", `"boot"`},
				{"len(main.word)", "4"},
				{"len(main.list)", "2"},
				{"cap(main.list)", "2"},
				{"main.list[1].a", "3"},
				{"main.list[main.list[0].a].b", "4"},
				{"main.at.b", "4"},
				{"(*main.at).a", "3"},
				{"main.grid[1][2]", "6"},
				{"len(main.grid)", "2"},
				{"(main.grid)[0x1][0b1]", "5"},
				{"main.none.a", "unreadable: nil pointer"},
				{"main.list[2].a", "unreadable: index 2 out of range [0:2]"},
				{"g0.stack.hi", "0"},
				{"len(allp)", "0"},
				{"m0.tls[0]", "0"},
			} {
				v, err := r.Eval(c.expr)
				if err != nil {
					t.Errorf("%s: %v", c.expr, err)
				} else if v.String() != c.want {
					t.Errorf("%s is %v, want %s", c.expr, v, c.want)
				}
			}
			for _, expr := range []string{"", "1+1", "main.list[0", "g0.nothing", "nobody", "main.x.y", "main.nobody", "len(main.x)", "&1", "*main.x", "f(1)", "main.x[0]", `"s"`, "1.5", "99999999999999999999"} {
				if v, err := r.Eval(expr); err == nil {
					t.Errorf("%s is %v", expr, v)
				}
			}
			for _, expr := range []string{"g0.nothing", "nobody"} {
				if _, err := r.Eval(expr); !errors.Is(err, symbols.ErrNotFound) {
					t.Errorf("%s: %v", expr, err)
				}
			}
			m0, _ := r.Eval("&m0")
			tls, _ := r.Eval("&m0.tls[1]")
			tls0, _ := r.Eval("&m0.tls")
			if !m0.Pointer || m0.Uint == 0 || tls.Uint != tls0.Uint+8 || tls.Uint-m0.Uint > 200 {
				t.Errorf("&m0 is %v, &m0.tls %v, &m0.tls[1] %v", m0, tls0, tls)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	for _, version := range testprog.Versions {
		r := image(t, version)
		for _, c := range []struct{ got, want string }{
			{r.GStatus(0), "_Gidle"}, {r.GStatus(2), "_Grunning"}, {r.GStatus(6), "_Gdead"}, {r.GStatus(0x1004), "_Gscanwaiting"},
			{r.PStatus(0), "_Pidle"}, {r.PStatus(1), "_Prunning"}, {r.PStatus(3), "_Pgcstop"}, {r.PStatus(77), "_Pstatus 0x4d"},
		} {
			if c.got != c.want {
				t.Errorf("%s: %s, want %s", version, c.got, c.want)
			}
		}
	}
}

// TestContracts: each field that a view reads is in each version's runtime, but for those known to come or go.
func TestContracts(t *testing.T) {
	known := map[string][2]string{ // from the first version up to, not including, the second; "" is no bound
		"runtime.g.parentGoid":    {"go1.21", ""},
		"runtime.schedt.runqsize": {"", "go1.25"},
		"runtime.p.oldm":          {"go1.26", ""},
	}
	for _, version := range testprog.Versions {
		r := image(t, version)
		for typ, paths := range Contracts() {
			for _, path := range paths {
				_, err := r.place("(*" + typ + ")(0x1000)." + path)
				bounds, varies := known[typ+"."+path]
				there := !varies || (bounds[0] == "" || version >= bounds[0]) && (bounds[1] == "" || version < bounds[1])
				if (err == nil) != there {
					t.Errorf("%s: %s.%s: %v", version, typ, path, err)
				}
			}
		}
	}
}

// TestArrows: what DWARF calls an integer is followed as a pointer.
func TestArrows(t *testing.T) {
	for _, version := range testprog.Versions {
		r := image(t, version)
		for expr, want := range map[string]string{
			"(*m)(0x1000).p": "runtime.p", "(*p)(0x1000).m": "runtime.m", "(*p)(0x1000).link": "runtime.p",
			"(*p)(0x1000).runnext": "runtime.g", "(*g)(0x1000).schedlink": "runtime.g", "sched.pidle": "runtime.p",
			"(*m)(0x1000).curg": "runtime.g", "(*m)(0x1000).alllink": "runtime.m", "allm": "runtime.m",
		} {
			p, err := r.place(expr)
			if err != nil {
				t.Errorf("%s: %s: %v", version, expr, err)
			} else if to := r.pointee(p); to == nil || to.Name != want {
				t.Errorf("%s: %s points to %v, want %s", version, expr, to, want)
			}
		}
	}
}
