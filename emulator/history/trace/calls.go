package trace

import (
	"strings"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// calls follows the calls of each stack. It looks at the machine only at the first instruction of each function and at
// returns; what happens in between shows in where the stack pointer is.
type calls struct {
	s      *history.Session
	table  *symbols.Table
	funcs  map[uint64]string // by first instruction
	rets   map[uint64]bool
	stacks map[history.Stack][]frame
}

// A frame is a call that has not returned, as far as is known.
type frame struct {
	depth uint64 // of the return address: see history.Place
	name  string
	tick  uint64
}

// newCalls finds all functions of the program and all their returns.
func newCalls(s *history.Session) *calls {
	c := &calls{s: s, table: s.Table, funcs: map[uint64]string{}, rets: map[uint64]bool{}, stacks: map[history.Stack][]frame{}}
	funcs, end := s.Table.Funcs(), uint64(0)
	for i, f := range funcs {
		c.funcs[f.Entry] = f.Name
		// Functions may overlap, in a broken file all of them with all: each byte is looked at once, for the function that
		// begins last before it.
		end = max(end, f.End)
		if i+1 < len(funcs) {
			c.findReturns(f.Entry, min(end, funcs[i+1].Entry))
		} else {
			c.findReturns(f.Entry, end)
		}
	}
	return c
}

// findReturns notes the returns from one address up to another, where instructions begin at the first. Where bytes are no
// instruction it goes on at the next byte: what looks like a return within another instruction is never executed, so it does
// no harm.
func (c *calls) findReturns(from, to uint64) {
	if to <= from {
		return
	}
	code := make([]byte, to-from)
	if c.table.Image().ReadMemory(code, from) != nil {
		return
	}
	for at := 0; at < len(code); {
		in, err := x86asm.Decode(code[at:], 64)
		if err != nil || in.Op == 0 {
			at++
			continue
		}
		if in.Op == x86asm.RET {
			c.rets[from+uint64(at)] = true
		}
		at += in.Len
	}
}

// stops returns the addresses at which visit wants to see the machine.
func (c *calls) stops() []uint64 {
	var at []uint64
	for a := range c.funcs {
		at = append(at, a)
	}
	for a := range c.rets {
		at = append(at, a)
	}
	return at
}

// visit looks at a thread that is about to execute an instruction, and calls emit if that begins or ends a call.
func (c *calls) visit(t *emulator.Thread, tick uint64, emit func(*Record) error) error {
	pc := t.Registers.RIP
	name, entered := c.funcs[pc]
	if !entered && !c.rets[pc] {
		return nil
	}
	at := c.s.PlaceOf(t, t.Registers.SP())
	if !entered {
		return c.leave(t, tick, at, emit)
	}
	return c.enter(t, tick, at, name, emit)
}

func (c *calls) enter(t *emulator.Thread, tick uint64, at history.Place, name string, emit func(*Record) error) error {
	frames := c.stacks[at.Stack]
	growing := len(frames) > 0 && strings.HasPrefix(frames[len(frames)-1].name, "runtime.morestack")
	frames = deeper(frames, at.Depth)
	kind := "call"
	if n := len(frames); n > 0 && frames[n-1].depth == at.Depth {
		if growing && frames[n-1].name == name {
			// The function found its stack too small, and begins again on a larger one.
			c.stacks[at.Stack] = frames
			return nil
		}
		kind = "jump"
		frames = frames[:n-1]
	}
	r := c.record(kind, t, tick)
	r.Depth, r.Func = len(frames), name
	c.stacks[at.Stack] = append(frames, frame{at.Depth, name, tick})
	if name == "gogo" {
		c.abandon(at.Stack)
	}
	if ret, ok := c.returnAddress(t); ok && kind == "call" {
		r.From = Address(ret)
		r.Site = c.site(ret - 1)
	}
	return emit(r)
}

// leave ends the call whose return address lies where SP points to.
func (c *calls) leave(t *emulator.Thread, tick uint64, at history.Place, emit func(*Record) error) error {
	frames := deeper(c.stacks[at.Stack], at.Depth)
	n := len(frames) - 1
	if n < 0 || frames[n].depth != at.Depth {
		return nil // it began before the trace did, or jumps by way of a return
	}
	f := frames[n]
	if n == 0 {
		delete(c.stacks, at.Stack)
	} else {
		c.stacks[at.Stack] = frames[:n]
	}
	r := c.record("return", t, tick)
	r.Depth, r.Func, r.Ticks = n, f.name, tick-f.tick
	return emit(r)
}

// deeper drops the frames below depth: they have gone without a return, as those that a panic unwinds.
func deeper(frames []frame, depth uint64) []frame {
	for n := len(frames); n > 0 && frames[n-1].depth > depth; n-- {
		frames = frames[:n-1]
	}
	return frames
}

// abandon drops what lies on a stack that gogo, the end of runtime.gogo, leaves: a scheduler's stack begins anew next time, below what
// runtime.mstart1 has there.
func (c *calls) abandon(stack history.Stack) {
	frames := c.stacks[stack]
	n := len(frames)
	for n > 0 && !strings.HasPrefix(frames[n-1].name, "runtime.mstart") {
		n--
	}
	c.stacks[stack] = frames[:n]
}

func (c *calls) record(kind string, t *emulator.Thread, tick uint64) *Record {
	r := &Record{Kind: kind, Tick: tick, TID: t.TID, PC: Address(t.Registers.RIP)}
	r.Goid, _ = c.s.Goid(t)
	return r
}
