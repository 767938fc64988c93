package playground

import (
	"bytes"
	"fmt"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// A Listing is all of a function's code, in which the current instruction is marked.
type Listing struct {
	Func string     `json:"func"`
	From string     `json:"from"`
	To   string     `json:"to"`
	Code []CodeLine `json:"code"`
	// Cut says that the function is longer than what is shown of it.
	Cut bool `json:"cut"`
}

// maxListing bounds the instructions of a listing, most of the reason being what a browser can lay out.
const maxListing = 4000

// A disassembly is a function's code as it was when it was disassembled.
type disassembly struct {
	bytes []byte
	lines []CodeLine
	addrs []uint64
}

// Listing returns the function that the place is in, of which "" is the current instruction.
func (p *Playground) Listing(place string) (Listing, error) {
	pc := p.machine.Current().Registers.RIP
	at := pc
	if place != "" {
		addrs, err := p.history.Resolve(place)
		if err != nil {
			return Listing{}, err
		}
		at = addrs[0]
		if f, ok := p.history.Table.FuncNamed(place); ok {
			at = f.Entry // rather than where it is inlined
		}
	}
	f, ok := p.history.Table.Func(at)
	if !ok {
		return Listing{}, fmt.Errorf("%#x lies in no function of the program: there is nothing to list", at)
	}
	d, err := p.disassemble(f)
	if err != nil {
		return Listing{}, err
	}
	l := Listing{Func: f.Name, From: hex(f.Entry), To: hex(f.End)}
	first := 0
	if n := len(d.lines); n > maxListing {
		l.Cut = true
		for first < n-maxListing && d.addrs[first+maxListing/2] < at {
			first++
		}
	}
	l.Code = append([]CodeLine{}, d.lines[first:min(len(d.lines), first+maxListing)]...)
	for i := range l.Code {
		l.Code[i].Current = d.addrs[first+i] == pc
	}
	return l, nil
}

// disassemble returns the function's instructions, which it keeps as long as the bytes stay the same.
func (p *Playground) disassemble(f symbols.Func) (*disassembly, error) {
	const most = 1 << 20
	code := make([]byte, min(f.End-f.Entry, most))
	if err := p.machine.ReadMemory(code, f.Entry); err != nil {
		return nil, err
	}
	if d := p.listings[f.Entry]; d != nil && bytes.Equal(d.bytes, code) {
		return d, nil
	}
	d := &disassembly{bytes: code}
	for at, end := f.Entry, f.Entry+uint64(len(code)); at < end; {
		in, err := p.history.Table.Disassemble(p.machine, at)
		if err != nil {
			return nil, err
		}
		d.addrs = append(d.addrs, at)
		d.lines = append(d.lines, p.codeLine(in))
		at += uint64(len(in.Bytes))
	}
	if p.listings == nil || len(p.listings) > 100 {
		p.listings = map[uint64]*disassembly{}
	}
	p.listings[f.Entry] = d
	return d, nil
}

func (p *Playground) codeLine(in symbols.Instruction) CodeLine {
	at := p.place(in.Addr)
	return CodeLine{Addr: at.Addr, Bytes: fmt.Sprintf("%x", in.Bytes), Text: in.Text, Func: at.Func, File: at.File, Line: at.Line}
}
