package history

import (
	"context"

	"github.com/rt0lab/rt0/emulator"
)

// RunToSyscall runs to the next moment at which a thread has made a system call, or back to the previous moment before one:
// the SYSCALL instruction is behind, or ahead, of the present.
func (s *Session) RunToSyscall(ctx context.Context, dir Direction) (Stop, error) {
	return s.run(ctx, dir, &quest{
		stops: emulator.Stops{Syscalls: true},
		found: func(ev emulator.Event, hit func(Stop)) error {
			if ev.Kind == emulator.EventSyscall {
				stop := s.here(ReasonDone)
				if dir == Backward {
					stop.Tick--
				}
				hit(stop)
			}
			return nil
		},
	})
}

// A Search finds moments by running forward: it runs the machine from its present state, at most to the tick until, stops
// at the first moment that it looks for, and says whether there was one. The next call goes on from there. lessons' stages
// are found so.
type Search func(ctx context.Context, m *emulator.Machine, until uint64) (found bool, err error)

// RunUntil runs to the next moment that search finds, or back to the previous one.
func (s *Session) RunUntil(ctx context.Context, dir Direction, search Search) (Stop, error) {
	s.disarm()
	if dir == Forward {
		found, err := search(ctx, s.m, ^uint64(0))
		switch _, exited := s.m.Exited(); {
		case err != nil:
			return s.here(ReasonCanceled), err
		case found:
			return s.here(ReasonDone), nil
		case exited:
			return s.here(ReasonExit), nil
		}
		return s.here(ReasonDeadlock), nil
	}
	if err := s.m.ToStart(ctx); err != nil {
		return s.here(ReasonCanceled), err
	}
	start := s.m.Snapshot()
	now := s.m.Tick()
	for end := now; end > 0; {
		from := s.rewind(end - 1)
		var last *emulator.Snapshot
		for s.m.Tick() < end {
			found, err := search(ctx, s.m, end)
			if err != nil {
				s.m.Restore(start)
				return s.here(ReasonCanceled), err
			}
			if !found {
				break
			}
			if s.m.Tick() < now {
				last = s.m.Snapshot()
			}
		}
		if last != nil {
			s.m.Restore(last)
			return s.here(ReasonDone), nil
		}
		end = from
	}
	return s.here(ReasonStart), nil
}
