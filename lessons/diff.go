package lessons

import (
	"fmt"
	"io"
	"strings"
)

// DiffMoments returns a table of the facts in which two moments differ, a line each; those that only one has are included.
func DiffMoments(a, b *Moment) string {
	var out strings.Builder
	writeDiff(&out, a, b)
	return out.String()
}

func writeDiff(w io.Writer, a, b *Moment) {
	fmt.Fprintf(w, "%-16s %-34s %s\n", a.Stage.ID, a.Stamp(), b.Stamp())
	same := 0
	row := func(name, x, y string) {
		if x == y {
			same++
			return
		}
		fmt.Fprintf(w, "%-16s %-34s %s\n", name, x, y)
	}
	for _, f := range a.Facts {
		y := "–"
		if g, ok := b.Fact(f.Name); ok {
			y = g.Value.String()
		}
		row(f.Name, f.Value.String(), y)
	}
	for _, g := range b.Facts {
		if _, ok := a.Fact(g.Name); !ok {
			row(g.Name, "–", g.Value.String())
		}
	}
	fmt.Fprintf(w, "(%d facts are equal)\n", same)
}
