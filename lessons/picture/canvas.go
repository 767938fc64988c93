// Package picture draws figures of machine state. A figure is laid out once, in character cells, and rendered from that one
// layout as plain text, as SVG and as HTML; so the three cannot disagree, and every picture has a twin that a screen reader
// or a terminal can show.
//
// A Canvas is a display list: boxes, words and lines at cell positions. It knows nothing of what it shows; the figures
// themselves are in the files named after them.
package picture

import (
	"github.com/rt0lab/rt0/internal/visible"
)

// A Mark says what is special about an element. Marks never rely on colour alone: text shows the sign in Mark.sign, SVG a
// pattern or weight besides the colour.
type Mark uint8

// The marks.
const (
	Plain   Mark = iota
	Title        // a heading
	Muted        // secondary: offsets, captions
	Changed      // differs from the picture before; text shows "*"
	Current      // where the machine is: SP, PC; text shows "►"
	Bad          // unreadable or absent
	Code         // machine words, register values
)

// A box is a frame of w × h cells with its top left corner at x, y. Its border takes up the outermost cells.
type box struct {
	x, y, w, h int
	mark       Mark
	dashed     bool
}

// words are a line of text that starts at x, y.
type words struct {
	x, y int
	s    string
	mark Mark
}

// line is a polyline through cell centres; every leg is horizontal or vertical. It ends in an arrow head if head is set.
type line struct {
	points []point
	head   bool
	mark   Mark
}

type point struct{ x, y int }

// A Canvas is a figure laid out in character cells.
type Canvas struct {
	// Title names the figure; Desc tells in a sentence or two what it shows, for those who do not see it.
	Title, Desc string
	// Stamp says what the figure was computed from: Go version, tick, CPUs, seed.
	Stamp string

	boxes []box
	words []words
	lines []line
	w, h  int
}

// Size returns the figure's extent in cells, title and stamp excluded.
func (c *Canvas) Size() (w, h int) { return c.w, c.h }

func (c *Canvas) grow(x, y int) { c.w, c.h = max(c.w, x), max(c.h, y) }

// Box draws a frame of w × h cells, at least 2 × 2.
func (c *Canvas) Box(x, y, w, h int, m Mark) {
	c.boxes = append(c.boxes, box{x: x, y: y, w: max(w, 2), h: max(h, 2), mark: m})
	c.grow(x+w, y+h)
}

// DashedBox draws a frame for something that is claimed but not filled, such as stack below SP.
func (c *Canvas) DashedBox(x, y, w, h int, m Mark) {
	c.Box(x, y, w, h, m)
	c.boxes[len(c.boxes)-1].dashed = true
}

// Text writes one line. Control characters of s are shown as their pictures (U+2400 …): guest bytes cannot break the
// figure.
func (c *Canvas) Text(x, y int, s string, m Mark) {
	s = visible.Text(s)
	c.words = append(c.words, words{x, y, s, m})
	c.grow(x+Width(s), y+1)
}

// Arrow draws a line through the cells given as x, y pairs, with a head at the last. Legs must be horizontal or vertical.
func (c *Canvas) Arrow(m Mark, xy ...int) { c.line(true, m, xy) }

// Line draws a line without a head.
func (c *Canvas) Line(m Mark, xy ...int) { c.line(false, m, xy) }

func (c *Canvas) line(head bool, m Mark, xy []int) {
	l := line{head: head, mark: m}
	for i := 0; i+1 < len(xy); i += 2 {
		p := point{xy[i], xy[i+1]}
		if n := len(l.points); n > 0 && l.points[n-1] == p {
			continue
		}
		l.points = append(l.points, p)
		c.grow(p.x+1, p.y+1)
	}
	if len(l.points) > 1 {
		c.lines = append(c.lines, l)
	}
}

// Width returns how many cells s takes: two for wide (East Asian) characters, none for combining ones.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// runeWidth follows the East Asian Width property (Unicode TR 11) for the ranges that our prose can contain.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case r >= 0x300 && r <= 0x36f, r >= 0x200b && r <= 0x200f, r == 0xfe0f:
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff,
		r >= 0xfe30 && r <= 0xfe4f, r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff,
		r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}
