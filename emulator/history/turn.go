package history

import (
	"context"

	"github.com/rt0lab/rt0/emulator"
)

// StepInstruction moves by one instruction of the thread tid, or of whichever thread's turn it is when tid is 0; others may
// run in between. Forward it ends behind the thread's next instruction, backward before its previous one.
func (s *Session) StepInstruction(ctx context.Context, dir Direction, tid int) (Stop, error) {
	if tid == 0 {
		if dir == Forward {
			return s.forward(ctx, &quest{limit: s.m.Tick() + 1})
		}
		if s.m.Tick() == 0 {
			return s.here(ReasonStart), nil
		}
		return s.RunToTick(ctx, s.m.Tick()-1)
	}
	if _, err := s.Thread(tid); err != nil {
		return s.here(ReasonDone), err
	}
	if dir == Backward {
		return s.backward(ctx, s.turnOf(tid))
	}
	if s.m.Current().TID != tid {
		stop, err := s.forward(ctx, &quest{
			stops: emulator.Stops{Turns: true},
			found: func(_ emulator.Event, hit func(Stop)) error {
				if stop := s.here(ReasonDone); stop.TID == tid {
					hit(stop)
				}
				return nil
			},
		})
		if err != nil || stop.Reason != ReasonDone {
			return stop, err
		}
	}
	return s.forward(ctx, &quest{limit: s.m.Tick() + 1})
}

// turnOf looks for the moments at which thread tid is about to execute an instruction; it is good for going backward, as
// it tells only the last moment of each turn.
func (s *Session) turnOf(tid int) *quest {
	var running emulator.Thread
	var since uint64
	begin := func() error {
		running, since = s.m.Current(), s.m.Tick()
		return nil
	}
	return &quest{
		stops: emulator.Stops{Turns: true},
		begin: begin,
		found: func(_ emulator.Event, hit func(Stop)) error {
			was, from := running.TID, since
			_ = begin()
			if was == tid && since > from {
				hit(Stop{Tick: since - 1})
			}
			return nil
		},
	}
}
