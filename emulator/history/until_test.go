package history

import (
	"context"
	"slices"
	"testing"

	"github.com/rt0lab/rt0/emulator"
)

// TestRunUntil finds the moments at which the number of idle Ps has changed, which nothing but a look at the state shows,
// and wants the same ones backwards.
func TestRunUntil(t *testing.T) {
	ctx := context.Background()
	s := newSession(t, threads, 4)
	if stop, err := s.RunTo(ctx, Forward, "runtime.newproc1"); err != nil || stop.Reason != ReasonBreakpoint {
		t.Fatalf("%+v, %v", stop, err)
	}
	addr, size, err := s.Locate("sched.npidle")
	if err != nil {
		t.Fatal(err)
	}
	// The value changed with the write, or is rewritten as it was: then this is no such moment.
	changed := func(ctx context.Context, m *emulator.Machine, until uint64) (bool, error) {
		m.SetWatchpoints([]emulator.Watch{{Addr: addr, Len: size, Write: true}})
		defer m.SetWatchpoints(nil)
		for was := s.Runtime.View("sched.npidle").Uint; ; {
			ev, err := m.Run(ctx, until)
			if err != nil || ev.Kind != emulator.EventWatchpoint {
				return false, err
			}
			if s.Runtime.View("sched.npidle").Uint != was {
				return true, nil
			}
		}
	}
	if _, err := s.RunToTick(ctx, 0); err != nil {
		t.Fatal(err)
	}
	move := func(dir Direction) func() (Stop, error) {
		return func() (Stop, error) { return s.RunUntil(ctx, dir, changed) }
	}
	there := ticksOf(t, move(Forward))
	back := ticksOf(t, move(Backward))
	slices.Reverse(back)
	if !slices.Equal(there, back) || len(there) < 10 {
		t.Errorf("forward %d, backward %d", there, back)
	}
}
