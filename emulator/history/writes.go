package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
)

// A Write is an instruction, or the system call it makes, that wrote a range of memory.
type Write struct {
	// Tick is the instruction's: at Tick it has not run, at Tick+1 it has.
	Tick uint64
	TID  int
	// Goid is the number of the goroutine on whose behalf the thread ran, 0 for the scheduler or when it is not known.
	Goid uint64
	PC   uint64
	// Func, File and Line are where PC lies, innermost inlined function first; empty without symbols.
	Func, File string
	Line       int
	// Syscall says that the kernel wrote, on behalf of the system call at PC.
	Syscall bool
	// Old and New are the range before and after; nil where it was not mapped.
	Old, New []byte
}

// ErrNoWrite reports that nothing wrote the range.
var ErrNoWrite = errors.New("nothing has written it since the start")

// LastWrite tells which instruction last wrote any byte of the memory that expr means now. The session stays where it is.
// Without any write since tick 0 the error is ErrNoWrite: then the memory holds what the program was loaded with.
func (s *Session) LastWrite(ctx context.Context, expr string) (Write, error) {
	addr, size, err := s.Locate(expr)
	if err != nil {
		return Write{}, err
	}
	if err := s.m.ToStart(ctx); err != nil {
		return Write{}, err
	}
	start := s.m.Snapshot()
	defer s.m.Restore(start)
	values := watched{Watchpoint: &Watchpoint{Addr: addr, Len: size, Write: true}}
	var last Write
	q := &quest{watches: []emulator.Watch{{Addr: addr, Len: size, Write: true}}}
	q.begin = func() error {
		values.update(s)
		return nil
	}
	q.found = func(ev emulator.Event, hit func(Stop)) error {
		if ev.Access != nil {
			old := values.value
			values.update(s)
			last = s.write(ev, old, values.value)
			hit(Stop{Tick: last.Tick})
		}
		return nil
	}
	s.arm(q)
	defer s.disarm()
	_, ok, err := s.last(ctx, q)
	if err == nil && !ok {
		err = fmt.Errorf("%s, %d bytes at %#x: %w", expr, size, addr, ErrNoWrite)
	}
	if err != nil {
		return Write{}, err
	}
	s.locate(&last)
	return last, nil
}

// Writes calls yield for every instruction of the ticks from ≤ tick < to that writes any byte of the memory that expr means
// now, in their order, until yield returns false. to may be 0 for the end of the run. The session stays where it is.
func (s *Session) Writes(ctx context.Context, expr string, from, to uint64, yield func(Write) bool) error {
	addr, size, err := s.Locate(expr)
	if err != nil {
		return err
	}
	if err := s.m.ToStart(ctx); err != nil {
		return err
	}
	start := s.m.Snapshot()
	defer s.m.Restore(start)
	s.rewind(from)
	if stop, err := s.RunToTick(ctx, from); err != nil || stop.Tick < from || to != 0 && to <= from {
		return err
	}
	value := watched{Watchpoint: &Watchpoint{Addr: addr, Len: size, Write: true}}
	value.update(s)
	_, err = s.forward(ctx, &quest{
		limit:   to,
		watches: []emulator.Watch{{Addr: addr, Len: size, Write: true}},
		found: func(ev emulator.Event, hit func(Stop)) error {
			if ev.Access == nil {
				return nil
			}
			old := value.value
			value.update(s)
			w := s.write(ev, old, value.value)
			s.locate(&w)
			if !yield(w) {
				hit(s.here(ReasonDone))
			}
			return nil
		},
	})
	return err
}

// write describes the access that stopped the machine with ev.
func (s *Session) write(ev emulator.Event, old, value []byte) Write {
	w := Write{Tick: ev.Tick - 1, TID: ev.Access.TID, PC: ev.Access.PC, Syscall: ev.Access.Syscall, Old: old, New: value}
	if t, err := s.Thread(w.TID); err == nil {
		w.Goid, _ = s.Goid(&t)
	}
	return w
}

// locate fills in where the write's instruction comes from.
func (s *Session) locate(w *Write) {
	if s.Table == nil {
		return
	}
	if frames := s.Table.Frames(w.PC); len(frames) > 0 {
		w.Func, w.File, w.Line = frames[0].Func, frames[0].File, frames[0].Line
	}
}
