package trace

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
)

// Options say what to tell of.
type Options struct {
	Calls, Syscalls, Insns bool
	// From and To bound the ticks told of: From ≤ tick < To. A To of 0 is the end of the run.
	From, To uint64
}

// ErrNoSymbols reports that calls cannot be told of a program that names none of its functions.
var ErrNoSymbols = errors.New("the program has no symbols: calls cannot be traced")

// slice is how many ticks run without asking whether to go on.
const slice = 20_000_000

// Run runs the machine of s from tick 0 on and calls emit for each record in the order of ticks, until To, the end of the
// program, or an error of emit or ctx. To know how deep calls are it follows them from the start, whatever From is.
func Run(ctx context.Context, s *history.Session, o Options, emit func(*Record) error) error {
	r := &run{s: s, m: s.Machine(), o: o, emit: emit}
	if o.To == 0 {
		r.o.To = ^uint64(0)
	}
	if o.Calls {
		if s.Table == nil || len(s.Table.Funcs()) == 0 {
			return ErrNoSymbols
		}
		r.calls = newCalls(s)
	}
	if err := r.m.SeekContext(ctx, 0); err != nil {
		return err
	}
	if o.Syscalls {
		r.m.OnSyscall(r.syscall)
		defer r.m.OnSyscall(nil)
	}
	defer r.m.SetBreakpoints(nil)
	if err := r.until(ctx, min(o.From, r.o.To), false); err != nil {
		return err
	}
	return r.until(ctx, r.o.To, o.Insns)
}

type run struct {
	s     *history.Session
	m     *emulator.Machine
	o     Options
	calls *calls
	emit  func(*Record) error
	err   error // of emit
	// held are the system calls of the instruction at work, which comes first in a trace that tells of it.
	held []*Record
	hold bool
}

// tell emits a record that lies within the bounds.
func (r *run) tell(rec *Record) error {
	if rec.Tick < r.o.From || rec.Tick >= r.o.To || r.err != nil {
		return r.err
	}
	r.err = r.emit(rec)
	return r.err
}

// until runs to the tick, one instruction at a time if insns are told of.
func (r *run) until(ctx context.Context, tick uint64, insns bool) error {
	if r.calls != nil && !insns {
		r.m.SetBreakpoints(r.calls.stops())
	} else {
		r.m.SetBreakpoints(nil)
	}
	for r.m.Tick() < tick {
		t := r.m.Current()
		before := r.m.Tick()
		next := min(tick, before+slice)
		if r.calls != nil {
			if err := r.calls.visit(&t, before, r.tell); err != nil {
				return err
			}
		}
		if insns {
			next = before + 1
		}
		r.hold = insns
		ev, err := r.m.Run(ctx, next)
		if err == nil {
			err = r.err
		}
		if err == nil && insns && ev.Tick > before {
			err = r.insn(&t, before)
		}
		if err != nil {
			return err
		}
		for _, rec := range r.held {
			if err := r.tell(rec); err != nil {
				return err
			}
		}
		r.held = r.held[:0]
		switch ev.Kind {
		case emulator.EventCanceled:
			return context.Cause(ctx)
		case emulator.EventExit, emulator.EventDeadlock, emulator.EventMaxTicks:
			return nil
		}
	}
	return nil
}

// insn tells of the instruction that t was about to execute at tick.
func (r *run) insn(t *emulator.Thread, tick uint64) error {
	rec := &Record{Kind: "insn", Tick: tick, TID: t.TID, PC: Address(t.Registers.RIP)}
	rec.Goid, _ = r.s.Goid(t)
	rec.Func = r.symbol(t.Registers.RIP)
	rec.Text = r.disassemble(t.Registers.RIP)
	rec.Depth = r.depth(t)
	if after, err := r.s.Thread(t.TID); err == nil { // an exit leaves no thread
		rec.Registers = changes(&t.Registers, &after.Registers)
	}
	return r.tell(rec)
}

func (r *run) syscall(e emulator.Syscall) {
	rec := &Record{Kind: "syscall", Tick: e.Tick, TID: e.TID, PC: Address(e.PC), Text: e.Text}
	if t, err := r.s.Thread(e.TID); err == nil {
		rec.Goid, _ = r.s.Goid(&t)
		rec.Depth = r.depth(&t)
	}
	if r.hold {
		r.held = append(r.held, rec)
		return
	}
	_ = r.tell(rec) // kept in r.err
}

// depth returns how many calls on the thread's stack have not returned, 0 if calls are not followed.
func (r *run) depth(t *emulator.Thread) int {
	if r.calls == nil {
		return 0
	}
	return len(r.calls.stacks[r.s.PlaceOf(t, t.Registers.SP()).Stack])
}

// symbol returns FUNCTION+OFFSET, or "".
func (r *run) symbol(pc uint64) string {
	if r.s.Table == nil {
		return ""
	}
	f, ok := r.s.Table.Func(pc)
	if !ok {
		return ""
	}
	if pc == f.Entry {
		return f.Name
	}
	return fmt.Sprintf("%s+%d", f.Name, pc-f.Entry)
}

func (r *run) disassemble(pc uint64) string {
	if r.s.Table == nil {
		return ""
	}
	in, err := r.s.Table.Disassemble(r.m, pc)
	if err != nil {
		return err.Error()
	}
	return in.Text
}

// returnAddress reads the word that SP points to.
func (c *calls) returnAddress(t *emulator.Thread) (uint64, bool) {
	var b [8]byte
	if c.s.Machine().ReadMemory(b[:], t.Registers.SP()) != nil {
		return 0, false
	}
	ret := binary.LittleEndian.Uint64(b[:])
	_, ok := c.table.Func(ret)
	return ret, ok
}

// site returns FILE:LINE of an address, the file by its last two parts.
func (c *calls) site(pc uint64) string {
	file, line, ok := c.table.Line(pc)
	if !ok {
		return ""
	}
	dir, base := path.Split(file)
	return fmt.Sprintf("%s:%d", path.Join(path.Base(dir), base), line)
}
