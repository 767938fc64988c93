package lessons

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons/picture"
)

// mostOfSection is how many rows of a section the figure of the entry stack shows; the rest is counted.
const mostOfSection = 24

// Columns of the figure of the entry stack, in cells from the left edge of the boxes.
const (
	entryValue = 18 // where the value begins, or the name of a string
	entryLabel = 38 // where the label begins, or the text of a string
)

// drawEntry draws what Linux put on the stack: a box a section, low addresses on top.
func drawEntry(c *picture.Canvas, now, before *Moment, lang string) {
	was := map[uint64]EntryWord{}
	if before != nil {
		for _, w := range before.Entry {
			was[w.Addr] = w
		}
	}
	labels, widest := 0, 0
	for _, w := range now.Entry {
		if w.Section == SectionStrings {
			widest = max(widest, picture.Width(w.Note.In(lang))+2)
			continue
		}
		labels = max(labels, picture.Width(w.Label))
	}
	for _, w := range now.Entry {
		if w.Section != SectionStrings {
			widest = max(widest, labels+2+picture.Width(w.Note.In(lang)))
		}
	}
	const left = 9 // room for the sections' names
	arrow := 0
	width := entryLabel + widest + 2
	y := 0
	for section := SectionArgc; section <= SectionStrings; section++ {
		var rows []EntryWord
		more := 0
		for _, w := range now.Entry {
			switch {
			case w.Section != section:
			case len(rows) == mostOfSection:
				more++
			default:
				rows = append(rows, w)
			}
		}
		height := len(rows) + 2
		if more > 0 {
			height++
		}
		c.Box(left, y, width, height, picture.Plain)
		c.Text(0, y+1, section.Name().In(lang), picture.Title)
		for i, w := range rows {
			at := y + 1 + i
			old, known := was[w.Addr]
			mark := changedIf(known && (old.Value != w.Value || old.Note != w.Note))
			sign := ""
			if mark == picture.Changed {
				sign = " *"
			}
			if w.Addr == now.Registers.SP() {
				arrow = at
			}
			c.Text(left+2, at, fmt.Sprintf("0x%012x", w.Addr), picture.Muted)
			if section == SectionStrings {
				c.Text(left+entryValue, at, w.Label, picture.Title)
				c.Text(left+entryLabel, at, w.Note.In(lang)+sign, mark)
				continue
			}
			c.Text(left+entryValue, at, fmt.Sprintf("0x%016x", w.Value)+sign, mark)
			c.Text(left+entryLabel, at, w.Label, picture.Title)
			c.Text(left+entryLabel+labels+2, at, w.Note.In(lang), picture.Muted)
		}
		if more > 0 {
			c.Text(left+2, y+height-2, fmt.Sprintf(Text{"⋮ and %d more", "⋮ 另有 %d 项"}.In(lang), more), picture.Muted)
		}
		y += height - 1 // sections share a border
	}
	if arrow > 0 {
		c.Arrow(picture.Current, left+width+3, arrow, left+width-1, arrow)
		c.Text(left+width+5, arrow, "SP", picture.Current)
	}
}
