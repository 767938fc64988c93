package emulator_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/testprog"
)

// endless computes and never ends; what it needs of the heap it has from the start.
const endless = `package main

var sum int

func main() {
	var table [4096]int
	for i := 0; ; i++ {
		table[i%len(table)] += i
		sum += table[(i*7)%len(table)]
	}
}
`

func newMachine(t testing.TB, source string, cfg emulator.Config) *emulator.Machine {
	t.Helper()
	cfg.Program = testprog.Build(t, runtime.Version(), source)
	m, err := emulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// runTo runs to a tick, which must be reached.
func runTo(t testing.TB, m *emulator.Machine, tick uint64) {
	t.Helper()
	ev, err := m.Run(t.Context(), tick)
	if err != nil || ev.Kind != emulator.EventTick {
		t.Fatalf("run to tick %d: %v at tick %d, %v", tick, ev.Kind, ev.Tick, err)
	}
}

// quickest returns the least time of n calls of f, each after a call of prepare: the others were disturbed.
func quickest(n int, prepare, f func()) time.Duration {
	best := time.Hour
	for range n {
		prepare()
		start := time.Now()
		f()
		best = min(best, time.Since(start))
	}
	return best
}

// TestSteadyStateAllocates checks that once its code is decoded a program runs without an allocation of ours, system calls
// and turns of threads included.
func TestSteadyStateAllocates(t *testing.T) {
	m := newMachine(t, endless, emulator.Config{CPUs: 2, CheckpointEvery: emulator.NoCheckpoints})
	runTo(t, m, 30_000_000) // sysmon has done all that it ever does
	const slice = 1_000_000
	allocs := testing.AllocsPerRun(10, func() { runTo(t, m, m.Tick()+slice) })
	if allocs > 10 {
		t.Errorf("%v allocations in %d instructions", allocs, slice)
	}
	t.Logf("%v allocations in %d instructions", allocs, slice)
}

// TestSnapshotIsQuick holds a snapshot to a millisecond, in a program with a heap.
func TestSnapshotIsQuick(t *testing.T) {
	m := newMachine(t, endless, emulator.Config{CPUs: 4})
	runTo(t, m, 2_000_000)
	var s *emulator.Snapshot
	took := quickest(10, func() { runTo(t, m, m.Tick()+100_000) }, func() { s = m.Snapshot() })
	if s == nil || took > time.Millisecond {
		t.Errorf("a snapshot takes %v", took)
	}
}

// TestSeekIsQuick holds a jump to anywhere within the boot to 20 ms.
func TestSeekIsQuick(t *testing.T) {
	m := newMachine(t, testprog.Hello, emulator.Config{CPUs: 4})
	ev, err := m.Run(t.Context(), 10_000_000)
	if err != nil || ev.Kind != emulator.EventExit {
		t.Fatalf("hello: %v, %v", ev.Kind, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		tick := random.Uint64N(ev.Tick)
		from := random.Uint64N(ev.Tick)
		seek := func(tick uint64) func() {
			return func() {
				if err := m.Seek(tick); err != nil {
					t.Fatal(err)
				}
			}
		}
		if took := quickest(3, seek(from), seek(tick)); took > 20*time.Millisecond {
			t.Errorf("Seek from tick %d to %d takes %v", from, tick, took)
		}
	}
}
