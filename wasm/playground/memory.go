package playground

import (
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/lessons"
)

// A Word is eight bytes of the guest's memory.
type Word struct {
	Addr string `json:"addr"`
	// Bytes are they as they lie, two hexadecimal digits each, "" where no memory is; Value is the number that they are.
	Bytes string `json:"bytes"`
	Value string `json:"value"`
	// Note says what the word is, if that is known.
	Note Text `json:"note"`
}

// maxWords bounds the words of a request.
const maxWords = 1024

// Memory returns words of memory: n of them from the given number of words before what the expression means on. The
// expression is a register such as "rsp", an address such as "0xc000012000", a place of the runtime's such as "g0.sched" or
// a variable of the program.
func (p *Playground) Memory(expr string, before, n int) ([]Word, error) {
	if n < 1 || n > maxWords || before < 0 || before > maxWords {
		return nil, fmt.Errorf("%d words from %d before: choose 1 to %d", n, before, maxWords)
	}
	addr, err := p.address(strings.TrimSpace(expr))
	if err != nil {
		return nil, err
	}
	addr &^= 7
	words := p.tour.Words(addr-8*uint64(before), n)
	out := make([]Word, len(words))
	for i, w := range words {
		out[i] = p.word(w)
	}
	return out, nil
}

func (p *Playground) word(w lessons.StackWord) Word {
	out := Word{Addr: hex(w.Addr), Note: Text(w.Note)}
	if !w.Unreadable {
		v := w.Value
		b := [8]byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24), byte(v >> 32), byte(v >> 40), byte(v >> 48), byte(v >> 56)}
		out.Bytes, out.Value = fmt.Sprintf("%x", b[:]), hex(v)
	}
	return out
}

// address returns the place in memory that the expression means.
func (p *Playground) address(expr string) (uint64, error) {
	regs := p.machine.Current().Registers
	for _, r := range registersOf(&regs) {
		if strings.EqualFold(r.name, strings.TrimPrefix(expr, "$")) {
			return r.value, nil
		}
	}
	addr, _, err := p.history.Locate(expr)
	return addr, err
}
