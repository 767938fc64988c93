package picture

import "fmt"

// A Word is one row of a column of memory.
type Word struct {
	Addr uint64
	// Value is the eight bytes there; Unreadable says that there are none.
	Value      uint64
	Unreadable bool
	// Label says what the word is, such as "argc"; Note what it means, such as a string it points to or a symbol.
	Label, Note string
	// Pointers are the registers and fields that point at the word, such as "SP" or "g0.stack.hi".
	Pointers []string
	// Gap says that rows between this one and the one before are left out; GapNote tells what they are.
	Gap     bool
	GapNote string
	Mark    Mark
}

// Words draws a column of memory words, in the order given, low addresses first if the caller passes them so. It returns
// the y below.
func (c *Canvas) Words(x, y int, rows []Word) (bottom int) {
	pointers, label, note := 0, 0, 0
	texts := make([]string, len(rows))
	for i, r := range rows {
		s := ""
		for _, p := range r.Pointers {
			if s != "" {
				s += ", "
			}
			s += p
		}
		texts[i] = s
		pointers, label, note = max(pointers, Width(s)), max(label, Width(r.Label)), max(note, Width(r.Note))
	}
	left := x
	if pointers > 0 {
		left += pointers + 3
	}
	const addrW, valueW = 14, 18
	w := addrW + valueW + 9
	if label > 0 {
		w += label + 2
	}
	h := 2
	for _, r := range rows {
		h++
		if r.Gap {
			h++
		}
	}
	c.Box(left, y, w, h, Plain)
	at := y + 1
	for i, r := range rows {
		if r.Gap {
			c.Text(left+2, at, "⋮ "+r.GapNote, Muted)
			at++
		}
		if texts[i] != "" {
			c.Text(left-3-Width(texts[i]), at, texts[i], Current)
			c.Arrow(Current, left-2, at, left, at)
		}
		c.Text(left+2, at, fmt.Sprintf("0x%012x", r.Addr), Muted)
		value, mark := fmt.Sprintf("0x%016x", r.Value), r.Mark
		if r.Unreadable {
			value, mark = "unreadable", Bad
		}
		if r.Mark == Changed {
			value += " *"
		}
		c.Text(left+4+addrW, at, value, mark)
		c.Text(left+8+addrW+valueW, at, r.Label, Title)
		c.Text(left+w+1, at, r.Note, Muted)
		at++
	}
	return y + h
}
