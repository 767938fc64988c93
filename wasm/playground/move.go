package playground

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
)

// A Move says where to go.
type Move struct {
	// To is "tick", "stage", "place", "breakpoint", "end", or a kind of step: "instruction", "over", "line", "out", "syscall".
	To string `json:"to"`
	// Tick, Stage and Place are what To names.
	Tick  uint64 `json:"tick"`
	Stage string `json:"stage"`
	// Place is a function, a file:line or an address.
	Place string `json:"place"`
	// Back goes into the past.
	Back bool `json:"back"`
}

// Go moves the machine; breaks are the breakpoints for a move to one. note says, if the machine is not where the move meant to go, why it stopped where it is.
func (p *Playground) Go(ctx context.Context, m Move, breaks []Break) (note string, err error) {
	p.hit = nil
	dir := history.Forward
	if m.Back {
		dir = history.Backward
	}
	switch m.To {
	case "tick":
		return "", p.seek(ctx, m.Tick)
	case "stage":
		mo, err := p.tour.Moment(m.Stage)
		if err != nil {
			return "", err
		}
		return "", p.seek(ctx, mo.Tick)
	}
	here := p.tour.Look()
	var stop history.Stop
	switch m.To {
	case "place":
		stop, err = p.history.RunTo(ctx, dir, m.Place)
	case "breakpoint":
		stop, err = p.toBreak(ctx, dir, breaks)
	case "end":
		stop, err = p.history.RunToTick(ctx, math.MaxUint64)
	case "instruction":
		stop, err = p.history.StepInstruction(ctx, dir, 0)
	case "over":
		stop, err = p.history.StepOver(ctx, dir, 0)
	case "line":
		stop, err = p.history.StepLine(ctx, dir, 0, true)
	case "out":
		stop, err = p.history.StepOut(ctx, dir, 0)
	case "syscall":
		stop, err = p.history.RunToSyscall(ctx, dir)
	default:
		return "", fmt.Errorf("%q is no move", m.To)
	}
	p.furthest = max(p.furthest, p.machine.Tick())
	if err != nil {
		return "", err
	}
	p.before = here
	if stop.Reason == history.ReasonDone || stop.Reason == history.ReasonBreakpoint {
		return "", nil
	}
	if status, ok := p.machine.Exited(); ok && status.Status() != 0 && p.log.refused.By(stop.Tick) {
		return NoteNoMemory, nil
	}
	return stop.Reason.String(), nil
}

// seek goes to the tick, or to the end of the run if that comes first. Views then mark what is new since the last stage.
func (p *Playground) seek(ctx context.Context, tick uint64) error {
	err := p.machine.SeekContext(ctx, tick)
	if end := (*emulator.EndError)(nil); err != nil && !errors.As(err, &end) {
		return err
	}
	now := p.machine.Tick()
	p.furthest = max(p.furthest, now)
	p.before = p.tour.Moments[p.tour.Stage(now)]
	if p.before.Tick == now {
		p.before = p.before.Before
	}
	return nil
}

// A Write is an instruction that wrote a piece of memory.
type Write struct {
	Tick uint64 `json:"tick"`
	TID  int    `json:"tid"`
	Goid uint64 `json:"goid"`
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Old and New are the bytes before and after, as the number that they are; Old is "" if there was no memory before.
	Old string `json:"old"`
	New string `json:"new"`
}

// WhoWrote tells which instruction last wrote what a runtime expression names. The machine stays where it is.
func (p *Playground) WhoWrote(ctx context.Context, expr string) (Write, error) {
	w, err := p.history.LastWrite(ctx, expr)
	if err != nil {
		return Write{}, err
	}
	return Write{w.Tick, w.TID, w.Goid, w.Func, w.File, w.Line, number(w.Old), number(w.New)}, nil
}

// number shows little-endian bytes as the number that they are.
func number(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	out := make([]byte, len(b))
	for i, c := range b {
		out[len(b)-1-i] = c
	}
	return fmt.Sprintf("0x%x", out)
}
