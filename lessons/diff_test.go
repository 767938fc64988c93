package lessons

import (
	"strings"
	"testing"
)

// TestCompare: how two values compare depends on what they are, and on whether both are there.
func TestCompare(t *testing.T) {
	address := func(v uint64) Value { return Value{Kind: Address, Word: v} }
	list := func(v ...int64) Value { return Value{Kind: Numbers, Numbers: v} }
	a := &Moment{Facts: []Fact{{"sp", address(16)}, {"&g0", address(1)}, {"physPageSize", Value{Kind: Number, Number: 4096}}, {"sched.pidle", list(1, 2)}}}
	b := &Moment{Facts: []Fact{{"sp", address(16)}, {"&g0", address(2)}, {"ncpu", Value{Kind: Number, Number: 4}}, {"sched.pidle", list(2, 1)}},
		Before: &Moment{Facts: []Fact{{"sp", address(16)}}}}
	a.Before = b.Before
	got := map[string]Comparison{}
	for _, c := range Compare(a, b) {
		got[c.Name] = c
	}
	for _, want := range []Comparison{
		{"sp", "0x10", "0x10", Same, false},
		{"&g0", "0x1", "0x2", Moved, true},
		{"physPageSize", "4096", nothing, Differs, true},
		{"ncpu", nothing, "4", Differs, true},
		{"sched.pidle", "[1 2]", "[2 1]", Differs, true},
	} {
		if got[want.Name] != want {
			t.Errorf("%+v; want %+v", got[want.Name], want)
		}
	}
	text := DiffMoments(a, b)
	for _, line := range []string{"≠ sched.pidle   [1 2]", "~ &g0", "(1 are equal"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}

// TestCompareVersions: what is known to differ between versions of Go is seen, and what is alike is not marked (BOOT.md, 1b).
func TestCompareVersions(t *testing.T) {
	_, now := bootHello(t, "", 4)
	for _, c := range []struct {
		version, stage, name string
		old, new             string
	}{
		{"go1.16.15", "alignment", "argc's copy", "16(SP)", "24(SP)"},
		{"go1.18.10", "alignment", "argc's copy", "24(SP)", "24(SP)"},
		{"go1.18.10", "g0stack", "g0.stack.hi - g0.stack.lo", "65432", "65536"},
		{"go1.21.13", "g0stack", "g0.stack.hi - g0.stack.lo", "65536", "65536"},
		{"go1.21.13", "mstart", "g0.stackguard0 - g0.stack.lo", "928", "928"},
		{"go1.25.0", "pidle", "sched.pidle", "[1 2 3]", "[3 2 1]"},
	} {
		_, old := bootHello(t, c.version, 4)
		i := stageIndex(c.stage)
		found := false
		for _, got := range Compare(old[i], now[i]) {
			if got.Name != c.name {
				continue
			}
			found = true
			if got.A != c.old || got.B != c.new || (got.Likeness == Differs) != (c.old != c.new) {
				t.Errorf("%s: %+v; want %+v", c.version, got, c)
			}
		}
		if !found {
			t.Errorf("%s: %s does not compare %s", c.version, c.stage, c.name)
		}
		for _, s := range CompareSizes(old[0], now[0]) {
			if s.Likeness != Differs || s.A == nothing || s.B == nothing {
				t.Errorf("%s: %+v; want two sizes that differ", c.version, s)
			}
		}
	}
}
