// Package budget holds benchmarks to the times that are promised. Only benchmarks look at a clock: whoever runs them keeps the
// computer free of other work.
package budget

import (
	"testing"
	"time"
)

// Each reports the time that one operation of the benchmark takes, its budget besides, and fails the benchmark if it is more.
// It is called once b.Loop has ended.
func Each(b *testing.B, atMost time.Duration) {
	b.Helper()
	Hold(b, b.Elapsed()/time.Duration(max(b.N, 1)), atMost)
}

// Least returns the shortest time that f takes in n calls, each after a call of prepare.
func Least(n int, prepare, f func()) time.Duration {
	best := time.Duration(1<<63 - 1)
	for range n {
		prepare()
		begin := time.Now()
		f()
		best = min(best, time.Since(begin))
	}
	return best
}

// Hold reports a time that the benchmark has measured by itself, and fails the benchmark if it is over the budget.
func Hold(b *testing.B, took, atMost time.Duration) {
	b.Helper()
	b.ReportMetric(float64(took)/float64(time.Millisecond), "ms")
	b.ReportMetric(float64(atMost)/float64(time.Millisecond), "budget-ms")
	if took > atMost {
		b.Errorf("%v, of a budget of %v", took, atMost)
	}
}
