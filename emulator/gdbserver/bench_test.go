package gdbserver

import (
	"context"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/budget"
)

// What is promised: steps a second, and the time of a step back after fifty million instructions.
const (
	leastSteps      = 20_000
	mostReverseStep = 50 * time.Millisecond
)

// spin runs for far more than fifty million instructions.
const spin = `package main

func main() {
	n := uint64(1)
	for i := uint64(0); i < 100_000_000; i++ {
		n ^= n<<13 + i
	}
	println(n)
}
`

// BenchmarkStep measures stepi as a client sees it: a vCont;s and its stop reply over loopback TCP.
func BenchmarkStep(b *testing.B) {
	c := dial(b, newProgram(b, spin, 1))
	if got := c.ask("vCont?"); got == "" {
		b.Fatal("no vCont")
	}
	step := "vCont;s:3e8"
	for b.Loop() {
		if got := c.ask(step); got[0] != 'T' {
			b.Fatal(got)
		}
	}
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "steps/s")
	if b.N >= 10_000 && rate < leastSteps {
		b.Errorf("%.0f steps a second, want at least %d", rate, leastSteps)
	}
}

// BenchmarkInterrupt holds the interrupt of a program that runs to 100 ms.
func BenchmarkInterrupt(b *testing.B) {
	c := dial(b, newProgram(b, spin, 1))
	for b.Loop() {
		c.raw(frame("vCont;c"))
		c.raw("\x03")
		if got := c.reply(); got[0] != 'T' {
			b.Fatal(got)
		}
	}
	budget.Each(b, 100*time.Millisecond)
}

// BenchmarkReverseStep measures bs after fifty million instructions, one after another.
func BenchmarkReverseStep(b *testing.B) {
	program := newProgram(b, spin, 1)
	if _, err := program.Run(context.Background(), 50_000_000); err != nil {
		b.Fatal(err)
	}
	c := dial(b, program)
	for b.Loop() {
		if got := c.ask("bs"); got[0] != 'T' {
			b.Fatal(got)
		}
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(each.Microseconds())/1000, "ms/step")
	if each > mostReverseStep {
		b.Errorf("%v a step back, want at most %v", each, mostReverseStep)
	}
}
