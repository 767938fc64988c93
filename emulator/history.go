package emulator

import (
	"context"
	"fmt"
	"slices"
)

// A Snapshot is the state of a machine at one tick. It stays good whatever the machine does afterwards, and shares memory
// with it until one of the two changes. It belongs to the machine that took it.
type Snapshot struct {
	tick  uint64
	state state
}

// Tick returns the moment at which the snapshot was taken.
func (s *Snapshot) Tick() uint64 { return s.tick }

// DefaultCheckpointEvery is the distance in ticks between the snapshots that a machine takes by itself: a few
// milliseconds of replay.
const DefaultCheckpointEvery = 1 << 20

// maxCheckpoints bounds how many snapshots a machine keeps by itself; when it would keep more, it thins them out.
const maxCheckpoints = 192

// checkpoints are the snapshots from which Seek replays, by tick. The first is that of tick 0 and is never dropped.
type checkpoints struct {
	every uint64
	list  []*Snapshot
}

// due returns the tick at or after which the next checkpoint is to be taken, given that the machine is at tick.
func (c *checkpoints) due(tick uint64) uint64 {
	if c.every == NoCheckpoints {
		return NoCheckpoints
	}
	return c.before(tick).tick + c.every
}

// before returns the latest checkpoint at or before tick.
func (c *checkpoints) before(tick uint64) *Snapshot {
	i, found := slices.BinarySearchFunc(c.list, tick, func(s *Snapshot, t uint64) int {
		switch {
		case s.tick < t:
			return -1
		case s.tick > t:
			return 1
		}
		return 0
	})
	if found {
		return c.list[i]
	}
	return c.list[i-1]
}

// add keeps s, unless there is one of the same tick.
func (c *checkpoints) add(s *Snapshot) {
	i, found := slices.BinarySearchFunc(c.list, s.tick, func(a *Snapshot, t uint64) int {
		switch {
		case a.tick < t:
			return -1
		case a.tick > t:
			return 1
		}
		return 0
	})
	if found {
		return
	}
	c.list = slices.Insert(c.list, i, s)
	if len(c.list) > maxCheckpoints {
		c.thin()
	}
}

// thin drops every other checkpoint of the older three quarters of the run. So the past near the end, where a person steps
// back and forth, stays close at hand, and the distance elsewhere grows by two each time: a run of any length is covered,
// densely at its end.
func (c *checkpoints) thin() {
	old := len(c.list) * 3 / 4
	kept := c.list[:1]
	for i := 1; i < len(c.list); i++ {
		if i >= old || i%2 == 0 {
			kept = append(kept, c.list[i])
		}
	}
	clear(c.list[len(kept):])
	c.list = kept
}

// Snapshot returns the machine's state. It takes well under a millisecond.
func (m *Machine) Snapshot() *Snapshot { return &Snapshot{tick: m.Tick(), state: m.save()} }

// Restore brings the machine back to a moment of its own run. Breakpoints and watchpoints stay as they are.
func (m *Machine) Restore(s *Snapshot) { m.load(s.state) }

// Checkpoint returns the latest of the snapshots that the machine has taken by itself, at or before the tick. There is always
// one: that of tick 0.
func (m *Machine) Checkpoint(tick uint64) *Snapshot { return m.checkpoints.before(tick) }

// Seek brings the machine to the tick, forwards or backwards: it restores the nearest earlier snapshot and replays from
// there, breakpoints and watchpoints disregarded. If the program ends before the tick, the machine is left at its end and
// the error is an *EndError.
func (m *Machine) Seek(tick uint64) error { return m.SeekContext(context.Background(), tick) }

// SeekContext is Seek that stops when ctx is canceled; the machine is then at some tick on the way.
func (m *Machine) SeekContext(ctx context.Context, tick uint64) error {
	now := m.Tick()
	if s := m.checkpoints.before(tick); tick < now || s.tick > now {
		m.Restore(s)
	}
	if m.Tick() == tick {
		return nil
	}
	resume := m.suspendStops()
	defer resume()
	ev, err := m.Run(ctx, tick)
	switch {
	case err != nil:
		return err
	case ev.Kind == EventCanceled:
		return context.Cause(ctx)
	case ev.Tick < tick:
		return &EndError{Tick: tick, End: ev.Tick, Kind: ev.Kind}
	}
	return nil
}

// An EndError says that a moment lies beyond the end of the run.
type EndError struct {
	// Tick is the moment asked for, End the last moment there is, in ticks.
	Tick, End uint64
	// Kind says how the run ends: EventExit or EventDeadlock.
	Kind EventKind
}

func (e *EndError) Error() string {
	how := "the program exits"
	if e.Kind == EventDeadlock {
		how = "every thread waits forever"
	}
	return fmt.Sprintf("there is no tick %d: %s at tick %d", e.Tick, how, e.End)
}
