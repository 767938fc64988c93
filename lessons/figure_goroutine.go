package lessons

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/lessons/picture"
)

// A FirstG is goroutine 1 at one moment: its record, and the end of its stack, where it begins to work.
type FirstG struct {
	*goruntime.G
	// PC says what sched.pc is.
	PC Text
	// Top is the words up to stack.hi, by address.
	Top []StackWord
}

// wordsOfG is how many words of a goroutine's stack are kept, counted from its end.
const wordsOfG = 8

// firstG looks for goroutine 1; nil while there is none.
func (b *boot) firstG(s *RuntimeState) *FirstG {
	for _, g := range s.Gs {
		if !g.Goid.OK() || g.Goid.Uint != 1 || !g.StackHi.OK() || g.StackHi.Uint < 8*wordsOfG {
			continue
		}
		first := &FirstG{G: g, PC: b.pointerNote(g.SchedPC.Uint)}
		for i := range uint64(wordsOfG) {
			first.Top = append(first.Top, b.stackWord(g.StackHi.Uint-8*(wordsOfG-i), nil))
		}
		return first
	}
	return nil
}

// drawGoroutine draws goroutine 1: what newproc prepared, or what is left of it, and where its stack ends.
func drawGoroutine(c *picture.Canvas, now, before *Moment, lang string) {
	g := now.FirstG
	if g == nil {
		c.Text(0, 0, Text{"there is no goroutine 1 yet", "还没有 goroutine 1"}.In(lang), picture.Muted)
		return
	}
	was := &FirstG{G: &goruntime.G{}}
	known := before != nil && before.FirstG != nil && before.FirstG.Addr == g.Addr
	if known {
		was = before.FirstG
	}
	pc := addressText(g.SchedPC)
	if !g.PC.Empty() {
		pc += " " + g.PC.In(lang)
	}
	oldPC := addressText(was.SchedPC)
	if !was.PC.Empty() {
		oldPC += " " + was.PC.In(lang)
	}
	y := c.Graph(0, 0, []picture.Object{{ID: id(g.Addr), Title: fmt.Sprintf("G1 %#x", g.Addr), Fields: []picture.Field{
		textRow("status", g.Status, was.Status, known),
		textRow("stack.lo", addressText(g.StackLo), addressText(was.StackLo), known),
		textRow("stack.hi", addressText(g.StackHi), addressText(was.StackHi), known),
		textRow("stackguard0", addressText(g.Stackguard0), addressText(was.Stackguard0), known),
		textRow("sched.pc", pc, oldPC, known),
		textRow("sched.sp", addressText(g.SchedSP), addressText(was.SchedSP), known),
		textRow("sched.ctxt", addressText(g.SchedCtxt), addressText(was.SchedCtxt), known),
	}}})
	pointers := map[uint64][]string{now.Registers.SP(): {"SP"}}
	if g.SchedSP.OK() && g.SchedSP.Uint != 0 {
		pointers[g.SchedSP.Uint] = append(pointers[g.SchedSP.Uint], "sched.sp")
	}
	var rows []picture.Word
	for i, w := range g.Top {
		rows = append(rows, picture.Word{Addr: w.Addr, Value: w.Value, Unreadable: w.Unreadable, Note: w.Note.In(lang), Pointers: pointers[w.Addr],
			Mark: changedIf(known && i < len(was.Top) && was.Top[i].Value != w.Value)})
	}
	y = c.Words(0, y, rows)
	c.Text(0, y, Text{"stack.hi is the address behind the last word", "stack.hi 是最后一个字之后的地址"}.In(lang), picture.Muted)
}
