package picture

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func sample() *Canvas {
	c := &Canvas{Title: "g0 ↔ m0", Desc: "Two boxes.", Stamp: "go1.26.8 · tick 54 · 1 CPU · seed 1"}
	c.Box(0, 0, 12, 4, Plain)
	c.Text(2, 1, "g0", Title)
	c.Text(2, 2, "m", Plain)
	c.Box(20, 0, 12, 4, Changed)
	c.Text(22, 1, "m0", Title)
	c.Text(22, 2, "g0 *", Changed)
	c.Arrow(Plain, 11, 2, 16, 2, 16, 1, 20, 1)
	return c
}

func TestRender(t *testing.T) {
	want := strings.Join([]string{
		"g0 ↔ m0",
		"┌──────────┐        ┌──────────┐",
		"│ g0       │    ┌───► m0       │",
		"│ m        ├────┘   │ g0 *     │",
		"└──────────┘        └──────────┘",
		"go1.26.8 · tick 54 · 1 CPU · seed 1",
		"",
	}, "\n")
	if got := sample().Render(TextOptions{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	ascii := sample().Render(TextOptions{ASCII: true})
	if strings.ContainsAny(ascii, "┌─│►") {
		t.Errorf("frames are not ASCII:\n%s", ascii)
	}
	if !strings.Contains(sample().Render(TextOptions{Color: true}), "\x1b[1;33m") {
		t.Error("no colour for what changed")
	}
}

// wellFormed parses s to its end and returns the names of the elements in it.
func wellFormed(t *testing.T, s string) map[string]int {
	t.Helper()
	names := map[string]int{}
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return names
		}
		if err != nil {
			t.Fatalf("not well-formed: %v\n%s", err, s)
		}
		if e, ok := tok.(xml.StartElement); ok {
			names[e.Name.Local]++
		}
	}
}

func TestSVG(t *testing.T) {
	c := sample()
	c.Text(0, 5, "<script>alert(1)</script>&\x00\x1b[31m\xff]]>", Code)
	names := wellFormed(t, c.SVG())
	if names["title"] != 1 || names["desc"] != 1 || names["script"] != 0 {
		t.Errorf("elements: %v", names)
	}
	if names["rect"] != 3 {
		t.Errorf("%d rectangles, want the background and two boxes", names["rect"])
	}
	if strings.Contains(c.HTML(), "<script") {
		t.Error("guest bytes became markup")
	}
}

func FuzzText(f *testing.F) {
	f.Add("a<b>\x00")
	f.Fuzz(func(t *testing.T, s string) {
		c := &Canvas{Title: s, Desc: s, Stamp: s}
		c.Text(1, 1, s, Plain)
		wellFormed(t, c.SVG())
		if n := strings.Count(c.Render(TextOptions{}), "\n"); n > 5 {
			t.Errorf("%q broke the lines", s)
		}
	})
}

// TestArrowsDoNotOverlap draws two objects that point to each other: both arrows end at a title, and share no level cell.
func TestArrowsDoNotOverlap(t *testing.T) {
	c := &Canvas{}
	c.Graph(0, 0, []Object{
		{ID: "a", Title: "a", Column: 0, Fields: []Field{{Name: "x", Value: "1"}, {Name: "m", Value: "b", To: "b"}}},
		{ID: "b", Title: "b", Column: 1, Fields: []Field{{Name: "g", Value: "a", To: "a"}, {Name: "end", Value: "of"}}},
		{ID: "c", Title: "c", Column: 0, Fields: []Field{{Name: "b", Value: "b", To: "b", ToField: "end"}}},
	})
	owner := map[point]int{} // the arrow at each cell of a level piece
	for i, l := range c.lines[:2] {
		for j, p := range l.points[1:] {
			from := l.points[j]
			for x := min(from.x, p.x); from.y == p.y && x <= max(from.x, p.x); x++ {
				if other, ok := owner[point{x, p.y}]; ok && other != i {
					t.Errorf("two arrows at %d, %d:\n%s", x, p.y, c.Render(TextOptions{}))
				}
				owner[point{x, p.y}] = i
			}
		}
		if end := l.points[len(l.points)-1]; end.y != 1 {
			t.Errorf("arrow %d ends at row %d, want the title's:\n%s", i, end.y, c.Render(TextOptions{}))
		}
	}
	if end := c.lines[2].points; end[len(end)-1].y != 3 {
		t.Errorf("the arrow to b.end ends at row %d:\n%s", end[len(end)-1].y, c.Render(TextOptions{}))
	}
}
