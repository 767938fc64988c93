package playground

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons"
)

// A StackWord is eight bytes of the stack, below or above SP.
type StackWord struct {
	Addr  string `json:"addr"`
	Value string `json:"value"`
	// Offset is the address less SP.
	Offset int64 `json:"offset"`
	// Note says what the word is, if that is known.
	Note Text `json:"note"`
	// Bound is "g0.stack.lo" or its like, if the word lies at that end of the stack.
	Bound   string `json:"bound"`
	Changed bool   `json:"changed"`
	// Expr is the word's memory, to ask who wrote it; "" if no memory is there.
	Expr string `json:"expr"`
}

// stack returns the words on both sides of SP, by address.
func (p *Playground) stack(mo *lessons.Moment) []StackWord {
	was := map[uint64]uint64{}
	if p.before != nil {
		for _, w := range p.before.Stack {
			if !w.Unreadable {
				was[w.Addr] = w.Value
			}
		}
	}
	out := []StackWord{}
	for _, w := range mo.Stack {
		s := StackWord{Addr: hex(w.Addr), Offset: int64(w.Addr - mo.Registers.SP()), Note: Text(w.Note)}
		switch lim := mo.Limits; {
		case lim.G == "":
		case w.Addr == lim.Lowest.Addr:
			s.Bound = lim.G + ".stack.lo"
		case w.Addr == lim.Hi:
			s.Bound = lim.G + ".stack.hi"
		}
		if !w.Unreadable {
			s.Value, s.Expr = hex(w.Value), fmt.Sprintf("%#x:8", w.Addr)
			old, known := was[w.Addr]
			s.Changed = known && old != w.Value
		}
		out = append(out, s)
	}
	return out
}
