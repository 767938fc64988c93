package history

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/race"
)

// long is a program of about 50 million instructions that goes on writing to 8 MiB of memory, allocates, and collects
// garbage on two threads.
const long = `package main

var (
	table [1 << 20]uint64
	last  uint64
	keep  [64][]byte
)

func main() {
	x := uint64(1)
	for i := 0; i < 1_240_000; i++ {
		x = x*6364136223846793005 + 1442695040888963407
		table[x>>44] += x
		if i%500 == 0 {
			keep[i/500%64] = make([]byte, 50_000)
			last = x
		}
	}
	println(x)
}
`

// longRun returns a session at the end of long.
func longRun(t testing.TB) (s *Session, end uint64) {
	t.Helper()
	s = newSession(t, long, 2)
	stop, err := s.RunToTick(context.Background(), 1<<40)
	if err != nil || stop.Reason != ReasonExit {
		t.Fatalf("%+v, %v", stop, err)
	}
	return s, stop.Tick
}

// TestHistoryMemory bounds what it takes to remember a run of 50 million instructions.
func TestHistoryMemory(t *testing.T) {
	race.TooMuch(t, "it measures memory")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s, end := longRun(t)
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d MiB after %d ticks", used>>20, end)
	if used > 256<<20 {
		t.Errorf("a history of %d ticks takes %d MiB, more than 256", end, used>>20)
	}
	runtime.KeepAlive(s)
}

// BenchmarkReverseStep steps back from the end of a run of 50 million instructions: the first step and those after it.
func BenchmarkReverseStep(b *testing.B) {
	ctx := context.Background()
	s, end := longRun(b)
	var first time.Duration
	b.ResetTimer()
	for i := range b.N {
		start := time.Now()
		if _, err := s.StepInstruction(ctx, Backward, 0); err != nil {
			b.Fatal(err)
		}
		if i == 0 {
			first = time.Since(start)
		}
	}
	b.ReportMetric(float64(first.Nanoseconds())/1e6, "first-ms")
	b.ReportMetric(float64(end), "ticks")
}

// BenchmarkReverseContinue goes back to the last breakpoint from the end of a run of 50 million instructions.
func BenchmarkReverseContinue(b *testing.B) {
	ctx := context.Background()
	s, end := longRun(b)
	if _, err := s.Break("runtime.mallocgc", ""); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if stop, err := s.Continue(ctx, Backward); err != nil {
			b.Fatal(err)
		} else if stop.Reason == ReasonStart {
			b.StopTimer()
			if _, err := s.RunToTick(ctx, end); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	}
}

// BenchmarkLastWriter asks, at main.main, which instruction last wrote sched.pidle.
func BenchmarkLastWriter(b *testing.B) {
	ctx := context.Background()
	s := newSession(b, long, 4)
	if stop, err := s.RunTo(ctx, Forward, "main.main"); err != nil || stop.Reason != ReasonBreakpoint {
		b.Fatalf("%+v, %v", stop, err)
	}
	b.ResetTimer()
	for range b.N {
		if _, err := s.LastWrite(ctx, "sched.pidle"); err != nil {
			b.Fatal(err)
		}
	}
}
