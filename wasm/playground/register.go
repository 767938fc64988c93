package playground

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rt0lab/rt0/emulator"
)

// ErrNoChange: a register is as it was when its thread began.
var ErrNoChange = errors.New("no instruction has changed it since its thread began")

// WhoChanged tells which instruction last changed a register of the thread whose turn it is. One that wrote the value that was
// there already changed nothing. The machine stays where it is.
func (p *Playground) WhoChanged(ctx context.Context, name string) (Write, error) {
	index := slices.IndexFunc(registersOf(&emulator.Registers{}), func(r register) bool { return r.name == name })
	if index < 0 {
		return Write{}, fmt.Errorf("%q is no register", name)
	}
	m := p.machine
	if err := m.ToStart(ctx); err != nil {
		return Write{}, err
	}
	start, tid := m.Snapshot(), m.Current().TID
	defer m.Restore(start)
	// The change is mostly near. So look at a few instructions first, then at ever more before those.
	end, width := m.Tick(), uint64(64)
	for end > 0 {
		from := end - min(end, width)
		if err := m.SeekContext(ctx, from); err != nil {
			return Write{}, err
		}
		w, found, err := p.lastChange(ctx, tid, index, end)
		if err != nil || found {
			return w, err
		}
		end, width = from, width*16
	}
	return Write{}, fmt.Errorf("%s: %w", name, ErrNoChange)
}

// lastChange runs to the tick end and returns the last change of the thread's register on the way.
func (p *Playground) lastChange(ctx context.Context, tid, index int, end uint64) (w Write, found bool, err error) {
	m := p.machine
	thread := m.Current()
	for m.Tick() < end {
		if err := ctx.Err(); err != nil {
			return w, false, err
		}
		was, tick := thread, m.Tick()
		if _, err := m.Step(); err != nil {
			return w, false, err
		}
		if m.Tick() == tick {
			return w, found, nil // the run has ended
		}
		thread = m.Current()
		if was.TID != tid {
			continue
		}
		now := thread
		if now.TID != tid {
			if now, err = p.history.Thread(tid); err != nil {
				return w, false, err
			}
		}
		old, value := registersOf(&was.Registers)[index].value, registersOf(&now.Registers)[index].value
		if old == value {
			continue
		}
		w, found = Write{Tick: tick, TID: tid, Old: hex(old), New: hex(value)}, true
		w.Goid, _ = p.history.Goid(&was)
		if frames := p.history.Table.Frames(was.Registers.RIP); len(frames) > 0 {
			w.Func, w.File, w.Line = frames[0].Func, frames[0].File, frames[0].Line
		}
	}
	return w, found, nil
}
