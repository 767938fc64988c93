package picture

import (
	"strings"

	"github.com/rt0lab/rt0/internal/visible"
)

// sides of a cell through which a line passes.
const (
	up = 1 << iota
	down
	left
	right
)

// strokes are the box-drawing characters by the sides that they connect, in Unicode and in ASCII.
var (
	strokes = [16]rune{0: ' ', up: '│', down: '│', up | down: '│', left: '─', right: '─', left | right: '─',
		down | right: '┌', down | left: '┐', up | right: '└', up | left: '┘',
		up | down | right: '├', up | down | left: '┤', left | right | down: '┬', left | right | up: '┴', 15: '┼'}
	asciiStrokes = [16]rune{0: ' ', up: '|', down: '|', up | down: '|', left: '-', right: '-', left | right: '-',
		down | right: '+', down | left: '+', up | right: '+', up | left: '+',
		up | down | right: '+', up | down | left: '+', left | right | down: '+', left | right | up: '+', 15: '+'}
)

// TextOptions say what a terminal can show.
type TextOptions struct {
	// ASCII keeps to 7-bit characters for frames and arrows.
	ASCII bool
	// Color adds ANSI colours.
	Color bool
}

// cell is one character cell: a stroke or a character.
type cell struct {
	sides  uint8
	r      rune // 0: the stroke
	mark   Mark
	hidden bool // the second half of a wide character
}

// Render renders the figure as lines of text, each ended by a newline, without trailing blanks.
func (c *Canvas) Render(o TextOptions) string {
	grid := make([][]cell, c.h)
	for y := range grid {
		grid[y] = make([]cell, c.w+1)
	}
	for _, b := range c.boxes {
		c.stroke(grid, []point{{b.x, b.y}, {b.x + b.w - 1, b.y}, {b.x + b.w - 1, b.y + b.h - 1}, {b.x, b.y + b.h - 1}, {b.x, b.y}}, b.mark, b.dashed)
	}
	heads := [4]rune{'▲', '▼', '◄', '►'}
	if o.ASCII {
		heads = [4]rune{'^', 'v', '<', '>'}
	}
	for _, l := range c.lines {
		c.stroke(grid, l.points, l.mark, false)
	}
	for _, l := range c.lines {
		if !l.head {
			continue
		}
		to, from := l.points[len(l.points)-1], l.points[len(l.points)-2]
		r := heads[3]
		switch {
		case to.y < from.y:
			r = heads[0]
		case to.y > from.y:
			r = heads[1]
		case to.x < from.x:
			r = heads[2]
		}
		grid[to.y][to.x] = cell{r: r, mark: l.mark}
	}
	for _, w := range c.words {
		x := w.x
		for _, r := range w.s {
			n := runeWidth(r)
			if n == 0 || x >= len(grid[w.y]) {
				continue
			}
			if o.ASCII {
				r = asciiOf(r)
			}
			grid[w.y][x] = cell{r: r, mark: w.mark}
			if n == 2 && x+1 < len(grid[w.y]) {
				grid[w.y][x+1] = cell{hidden: true}
			}
			x += n
		}
	}
	var b strings.Builder
	head := func(s string, m Mark) {
		if s != "" {
			writeMarked(&b, visible.Text(s), m, o)
			b.WriteByte('\n')
		}
	}
	head(c.Title, Title)
	set := &strokes
	if o.ASCII {
		set = &asciiStrokes
	}
	for _, row := range grid {
		end := len(row)
		for end > 0 && row[end-1] == (cell{}) {
			end--
		}
		for i := 0; i < end; {
			j := i
			var run strings.Builder
			for ; j < end && row[j].mark == row[i].mark; j++ {
				switch k := row[j]; {
				case k.hidden:
				case k.r != 0:
					run.WriteRune(k.r)
				default:
					run.WriteRune(set[k.sides])
				}
			}
			writeMarked(&b, run.String(), row[i].mark, o)
			i = j
		}
		b.WriteByte('\n')
	}
	head(c.Stamp, Muted)
	return b.String()
}

// stroke draws the legs of a polyline.
func (c *Canvas) stroke(grid [][]cell, points []point, m Mark, dashed bool) {
	for i := 1; i < len(points); i++ {
		a, z := points[i-1], points[i]
		dx, dy := sign(z.x-a.x), sign(z.y-a.y)
		var out, in uint8
		switch {
		case dx > 0:
			out, in = right, left
		case dx < 0:
			out, in = left, right
		case dy > 0:
			out, in = down, up
		default:
			out, in = up, down
		}
		n := 0
		for p := a; p != z; p = (point{p.x + dx, p.y + dy}) {
			if !dashed || n%2 == 0 || p == a {
				grid[p.y][p.x].sides |= out
				grid[p.y][p.x].mark = m
				grid[p.y+dy][p.x+dx].sides |= in
				grid[p.y+dy][p.x+dx].mark = m
			}
			n++
		}
	}
}

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// asciiOf returns a 7-bit stand-in for the signs that figures use; prose in other scripts stays as it is.
func asciiOf(r rune) rune {
	switch r {
	case '→', '►':
		return '>'
	case '←', '◄':
		return '<'
	case '…':
		return '~'
	case '·', '•':
		return '.'
	case '–', '—', '−':
		return '-'
	case '×':
		return 'x'
	}
	return r
}

// ansi are the colours by mark: they exist in every 16-colour terminal and read on dark and light backgrounds.
var ansi = map[Mark]string{Title: "1", Muted: "2", Changed: "1;33", Current: "1;36", Bad: "31"}

func writeMarked(b *strings.Builder, s string, m Mark, o TextOptions) {
	code := ansi[m]
	if !o.Color || code == "" || strings.TrimSpace(s) == "" {
		b.WriteString(s)
		return
	}
	b.WriteString("\x1b[" + code + "m" + s + "\x1b[0m")
}
