package playground

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/rt0lab/rt0/emulator/history"
)

// A Break is a breakpoint. The page keeps them and sends them with each run, so that a machine that had to be started
// afresh has them, too.
type Break struct {
	// Place is a function, a file:line or an address.
	Place string `json:"place"`
	// If is what must hold for it to stop the run: see history.Condition. "" always does.
	If string `json:"if"`
}

// maxBreaks bounds a request's breakpoints, maxPlaces what is told of each.
const maxBreaks, maxPlaces = 1000, 64

// toBreak runs to the next of the breakpoints, or back to the previous one, and remembers which it was.
func (p *Playground) toBreak(ctx context.Context, dir history.Direction, breaks []Break) (history.Stop, error) {
	if len(breaks) > maxBreaks {
		return history.Stop{}, fmt.Errorf("%d breakpoints: %d are allowed", len(breaks), maxBreaks)
	}
	var set []*history.Breakpoint
	defer func() {
		for _, b := range set {
			_ = p.history.Delete(b.ID) // it was set here
		}
	}()
	for _, b := range breaks {
		h, err := p.history.Break(b.Place, b.If)
		if err != nil {
			return history.Stop{}, err
		}
		set = append(set, h)
	}
	stop, err := p.history.Continue(ctx, dir)
	if i := slices.Index(set, stop.Breakpoint); err == nil && stop.Breakpoint != nil && i >= 0 {
		p.hit = &i
	}
	return stop, err
}

// A Resolved is what a breakpoint means in this program.
type Resolved struct {
	Place string `json:"place"`
	// At are its instructions, lowest address first, at most 64 of Count.
	At    []Place `json:"at"`
	Count int     `json:"count"`
	// Error says why it means nothing, "" if it means something.
	Error string `json:"error"`
}

// A Place is a place in the code.
type Place struct {
	Addr string `json:"addr"`
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// Resolve tells what each of the breakpoints means.
func (p *Playground) Resolve(breaks []Break) ([]Resolved, error) {
	if len(breaks) > maxBreaks {
		return nil, fmt.Errorf("%d breakpoints: %d are allowed", len(breaks), maxBreaks)
	}
	out := make([]Resolved, len(breaks))
	for i, b := range breaks {
		r := Resolved{Place: b.Place, At: []Place{}}
		addrs, err := p.history.Resolve(b.Place)
		if err == nil && b.If != "" {
			_, err = history.ParseCondition(b.If)
		}
		if err != nil {
			r.Error = err.Error()
		}
		r.Count = len(addrs)
		for _, a := range addrs[:min(len(addrs), maxPlaces)] {
			r.At = append(r.At, p.place(a))
		}
		out[i] = r
	}
	return out, nil
}

func (p *Playground) place(addr uint64) Place {
	place := Place{Addr: hex(addr)}
	if frames := p.history.Table.Frames(addr); len(frames) > 0 {
		place.Func, place.File, place.Line = frames[0].Func, frames[0].File, frames[0].Line
	}
	return place
}

// A SourceLine is a line of a source file from which code comes: where a breakpoint can be set.
type SourceLine struct {
	Line  int      `json:"line"`
	Addrs []string `json:"addrs"`
}

// Lines returns the lines of the source file from which code comes, in order.
func (p *Playground) Lines(file string) []SourceLine {
	out := []SourceLine{}
	for line, addrs := range p.history.Table.CodeLines(file) {
		l := SourceLine{Line: line}
		for _, a := range addrs[:min(len(addrs), maxPlaces)] {
			l.Addrs = append(l.Addrs, hex(a))
		}
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Line < out[j].Line })
	return out
}

func hex(n uint64) string { return fmt.Sprintf("%#x", n) }
