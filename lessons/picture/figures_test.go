package picture

import (
	"os"
	"testing"
)

func figures() map[string]*Canvas {
	out := map[string]*Canvas{}
	c := &Canvas{Title: "g0 ↔ m0 ↔ p0", Desc: "Who points to whom.", Stamp: "go1.26.8 · tick 220,941 · 4 CPUs · seed 1"}
	c.Graph(0, 0, []Object{
		{ID: "g0", Title: "g0 0x5a1c40", Column: 0, Fields: []Field{{Name: "stack.lo", Value: "0x7ffe0000"}, {Name: "m", Value: "&m0", To: "m0"}}},
		{ID: "m0", Title: "m0 0x5a2240", Column: 1, Fields: []Field{{Name: "g0", Value: "&g0", To: "g0"}, {Name: "p", Value: "allp[0]", To: "p0", Mark: Changed}, {Name: "tls[0]", Value: "&g0", To: "g0"}}},
		{ID: "p0", Title: "p0 0xc00002e008", Column: 2, Fields: []Field{{Name: "status", Value: "_Prunning", Mark: Changed}, {Name: "m", Value: "&m0", To: "m0", Mark: Changed}, {Name: "runnext.m.g0", Value: "far", To: "g0"}}},
	})
	out["graph"] = c
	c = &Canvas{Title: "sched.pidle", Desc: "Idle Ps.", Stamp: "go1.26.8"}
	y := c.Chain(0, 0, 70, "sched.pidle", []Link{{Text: "P3", Note: "_Pidle"}, {Text: "P2", Note: "_Pidle", Mark: Changed}, {Text: "P1", Note: "_Pidle"}}, "nil")
	var many []Link
	for range 20 {
		many = append(many, Link{Text: "M7"})
	}
	c.Chain(0, y+1, 70, "allm", many, "nil")
	out["chain"] = c
	c = &Canvas{Title: "The stack at entry", Desc: "Words.", Stamp: "go1.26.8 · tick 0"}
	c.Words(0, 0, []Word{
		{Addr: 0x7fffffffe750, Value: 1, Label: "argc", Pointers: []string{"SP"}},
		{Addr: 0x7fffffffe758, Value: 0x7fffffffefe0, Label: "argv[0]", Note: `"hello"`},
		{Addr: 0x7fffffffe760, Value: 0, Label: "NULL", Mark: Changed},
		{Addr: 0x7fffffffe888, Unreadable: true, Gap: true},
	})
	out["words"] = c
	c = &Canvas{Title: "The boot", Desc: "Time.", Stamp: "go1.26.8"}
	c.Timeline(0, 0, 90, 310600, []Lane{{"m0", []Span{{0, 310600}}}, {"M1 sysmon", []Span{{250000, 310600}}}},
		[]Moment{{Tick: 0, Label: "osstack"}, {Tick: 4, Label: "entry"}, {Tick: 220941, Label: "acquirep"}, {Tick: 310600, Label: "main", Mark: Changed}})
	out["timeline"] = c
	return out
}

func TestFigures(t *testing.T) {
	dir := os.Getenv("RT0_PICTURES") // where to leave the pictures for a person to look at
	for name, c := range figures() {
		wellFormed(t, c.SVG())
		text := c.Render(TextOptions{})
		if dir != "" {
			os.WriteFile(dir+"/"+name+".svg", []byte(c.SVG()), 0o644)
			os.WriteFile(dir+"/"+name+".txt", []byte(text), 0o644)
		}
		t.Logf("%s\n%s", name, text)
	}
}
