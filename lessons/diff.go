package lessons

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/lessons/picture"
)

// A Likeness says how two values compare.
type Likeness uint8

// The ways in which two values can compare.
const (
	Same    Likeness = iota
	Moved            // two addresses: what they name lies elsewhere in the other program
	Differs          // anything else
)

// signs mark rows; they do not rely on colour.
var signs = [...]string{Same: " ", Moved: "~", Differs: "≠"}

// A Comparison is one thing that is known of two moments, side by side.
type Comparison struct {
	Name string
	// A and B are the values; a moment that does not have it has "–".
	A, B string
	Likeness
	// News says that the stage established or changed it, in at least one of the two.
	News bool
}

// nothing stands for a value that a moment does not have.
const nothing = "–"

// Compare puts two moments side by side: their facts, in the order in which the boot establishes them, and what follows
// from them without depending on where a program lies in memory.
func Compare(a, b *Moment) []Comparison {
	var out []Comparison
	names := factNames(a, b)
	for _, name := range names {
		x, inA := a.Fact(name)
		y, inB := b.Fact(name)
		c := Comparison{Name: name, A: nothing, B: nothing, News: a.isNews(name) || b.isNews(name)}
		if inA {
			c.A = x.Value.String()
		}
		if inB {
			c.B = y.Value.String()
		}
		switch {
		case c.A == c.B:
		case inA && inB && x.Value.Kind == Address && y.Value.Kind == Address:
			c.Likeness = Moved
		default:
			c.Likeness = Differs
		}
		out = append(out, c)
	}
	for _, d := range derivations {
		x, y := d.of(a), d.of(b)
		if x == nothing && y == nothing {
			continue
		}
		c := Comparison{Name: d.name, A: x, B: y, News: d.changed(a) || d.changed(b)}
		if x != y {
			c.Likeness = Differs
		}
		out = append(out, c)
	}
	return out
}

// factNames returns the names of the facts of either moment, in the order of the boot.
func factNames(a, b *Moment) (names []string) {
	for _, s := range factSources {
		_, inA := a.Fact(s.name)
		_, inB := b.Fact(s.name)
		if inA || inB {
			names = append(names, s.name)
		}
	}
	return names
}

// isNews says whether the fact is new at the moment, or has another value than at the moment before.
func (m *Moment) isNews(name string) bool {
	f, ok := m.Fact(name)
	if !ok {
		return false
	}
	before, had := m.factBefore(name)
	return !had || before.String() != f.Value.String()
}

// A derivation computes from a moment what can be compared between programs that lie at different addresses.
type derivation struct {
	name string
	of   func(*Moment) string
}

func (d derivation) changed(m *Moment) bool {
	now := d.of(m)
	return now != nothing && (m.Before == nil || d.of(m.Before) != now)
}

// derivations are named like the expressions that they compute.
var derivations = []derivation{
	{"argc's copy", func(m *Moment) string { return m.copyPlace("argc, copied") }},
	{"argv's copy", func(m *Moment) string { return m.copyPlace("argv, copied") }},
	{"g0.stack.hi - g0.stack.lo", distance("g0.stack.hi", "g0.stack.lo")},
	{"g0.stackguard0 - g0.stack.lo", distance("g0.stackguard0", "g0.stack.lo")},
	{"fsbase - &m0", distance("fsbase", "&m0")},
	{"g0.stack.hi - g0.sched.sp", distance("g0.stack.hi", "g0.sched.sp")},
}

// copyPlace tells where rt0_go keeps its copy, as the assembler writes it: 24(SP). The stack is read where the copy has just
// been made.
func (m *Moment) copyPlace(note string) string {
	if m.Stage.ID != "alignment" {
		return nothing
	}
	i := slices.IndexFunc(m.Stack, func(w StackWord) bool { return w.Note.En == note })
	if i < 0 {
		return nothing
	}
	return fmt.Sprintf("%d(SP)", m.Stack[i].Addr-m.Registers.SP())
}

func distance(from, to string) func(*Moment) string {
	return func(m *Moment) string {
		x, okX := m.Fact(from)
		y, okY := m.Fact(to)
		if !okX || !okY {
			return nothing
		}
		return fmt.Sprint(int64(x.Value.Word - y.Value.Word))
	}
}

// A TypeSize is the size in bytes of one of the runtime's structures.
type TypeSize struct {
	Name string
	Size int64
}

// sizedTypes are the structures whose sizes are told: almost every release of Go changes some.
var sizedTypes = []string{"g", "m", "p", "schedt"}

// sizes reads the sizes of the runtime's structures from the program's DWARF; what it does not tell is left out.
func (b *boot) sizes() (out []TypeSize) {
	for _, name := range sizedTypes {
		if t, err := b.table.TypeNamed("runtime." + name); err == nil {
			out = append(out, TypeSize{name, t.Size})
		}
	}
	return out
}

// CompareSizes puts the sizes of the runtime's structures side by side.
func CompareSizes(a, b *Moment) (out []Comparison) {
	size := func(m *Moment, name string) string {
		for _, s := range m.Sizes {
			if s.Name == name {
				return fmt.Sprint(s.Size)
			}
		}
		return nothing
	}
	for _, name := range sizedTypes {
		c := Comparison{Name: "sizeof(" + name + ")", A: size(a, name), B: size(b, name), News: true}
		if c.A != c.B {
			c.Likeness = Differs
		}
		out = append(out, c)
	}
	return out
}

// DiffMoments returns a table of what differs between two moments, a line each; what only one has is included.
func DiffMoments(a, b *Moment) string {
	rows := []Comparison{{Name: a.Stage.ID, A: a.Stamp(), B: b.Stamp()}}
	same := 0
	for _, c := range Compare(a, b) {
		if c.Likeness == Same {
			same++
			continue
		}
		rows = append(rows, c)
	}
	var out strings.Builder
	for _, line := range columns(rows) {
		out.WriteString(line + "\n")
	}
	fmt.Fprintf(&out, "(%d are equal; ~ an address, ≠ a value)\n", same)
	return out.String()
}

// columns lines rows up: sign, name, A, B.
func columns(rows []Comparison) []string {
	name, a := 0, 0
	for _, c := range rows {
		name, a = max(name, picture.Width(c.Name)), max(a, picture.Width(c.A))
	}
	lines := make([]string, len(rows))
	for i, c := range rows {
		pad := func(s string, n int) string { return s + strings.Repeat(" ", n-picture.Width(s)) }
		lines[i] = strings.TrimRight(fmt.Sprintf("%s %s  %s  %s", signs[c.Likeness], pad(c.Name, name), pad(c.A, a), c.B), " ")
	}
	return lines
}
