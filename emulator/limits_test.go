package emulator_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

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

// TestSnapshotShares takes snapshots of a program with a heap: each costs what has changed since the one before, not the heap.
func TestSnapshotShares(t *testing.T) {
	m := newMachine(t, endless, emulator.Config{CPUs: 4, CheckpointEvery: emulator.NoCheckpoints})
	runTo(t, m, 2_000_000)
	m.Snapshot()
	const times = 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		runTo(t, m, m.Tick()+100_000)
		m.Snapshot()
	}
	runtime.ReadMemStats(&after)
	bytes, allocs := (after.TotalAlloc-before.TotalAlloc)/times, (after.Mallocs-before.Mallocs)/times
	t.Logf("%d KiB in %d allocations each", bytes>>10, allocs)
	if bytes > 512<<10 || allocs > 2000 {
		t.Errorf("100,000 instructions and a snapshot allocate %d KiB in %d pieces", bytes>>10, allocs)
	}
}

// TestSeekReplays holds a jump to anywhere within the boot to what is replayed for it: the distance of two checkpoints.
// BenchmarkSeekInBoot holds it to a time.
func TestSeekReplays(t *testing.T) {
	m := newMachine(t, testprog.Hello, emulator.Config{CPUs: 4})
	ev, err := m.Run(t.Context(), 10_000_000)
	if err != nil || ev.Kind != emulator.EventExit {
		t.Fatalf("hello: %v, %v", ev.Kind, err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		from, tick := random.Uint64N(ev.Tick), random.Uint64N(ev.Tick)
		if err := m.Seek(from); err != nil {
			t.Fatal(err)
		}
		// What a seek replays shows in the system calls and in nothing else, so the checkpoint that it starts from is looked at.
		if replayed := tick - m.Checkpoint(tick).Tick(); replayed > emulator.DefaultCheckpointEvery+100_000 {
			t.Errorf("Seek from tick %d to %d replays %d instructions", from, tick, replayed)
		}
		if err := m.Seek(tick); err != nil || m.Tick() != tick {
			t.Fatalf("Seek from tick %d to %d: at %d, %v", from, tick, m.Tick(), err)
		}
	}
}
