package picture

import "fmt"

// A Lane is one thread's life in a Timeline.
type Lane struct {
	Name string
	// Spans are the ticks during which the thread existed or ran.
	Spans []Span
}

// A Span is a stretch of ticks, End exclusive.
type Span struct{ Start, End uint64 }

// A Moment is a marked tick.
type Moment struct {
	Tick  uint64
	Label string
	// Lane is the index of the lane it belongs to.
	Lane int
	Mark Mark
}

// Timeline draws lanes over a common axis of ticks, width cells wide, with moments marked by number and listed below. It
// returns the y below.
func (c *Canvas) Timeline(x, y, width int, end uint64, lanes []Lane, moments []Moment) (bottom int) {
	names := 0
	for _, l := range lanes {
		names = max(names, Width(l.Name))
	}
	left := x + names + 2
	width = max(width-names-2, 20)
	column := func(tick uint64) int {
		if end == 0 {
			return left
		}
		return left + int(min(tick, end)*uint64(width-1)/end)
	}
	// The axis runs between its two labels.
	first, last := "0", Thousands(end)
	c.Text(left, y, first, Muted)
	c.Text(left+width-Width(last), y, last, Muted)
	c.Line(Muted, left+Width(first)+1, y, left+width-Width(last)-2, y)
	for i, l := range lanes {
		at := y + 2 + 2*i
		c.Text(x, at, l.Name, Title)
		for _, s := range l.Spans {
			a, z := column(s.Start), column(s.End)
			if a == z {
				z++
			}
			c.Line(Plain, a, at, z, at)
		}
	}
	// Moments that fall into one cell share it: the cell shows the first one's number, and the next
	// cell, if it is free, that there are more.
	taken, shared := map[[2]int]bool{}, map[[2]int]bool{}
	for i, m := range moments {
		at := [2]int{column(m.Tick), y + 1 + 2*m.Lane} // above the lane, which must not strike it out
		sign := moment(i)
		if taken[at] {
			shared[at] = true
			continue
		}
		taken[at] = true
		c.Text(at[0], at[1], sign, Current)
	}
	for _, m := range moments {
		at := [2]int{column(m.Tick), y + 1 + 2*m.Lane}
		if next := [2]int{at[0] + 1, at[1]}; shared[at] && !taken[next] {
			c.Text(next[0], next[1], "…", Muted)
			shared[at] = false
		}
	}
	at := y + 3 + 2*len(lanes)
	for i, m := range moments {
		label := fmt.Sprintf("%s %12s  %s", moment(i), Thousands(m.Tick), m.Label)
		if m.Mark == Changed {
			label += " *"
		}
		c.Text(x, at, label, m.Mark)
		at++
	}
	return at
}

// moment is the sign of the i-th moment: a digit or a letter.
func moment(i int) string {
	const signs = "123456789abcdefghijklmnopqrstuvwxyz"
	if i < len(signs) {
		return signs[i : i+1]
	}
	return "+"
}

// Thousands renders n with its digits in groups of three.
func Thousands(n uint64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
