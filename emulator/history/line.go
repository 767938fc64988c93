package history

import (
	"context"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// StepLine forward runs until thread tid's goroutine is about to execute another line of the function it is in, or has
// returned from it; with into set also until it is at the beginning of a function that the line calls. Backward it goes to
// the beginning of the line, or, if it is there, to the beginning of the line executed before; what the function has called
// is passed over. A function inlined in the line is passed over too, unless into is set.
//
// A breakpoint or watchpoint on the way ends the move there. Code without line numbers is stepped through by instruction.
func (s *Session) StepLine(ctx context.Context, dir Direction, tid int, into bool) (Stop, error) {
	t, err := s.Thread(tid)
	if err != nil {
		return s.here(ReasonDone), err
	}
	b, ok := s.bodyOf(&t)
	if !ok {
		return s.StepInstruction(ctx, dir, t.TID)
	}
	if dir == Backward {
		return s.lineBack(ctx, b)
	}
	return s.lineForward(ctx, b, &t, into)
}

// A body is a call at work: a function's code, and the frame that tells this call from others of the same function.
type body struct {
	symbols.Func
	cfa   Place
	ret   uint64 // where it will return to; 0 if that is not known
	insns []uint64
	calls []uint64 // those of insns that are calls
}

// bodyOf returns the call that the thread is in; ok is false where there is no frame size or no line.
func (s *Session) bodyOf(t *emulator.Thread) (b body, ok bool) {
	pc := t.Registers.RIP
	if s.Table == nil || len(s.Table.Frames(pc)) == 0 || !s.hasFrameSize(pc) {
		return b, false
	}
	if b.Func, ok = s.Table.Func(pc); !ok {
		return b, false
	}
	ret, cfa, err := s.caller(pc, t.Registers.SP(), t.Registers.GPR[emulator.RBP])
	if err == nil && !outermost[b.Name] {
		b.ret = ret
	}
	b.cfa = s.PlaceOf(t, cfa)
	for at := b.Entry; at < b.End; {
		in, ok := s.instruction(at)
		if !ok {
			at++
			continue
		}
		b.insns = append(b.insns, at)
		if in.Op == x86asm.CALL {
			b.calls = append(b.calls, at)
		}
		at += uint64(in.Len)
	}
	return b, true
}

// within says whether the thread is in this very call.
func (s *Session) within(b *body, t *emulator.Thread) bool {
	pc, sp := t.Registers.RIP, t.Registers.SP()
	if pc < b.Entry || pc >= b.End {
		return false
	}
	delta, ok := s.Table.SPDelta(pc)
	return ok && s.PlaceOf(t, sp+uint64(delta)+8) == b.cfa
}

// inBody looks for moments at which any thread is about to execute one of the call's instructions at addrs, or, having left
// it, one of those at outside with the stack as the caller has it.
func (s *Session) inBody(b *body, addrs, outside []uint64) *quest {
	wanted := map[uint64]bool{}
	for _, a := range addrs {
		wanted[a] = true
	}
	left := s.arrival(outside, b.cfa)
	return &quest{
		breaks: append(left.breaks, addrs...),
		found: func(ev emulator.Event, hit func(Stop)) error {
			if t := s.m.Current(); wanted[t.Registers.RIP] && s.within(b, &t) {
				hit(s.here(ReasonDone))
				return nil
			}
			return left.found(ev, hit)
		},
	}
}

// A level is a source line, and how many functions are inlined around it.
type level struct {
	function, file string
	line, inlined  int
}

// levelOf returns the line of the code at pc, as function number depth from the outside sees it; a depth of 0 means the
// innermost.
func (s *Session) levelOf(pc uint64, depth int) level {
	frames := s.Table.Frames(pc)
	n := len(frames)
	if depth == 0 || depth > n {
		depth = n
	}
	if n == 0 {
		return level{}
	}
	f := frames[n-depth]
	return level{f.Func, f.File, f.Line, depth}
}

// others returns the instructions of the call that belong to another line than l, as l's function sees it.
func (s *Session) others(b *body, l level, depth int) (others []uint64) {
	for _, a := range b.insns {
		if s.levelOf(a, depth) != l {
			others = append(others, a)
		}
	}
	return others
}

func (s *Session) lineForward(ctx context.Context, b body, t *emulator.Thread, into bool) (Stop, error) {
	depth := len(s.Table.Frames(t.Registers.RIP))
	if into {
		depth = 0
	}
	here := s.levelOf(t.Registers.RIP, depth)
	addrs := s.others(&b, here, depth)
	var outside []uint64
	if b.ret != 0 {
		outside = []uint64{b.ret}
	}
	if !into {
		return s.forward(ctx, s.withPoints(Forward, s.inBody(&b, addrs, outside)))
	}
	calls := s.inBody(&b, append(addrs, b.calls...), outside)
	for {
		cur, err := s.Thread(t.TID)
		if err != nil {
			return s.here(ReasonExit), nil
		}
		if in, _ := s.instruction(cur.Registers.RIP); in.Op == x86asm.CALL && s.within(&b, &cur) && s.levelOf(cur.Registers.RIP, depth) == here {
			stop, err := s.StepInstruction(ctx, Forward, cur.TID)
			if err != nil || len(s.Table.Frames(stop.PC)) > 0 {
				return stop, err
			}
		}
		stop, err := s.forward(ctx, s.withPoints(Forward, calls))
		if err != nil || stop.Reason != ReasonDone || stop.PC < b.Entry || stop.PC >= b.End || s.levelOf(stop.PC, depth) != here {
			return stop, err
		}
		*t = s.m.Current()
	}
}

// lineBack goes back in three moves: to the instruction before, in this call or its caller; to the last one before that
// which belongs to another line; and forward again to the first one of the line.
func (s *Session) lineBack(ctx context.Context, b body) (Stop, error) {
	if err := s.m.ToStart(ctx); err != nil {
		return s.here(ReasonDone), err
	}
	start := s.m.Snapshot()
	stop, err := s.lineBackFrom(ctx, b)
	if err != nil {
		s.m.Restore(start)
	}
	return stop, err
}

func (s *Session) lineBackFrom(ctx context.Context, b body) (Stop, error) {
	stop, err := s.backward(ctx, s.withPoints(Backward, s.inBody(&b, b.insns, s.callsBefore(b.ret))))
	if err != nil || stop.Reason != ReasonDone {
		return stop, err
	}
	t := s.m.Current()
	b, ok := s.bodyOf(&t)
	if !ok {
		return stop, nil
	}
	before := s.Tick()
	depth := len(s.Table.Frames(t.Registers.RIP))
	line := s.levelOf(t.Registers.RIP, depth)
	others := s.others(&b, line, depth)
	stop, err = s.backward(ctx, s.withPoints(Backward, s.inBody(&b, others, s.callsBefore(b.ret))))
	if err != nil || stop.Reason != ReasonDone {
		return stop, err
	}
	return s.forward(ctx, &quest{
		breaks: b.insns,
		limit:  before,
		found: func(_ emulator.Event, hit func(Stop)) error {
			if t := s.m.Current(); s.within(&b, &t) {
				hit(s.here(ReasonDone))
			}
			return nil
		},
	})
}

// withPoints makes a quest stop at the breakpoints and watchpoints set, too.
func (s *Session) withPoints(dir Direction, q *quest) *quest {
	if len(s.breakpoints) == 0 && len(s.watchpoints) == 0 {
		return q
	}
	p := s.points(dir, s.breakpoints, s.watchpoints)
	both := *q
	both.breaks = append(p.breaks, q.breaks...)
	both.watches = p.watches
	both.begin = func() error {
		if q.begin != nil {
			if err := q.begin(); err != nil {
				return err
			}
		}
		return p.begin()
	}
	both.found = func(ev emulator.Event, hit func(Stop)) error {
		if err := q.found(ev, hit); err != nil {
			return err
		}
		return p.found(ev, hit)
	}
	return &both
}
