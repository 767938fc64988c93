package emulator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Snapshot is the state of a machine at one tick. It stays good whatever the machine does afterwards, and shares memory
// with it until one of the two changes. It belongs to the machine that took it.
type Snapshot struct {
	tick  uint64
	state state
	of    *Machine
}

// Tick returns the moment at which the snapshot was taken.
func (s *Snapshot) Tick() uint64 { return s.tick }

// DefaultCheckpointEvery is the distance in ticks between the snapshots that a machine takes by itself: a few
// milliseconds of replay.
const DefaultCheckpointEvery = 1 << 19

// Bounds of what a machine remembers by itself: a number of checkpoints, and about how many bytes of the host's memory they
// hold besides what the machine's present holds. When it would keep more, it thins them out.
const (
	maxCheckpoints     = 192
	maxCheckpointBytes = 128 << 20
)

// checkpoints are the snapshots from which Seek replays, by tick. The first is that of tick 0 and is never dropped.
type checkpoints struct {
	every uint64
	list  []*Snapshot
	// own is how many bytes each of list holds that the next one does not.
	own   []uint64
	bytes uint64 // the sum of own
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
	i, found := c.index(tick)
	if found {
		return c.list[i]
	}
	return c.list[i-1]
}

// index returns how many checkpoints lie before tick, and whether one lies at it.
func (c *checkpoints) index(tick uint64) (int, bool) {
	return slices.BinarySearchFunc(c.list, tick, func(s *Snapshot, t uint64) int { return cmp.Compare(s.tick, t) })
}

// add keeps s, unless there is one of the same tick.
func (c *checkpoints) add(s *Snapshot) {
	i, found := c.index(s.tick)
	if found {
		return
	}
	c.list = slices.Insert(c.list, i, s)
	c.own = slices.Insert(c.own, i, 0)
	c.measure(i - 1)
	c.measure(i)
	for len(c.list) > maxCheckpoints || c.bytes > maxCheckpointBytes && len(c.list) > 2 {
		c.thin(s.tick)
	}
}

// measure brings own[i] up to date.
func (c *checkpoints) measure(i int) {
	if i < 0 || i >= len(c.list) {
		return
	}
	c.bytes -= c.own[i]
	c.own[i] = 0
	if i+1 < len(c.list) {
		c.own[i] = c.list[i].Unshared(c.list[i+1])
		c.bytes += c.own[i]
	}
}

// thin drops the checkpoint that is missed least: the one whose neighbours are closest together in proportion to how far
// they lie from the present. So the distance between checkpoints grows with the distance from the present, and a run of any
// length is covered.
func (c *checkpoints) thin(present uint64) {
	least, worst := 1, math.Inf(1)
	for i := 1; i < len(c.list); i++ {
		next := c.list[i].tick + c.every
		if i+1 < len(c.list) {
			next = c.list[i+1].tick
		}
		away := max(present, c.list[i].tick) - min(present, c.list[i].tick)
		if away == 0 {
			continue
		}
		if missed := float64(next-c.list[i-1].tick) / float64(away); missed < worst {
			least, worst = i, missed
		}
	}
	c.bytes -= c.own[least]
	c.list = slices.Delete(c.list, least, least+1)
	c.own = slices.Delete(c.own, least, least+1)
	c.measure(least - 1)
}

// Unshared returns about how many bytes of the host's memory the snapshot holds that the other one does not.
func (s *Snapshot) Unshared(other *Snapshot) uint64 {
	return s.state.mem.Unshared(other.state.mem) + s.state.kernel.Unshared(other.state.kernel)
}

// Snapshot returns the machine's state. It takes well under a millisecond. Inside an unfinished instruction it is refused: the
// result is nil.
func (m *Machine) Snapshot() *Snapshot {
	if m.Unfinished() {
		return nil
	}
	return &Snapshot{tick: m.Tick(), state: m.save(), of: m}
}

// ErrForeignSnapshot is the error of Restore for a snapshot that another machine has taken.
var ErrForeignSnapshot = errors.New("the snapshot belongs to another machine; take one of this machine, or fork the other one")

// Restore brings the machine back to a moment of its own run. Breakpoints and watchpoints stay as they are. A snapshot of
// another machine changes nothing and gives ErrForeignSnapshot: another machine has another program, or has read and written
// other things. That holds for a fork's and its original's snapshots, too.
func (m *Machine) Restore(s *Snapshot) error {
	if s.of != m {
		return ErrForeignSnapshot
	}
	m.load(s.state)
	return nil
}

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
	if s := m.checkpoints.before(tick); tick < now || s.tick > now || tick == now && m.Unfinished() {
		m.load(s.state)
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
		return &EndError{Tick: tick, End: ev.Tick, Kind: ev.Kind, Inside: ev.Inside, PC: ev.PC}
	}
	return nil
}

// ToStart brings a machine that is inside an instruction back to its start. Between two instructions it does nothing.
func (m *Machine) ToStart(ctx context.Context) error { return m.SeekContext(ctx, m.Tick()) }

// An EndError says that a moment lies beyond the end of the run.
type EndError struct {
	// Tick is the moment asked for, End the last moment there is, in ticks.
	Tick, End uint64
	// Kind says how the run ends: EventExit, EventDeadlock or EventMaxTicks.
	Kind EventKind
	// Inside and PC say inside what instruction the run ends, as Event has them.
	Inside string
	PC     uint64
}

func (e *EndError) Error() string {
	how := "the program exits"
	switch e.Kind {
	case EventDeadlock:
		how = "every thread waits forever"
	case EventMaxTicks:
		how = "the limit of ticks is reached"
	}
	return fmt.Sprintf("there is no tick %d: %s at %s", e.Tick, how, where(e.End, e.Inside, e.PC))
}
