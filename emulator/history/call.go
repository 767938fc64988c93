package history

import (
	"context"
	"slices"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator"
)

// StepOver moves by one instruction as StepInstruction does, but takes a call and all that happens until it returns as one.
// The return counts only in the call's own frame, so recursion does not deceive it, nor does a goroutine that goes on on
// another thread or on a larger stack. A breakpoint or watchpoint within the call ends the move there; a call that never
// returns ends it where the program ends.
func (s *Session) StepOver(ctx context.Context, dir Direction, tid int) (Stop, error) {
	if dir == Backward {
		return s.stepOverBack(ctx, tid)
	}
	t, err := s.Thread(tid)
	if err != nil {
		return s.here(ReasonDone), err
	}
	in, ok := s.instruction(t.Registers.RIP)
	if !ok || in.Op != x86asm.CALL {
		return s.StepInstruction(ctx, Forward, tid)
	}
	return s.forward(ctx, s.withPoints(Forward, s.arrival([]uint64{t.Registers.RIP + uint64(in.Len)}, s.PlaceOf(&t, t.Registers.SP()))))
}

// stepOverBack steps one instruction back. If that was a return into this frame, it goes on to the call.
func (s *Session) stepOverBack(ctx context.Context, tid int) (Stop, error) {
	t, err := s.Thread(tid)
	if err != nil {
		return s.here(ReasonDone), err
	}
	calls := s.callsBefore(t.Registers.RIP)
	at := s.PlaceOf(&t, t.Registers.SP())
	if err := s.m.ToStart(ctx); err != nil {
		return s.here(ReasonDone), err
	}
	start := s.m.Snapshot()
	stop, err := s.StepInstruction(ctx, Backward, t.TID)
	if err != nil || stop.Reason != ReasonDone || len(calls) == 0 {
		return stop, err
	}
	if in, ok := s.instruction(stop.PC); !ok || in.Op != x86asm.RET {
		return stop, nil
	}
	stop, err = s.backward(ctx, s.withPoints(Backward, s.arrival(calls, at)))
	if err != nil {
		s.m.Restore(start)
	}
	return stop, err
}

// StepOut forward runs until the function that thread tid is in has returned; backward it goes to the call of it. Where the
// caller cannot be found, because the code has no table of frame sizes, the error is ErrNoCaller.
func (s *Session) StepOut(ctx context.Context, dir Direction, tid int) (Stop, error) {
	t, err := s.Thread(tid)
	if err != nil {
		return s.here(ReasonDone), err
	}
	ret, sp, err := s.caller(t.Registers.RIP, t.Registers.SP(), t.Registers.GPR[emulator.RBP])
	if err != nil {
		return s.here(ReasonDone), err
	}
	if dir == Backward {
		return s.backward(ctx, s.withPoints(Backward, s.arrival(s.callsBefore(ret), s.PlaceOf(&t, sp))))
	}
	return s.forward(ctx, s.withPoints(Forward, s.arrival([]uint64{ret}, s.PlaceOf(&t, sp))))
}

// arrival looks for any thread that is about to execute an instruction at one of the addresses, with its stack pointer at
// the place.
func (s *Session) arrival(addrs []uint64, at Place) *quest {
	return &quest{
		breaks: addrs,
		found: func(_ emulator.Event, hit func(Stop)) error {
			t := s.m.Current()
			if slices.Contains(addrs, t.Registers.RIP) && s.PlaceOf(&t, t.Registers.SP()) == at {
				hit(s.here(ReasonDone))
			}
			return nil
		},
	}
}

// instruction decodes the instruction at addr; ok is false when it cannot be read or is none.
func (s *Session) instruction(addr uint64) (in x86asm.Inst, ok bool) {
	var code [15]byte
	n := len(code)
	for n > 0 && s.m.ReadMemory(code[:n], addr) != nil {
		n--
	}
	in, err := x86asm.Decode(code[:n], 64)
	return in, err == nil && in.Op != 0
}

// callsBefore returns the addresses at which a call instruction that returns to ret would lie. Only one of them can be
// meant, but which is known only when it is executed: bytes in the midst of an instruction may look like another.
func (s *Session) callsBefore(ret uint64) []uint64 {
	var calls []uint64
	for n := uint64(2); n <= 9 && n <= ret; n++ {
		if in, ok := s.instruction(ret - n); ok && in.Op == x86asm.CALL && uint64(in.Len) == n {
			calls = append(calls, ret-n)
		}
	}
	return calls
}
