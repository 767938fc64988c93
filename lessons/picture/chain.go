package picture

// A Link is an element of a Chain.
type Link struct {
	Text string
	Note string // a second line, such as a status
	Mark Mark
}

// Chain draws a linked list from a head on, wrapping at limit cells: label, then boxes joined by arrows, then how it ends,
// such as "nil". It returns the y below.
func (c *Canvas) Chain(x, y, limit int, label string, links []Link, end string) (bottom int) {
	if len(links) == 0 {
		y-- // no boxes, so no room for their frames
	}
	c.Text(x, y+1, label, Title)
	start := x + Width(label) + 1
	at := start
	arrow := func() {
		c.Arrow(Plain, at, y+1, at+3, y+1)
		at += 4
	}
	h := 3
	if len(links) == 0 {
		h = 2
	}
	for _, l := range links {
		if l.Note != "" {
			h = 4
		}
	}
	for _, l := range links {
		text := l.Text
		if l.Mark == Changed {
			text += " *"
		}
		w := max(Width(text), Width(l.Note)) + 4
		if at+4+w > limit && at > start {
			c.Text(at, y+1, "…", Muted)
			y += h
			at = start
		}
		arrow()
		c.Box(at, y, w, h, l.Mark)
		c.Text(at+2, y+1, text, l.Mark)
		c.Text(at+2, y+2, l.Note, Muted)
		at += w
	}
	arrow()
	c.Text(at+1, y+1, end, Muted)
	return y + h
}
