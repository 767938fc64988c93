package history

import (
	"cmp"
	"context"
	"slices"

	"github.com/rt0lab/rt0/emulator"
)

// The most snapshots that a session keeps of its own, and about how many bytes of the host's memory they may hold.
const (
	nearMost      = 64
	nearMostBytes = 64 << 20
)

// nearGap is the least distance in ticks between two of them: running so far costs about as much as a snapshot does.
const nearGap = 16

// near holds snapshots close to the present, in order of ticks, in addition to the machine's own checkpoints, which are
// too far apart for going back one instruction at a time. Their distances from the present grow fourfold, so that a walk of
// n instructions backwards runs about 40 n instructions forwards.
type near []*emulator.Snapshot

// before returns the latest snapshot at or before tick.
func (n near) before(tick uint64) (*emulator.Snapshot, bool) {
	i := n.index(tick + 1)
	if i == 0 {
		return nil, false
	}
	return n[i-1], true
}

// index returns how many snapshots lie before tick.
func (n near) index(tick uint64) int {
	i, _ := slices.BinarySearchFunc(n, tick, func(m *emulator.Snapshot, t uint64) int { return cmp.Compare(m.Tick(), t) })
	return i
}

// add puts in a snapshot and, when there are too many, drops those farthest from it.
func (n *near) add(m *emulator.Snapshot) {
	i := n.index(m.Tick())
	if i < len(*n) && (*n)[i].Tick() == m.Tick() {
		return
	}
	list := slices.Insert(*n, i, m)
	var bytes uint64
	for i := range len(list) - 1 {
		bytes += list[i].Unshared(list[i+1])
	}
	for len(list) > nearMost || bytes > nearMostBytes && len(list) > 1 {
		last := len(list) - 1
		if list[last].Tick()-m.Tick() > m.Tick()-list[0].Tick() {
			bytes -= list[last-1].Unshared(list[last])
			list = slices.Delete(list, last, last+1)
		} else {
			bytes -= list[0].Unshared(list[1])
			list = slices.Delete(list, 0, 1)
		}
	}
	*n = list
}

// rewind brings the machine to the latest tick at or before the one given from which it can go on without running: a
// snapshot of the session's, a checkpoint of the machine's, or the present. It returns that tick.
func (s *Session) rewind(tick uint64) uint64 {
	from := s.m.Checkpoint(tick)
	if m, ok := s.near.before(tick); ok && m.Tick() > from.Tick() {
		from = m
	}
	if now := s.m.Tick(); now <= tick && now >= from.Tick() {
		return now
	}
	s.m.Restore(from)
	return from.Tick()
}

// back brings the machine to a tick, leaving snapshots behind on the way there. Nothing that the machine is armed for stops
// it. When ctx is canceled it returns to where it
// was, with the context's error.
func (s *Session) back(ctx context.Context, tick uint64) error {
	if err := s.m.ToStart(ctx); err != nil {
		return err
	}
	start := s.m.Snapshot()
	at, err := s.rewind(tick), error(nil)
	for err == nil && at < tick {
		next := tick
		for gap := uint64(nearGap); gap*4 < tick-at; gap *= 4 {
			next = tick - gap*4
		}
		if tick-next < nearGap && tick-at > nearGap {
			next = tick - nearGap
		}
		var ev emulator.Event
		ev, err = s.m.Run(ctx, next)
		switch {
		case err != nil:
		case ev.Kind == emulator.EventCanceled:
			err = context.Cause(ctx)
		case ev.Kind == emulator.EventExit || ev.Kind == emulator.EventDeadlock || ev.Kind == emulator.EventMaxTicks:
			return nil // before tick
		case ev.Kind == emulator.EventTick:
			if at = ev.Tick; at < tick {
				s.near.add(s.m.Snapshot())
			}
			s.progress()
		}
	}
	if err != nil {
		s.m.Restore(start)
	}
	return err
}

func (s *Session) progress() {
	if s.Progress != nil {
		s.Progress(s.m.Tick())
	}
}
