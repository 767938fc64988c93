package lab

import (
	"context"
	"time"

	"github.com/rt0lab/rt0/emulator"
)

// A Step says how far long work has come.
type Step struct {
	// Doing names the work: "boot", "seek", "run", "search". It is empty when the work has ended.
	Doing string
	// Tick is where the machine is, Target where it is to go; 0 if that is not known.
	Tick, Target uint64
}

// progressEvery is how often Progress is told.
const progressEvery = 50 * time.Millisecond

// A watched is a context that tells Progress how far the machine has come: a machine that runs asks its context now and then
// whether to stop, from the goroutine that may look at the machine.
type watched struct {
	context.Context
	m    *emulator.Machine
	step Step
	last time.Time
}

func (w *watched) Err() error {
	if now := time.Now(); now.Sub(w.last) >= progressEvery {
		w.last = now
		w.step.Tick = w.m.Tick()
		Progress(w.step)
	}
	return w.Context.Err()
}

// watch returns Context for work with a machine; done is to be called at the end of the work.
func watch(m *emulator.Machine, doing string, target uint64) (ctx context.Context, done func()) {
	if Progress == nil {
		return Context, func() {}
	}
	return &watched{Context, m, Step{Doing: doing, Target: target}, time.Now()}, func() { Progress(Step{Tick: m.Tick()}) }
}
