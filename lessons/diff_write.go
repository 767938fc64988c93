package lessons

import (
	"bufio"
	"fmt"
	"io"
	"sort"

	"github.com/rt0lab/rt0/internal/plainjson"
	"github.com/rt0lab/rt0/internal/visible"
	"github.com/rt0lab/rt0/lessons/picture"
)

// WriteDiff writes two boots side by side, a section a stage, and marks what differs. Of several stages it tells what each
// establishes or changes and then the sizes of the runtime's structures; of a single stage, all that is known.
func WriteDiff(w io.Writer, as, bs []*Moment, o Options) error {
	buf := bufio.NewWriter(w)
	t := &teller{w: buf, o: o, words: headingsIn(o.Lang)}
	n := min(len(as), len(bs))
	for i := range n {
		t.diff(as[i], bs[i], n == 1)
	}
	if n > 1 {
		t.diffSizes(as[0], bs[0])
	}
	fmt.Fprintf(buf, "%s\n", t.paint(faint, Text{
		"≠ differs; ~ both are addresses, and what they name lies elsewhere; – is not there",
		"≠ 不同；~ 两边都是地址，只是位置不同；– 没有",
	}.In(o.Lang)))
	return buf.Flush()
}

func (t *teller) diff(a, b *Moment, all bool) {
	head := fmt.Sprintf("━━ %d/%d %s", stageIndex(a.Stage.ID)+1, len(Stages), a.Stage.ID)
	fmt.Fprintf(t.w, "%s — %s\n", t.paint(bold, head), t.paint(bold, a.Stage.Title.In(t.o.Lang)))
	rows := []Comparison{
		{A: a.Go, B: b.Go},
		{Name: t.words.tick, A: a.when(), B: b.when()},
		{A: visible.Text(a.place()), B: visible.Text(b.place())},
	}
	if !a.Missing.Empty() || !b.Missing.Empty() {
		rows = append(rows, Comparison{Name: t.words.missing, A: orNothing(a.Missing.In(t.o.Lang)), B: orNothing(b.Missing.In(t.o.Lang)), Likeness: Differs})
	}
	for _, c := range Compare(a, b) {
		if all || c.News {
			rows = append(rows, c)
		}
	}
	t.comparisons(rows)
}

func (t *teller) diffSizes(a, b *Moment) {
	fmt.Fprintf(t.w, "%s\n", t.paint(bold, Text{"━━ sizes — the runtime's structures, in bytes", "━━ 大小 — 运行时各结构的字节数"}.In(t.o.Lang)))
	t.comparisons(append([]Comparison{{A: a.Go, B: b.Go}}, CompareSizes(a, b)...))
}

// comparisons writes rows and an empty line; those that differ are painted.
func (t *teller) comparisons(rows []Comparison) {
	for i, line := range columns(rows) {
		line = visible.Text(line)
		switch {
		case i == 0:
			line = t.paint(bold, line)
		case rows[i].Likeness == Differs:
			line = t.paint(yellow, line)
		}
		fmt.Fprintf(t.w, "   %s\n", line)
	}
	fmt.Fprintln(t.w)
}

// when is the tick, for people.
func (m *Moment) when() string {
	if !m.Missing.Empty() {
		return nothing
	}
	return picture.Thousands(m.Tick)
}

// place tells where the program is, in few words.
func (m *Moment) place() string {
	if !m.Missing.Empty() {
		return nothing
	}
	if m.File == "" {
		return m.Symbol
	}
	return fmt.Sprintf("%s:%d", shortPath(m.File), m.Line)
}

func orNothing(s string) string {
	if s == "" {
		return nothing
	}
	return s
}

// WriteDiffJSON writes two boots as one JSON array, an object a stage on a line of its own: the moments a and b as
// WriteJSON has them, "derived" with what Compare adds to the facts, and "differs" with the names of what differs, moved
// addresses left out. If there are several stages a last object has the sizes.
func WriteDiffJSON(w io.Writer, as, bs []*Moment) error {
	var objects []plainjson.Object
	n := min(len(as), len(bs))
	for i := range n {
		a, b := as[i], bs[i]
		derived, differs := comparisonsObject(Compare(a, b), func(name string) bool {
			_, inA := a.Fact(name)
			_, inB := b.Fact(name)
			return !inA && !inB
		})
		objects = append(objects, plainjson.Pairs(
			"id", a.Stage.ID, "a", a.object(), "b", b.object(), "derived", derived, "differs", differs,
		))
	}
	if n > 1 {
		sizes, differs := comparisonsObject(CompareSizes(as[0], bs[0]), func(string) bool { return true })
		objects = append(objects, plainjson.Pairs("id", "sizes", "sizes", sizes, "differs", differs))
	}
	return writeArray(w, objects)
}

// comparisonsObject gives the values of the comparisons to keep, by name, and the names of all that differ.
func comparisonsObject(list []Comparison, keep func(name string) bool) (values plainjson.Object, differs []string) {
	values, differs = plainjson.Object{}, []string{}
	for _, c := range list {
		if keep(c.Name) {
			values = append(values, plainjson.Member{Name: c.Name, Value: plainjson.Pairs("a", c.A, "b", c.B)})
		}
		if c.Likeness == Differs {
			differs = append(differs, c.Name)
		}
	}
	sort.Slice(values, func(i, j int) bool { return values[i].Name < values[j].Name })
	return values, differs
}
