package playground

import (
	"context"
	"slices"
	"sort"

	"github.com/rt0lab/rt0/emulator"
)

// Lanes tell which thread ran when, and for which goroutine.
type Lanes struct {
	From uint64 `json:"from"`
	// To is where the lanes end, which may be before what was asked for: the run may end there.
	To uint64 `json:"to"`
	// Step is the number of ticks below which stretches were merged because there would be too many, 0 if none were.
	Step uint64 `json:"step"`
	// Lanes are the threads that there were, by number.
	Lanes []Lane `json:"lanes"`
}

// A Lane is a thread.
type Lane struct {
	TID  int    `json:"tid"`
	Born uint64 `json:"born"`
	// Spans are the stretches in which it ran: from tick, to tick, and the number of the goroutine, 0 for the scheduler or
	// where it is not known.
	Spans [][3]uint64 `json:"spans"`
}

// Bounds: of the stretches that are kept, of those that are told, and of the columns to which these are merged else.
const maxSpans, toldSpans, columns = 1 << 17, 2000, 500

// A span is a stretch of ticks in which one thread ran for one goroutine.
type span struct {
	from, to uint64
	goid     uint64
	tid      int
}

// A lanesLog notes who ran when, from tick 0 as far as anybody has asked. A turn's end is not something that a machine tells
// on the way, so the log has it run again, once.
type lanesLog struct {
	spans  []span
	born   map[int]uint64
	at     *emulator.Snapshot // where the log ends
	tick   uint64
	ended  bool
	breaks []uint64
}

// Lanes returns who ran when between two ticks. The machine stays where it is.
func (p *Playground) Lanes(ctx context.Context, from, to uint64) (Lanes, error) {
	to = min(to, p.furthest)
	from = min(from, to)
	if err := p.follow(ctx, to); err != nil {
		return Lanes{}, err
	}
	return p.lanes.between(from, min(to, p.lanes.tick)), nil
}

// follow brings the log up to the tick.
func (p *Playground) follow(ctx context.Context, to uint64) error {
	l := &p.lanes
	if l.tick >= to || l.ended {
		return nil
	}
	if err := p.machine.ToStart(ctx); err != nil {
		return err
	}
	now := p.machine.Snapshot()
	defer p.machine.Restore(now)
	if l.at == nil {
		l.born = map[int]uint64{}
		l.at = p.machine.Checkpoint(0)
		// Goroutines come and go without the thread's turn ending: a thread takes one up in gogo and leaves it in mcall.
		for _, name := range []string{"runtime.gogo", "runtime.mcall"} {
			if f, ok := p.history.Table.FuncNamed(name); ok {
				l.breaks = append(l.breaks, f.Entry)
			}
		}
	}
	p.machine.Restore(l.at)
	p.machine.SetBreakpoints(l.breaks)
	p.machine.SetStops(emulator.Stops{Turns: true})
	defer p.machine.SetBreakpoints(nil)
	defer p.machine.SetStops(emulator.Stops{})
	err := p.note(ctx, to)
	if back := p.machine.ToStart(context.Background()); back != nil { // the run may have been canceled inside an instruction
		return back
	}
	l.at, l.tick = p.machine.Snapshot(), p.machine.Tick()
	return err
}

// note runs to the tick and keeps the stretches on the way.
func (p *Playground) note(ctx context.Context, to uint64) error {
	l := &p.lanes
	for p.machine.Tick() < to {
		ran, from := p.machine.Current(), p.machine.Tick()
		l.born[ran.TID] = ran.Born
		ev, err := p.machine.Run(ctx, to)
		if err != nil {
			return err
		}
		s := span{from: from, to: ev.Tick, tid: ran.TID}
		// Which goroutine it was is told at the end: at the beginning gogo may not have done its work yet.
		if t, err := p.history.Thread(ran.TID); err == nil {
			s.goid, _ = p.history.Goid(&t)
		}
		l.add(s)
		switch {
		case ev.Kind == emulator.EventCanceled:
			return context.Cause(ctx)
		case ev.Kind == emulator.EventExit, ev.Kind == emulator.EventDeadlock, ev.Kind == emulator.EventMaxTicks, len(l.spans) >= maxSpans:
			l.ended = true
			return nil
		}
	}
	return nil
}

// add appends a stretch, or lengthens the last one.
func (l *lanesLog) add(s span) {
	if s.from == s.to {
		return
	}
	if n := len(l.spans); n > 0 {
		if last := &l.spans[n-1]; last.tid == s.tid && last.goid == s.goid && last.to == s.from {
			last.to = s.to
			return
		}
	}
	l.spans = append(l.spans, s)
}

// between returns what the log has of the ticks from..to.
func (l *lanesLog) between(from, to uint64) Lanes {
	first, _ := slices.BinarySearchFunc(l.spans, from, func(s span, t uint64) int {
		if s.to <= t {
			return -1
		}
		return 1
	})
	var within []span
	for _, s := range l.spans[first:] {
		if s.from >= to {
			break
		}
		s.from, s.to = max(s.from, from), min(s.to, to)
		within = append(within, s)
	}
	out := Lanes{From: from, To: to, Lanes: []Lane{}}
	if len(within) > toldSpans {
		out.Step = max(1, (to-from)/columns)
	}
	byTID := map[int][]span{}
	for _, s := range within {
		byTID[s.tid] = append(byTID[s.tid], s)
	}
	for tid, spans := range byTID {
		out.Lanes = append(out.Lanes, Lane{TID: tid, Born: l.born[tid], Spans: merged(spans, out.Step)})
	}
	sort.Slice(out.Lanes, func(i, j int) bool { return out.Lanes[i].TID < out.Lanes[j].TID })
	return out
}

// merged makes one stretch of those that begin within step ticks; it bears the goroutine that ran longest in it.
func merged(spans []span, step uint64) [][3]uint64 {
	out := [][3]uint64{}
	for len(spans) > 0 {
		n, begin := 1, spans[0].from
		for n < len(spans) && spans[n].from-begin < step {
			n++
		}
		ran := map[uint64]uint64{}
		longest := spans[0].goid
		for _, s := range spans[:n] {
			if ran[s.goid] += s.to - s.from; ran[s.goid] > ran[longest] {
				longest = s.goid
			}
		}
		out = append(out, [3]uint64{begin, spans[n-1].to, longest})
		spans = spans[n:]
	}
	return out
}
