package history

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/rt0lab/rt0/internal/race"
)

// end returns the tick at which the program ends.
func end(t testing.TB, s *Session) uint64 {
	t.Helper()
	stop, err := s.RunToTick(context.Background(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	if stop.Reason != ReasonExit {
		t.Fatalf("the program does not exit: %+v", stop)
	}
	return stop.Tick
}

// TestRandomWalk moves about in the run of a program of several threads and compares the states at each turn: two visits to
// a tick must find the same state, whichever way led there.
func TestRandomWalk(t *testing.T) {
	race.TooMuch(t, "one goroutine, for half a minute")
	ctx := context.Background()
	s := newSession(t, threads, 4)
	last := end(t, s)
	t.Logf("%d ticks", last)
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[uint64][32]byte{}
	revisited := 0
	if _, err := s.Break("main.add", "goid != 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Break("runtime.schedule", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Watch("main.steps", OnChange); err != nil {
		t.Fatal(err)
	}
	check := func(move string, stop Stop) {
		t.Helper()
		if stop.Tick != s.Tick() {
			t.Fatalf("%s: the stop says tick %d, the machine %d", move, stop.Tick, s.Tick())
		}
		hash := s.m.Hash()
		if was, ok := seen[stop.Tick]; ok {
			revisited++
			if was != hash {
				t.Fatalf("%s: the state at tick %d differs from an earlier visit's", move, stop.Tick)
			}
		}
		seen[stop.Tick] = hash
	}
	for turn := range 400 {
		if turn%40 == 0 {
			if _, err := s.RunToTick(ctx, rng.Uint64N(last)); err != nil {
				t.Fatal(err)
			}
		}
		start := s.Tick()
		dir := Direction(rng.IntN(2))
		tid := 0
		if all := s.m.Threads(); len(all) > 0 && rng.IntN(2) == 0 {
			tid = all[rng.IntN(len(all))].TID
		}
		var stop Stop
		var err error
		var move string
		switch rng.IntN(8) {
		case 0, 1:
			move = "step"
			stop, err = s.StepInstruction(ctx, dir, tid)
		case 2:
			move = "over"
			stop, err = s.StepOver(ctx, dir, tid)
		case 3:
			move = "continue"
			stop, err = s.Continue(ctx, dir)
		case 4:
			move = "syscall"
			stop, err = s.RunToSyscall(ctx, dir)
		case 5:
			move = "line"
			stop, err = s.StepLine(ctx, dir, tid, rng.IntN(2) == 0)
		case 6:
			move = "out"
			if stop, err = s.StepOut(ctx, dir, tid); errors.Is(err, ErrNoCaller) {
				stop, err = s.here(ReasonDone), nil
			}
		case 7:
			move = "tick"
			stop, err = s.RunToTick(ctx, start+rng.Uint64N(2000)-min(1000, start))
		}
		if err != nil {
			t.Fatalf("turn %d: %s %v of thread %d at tick %d: %v", turn, move, dir, tid, start, err)
		}
		if move != "tick" && (dir == Forward && stop.Tick < start || dir == Backward && stop.Tick > start) {
			t.Fatalf("turn %d: %s %v went from %d to %d", turn, move, dir, start, stop.Tick)
		}
		check(move, stop)
	}
	if revisited < 20 {
		t.Errorf("only %d states were visited twice", revisited)
	}
}
