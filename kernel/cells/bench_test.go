package cells

import (
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/budget"
)

// BenchmarkCells runs small cells through the handler: what a user waits for at the least.
func BenchmarkCells(b *testing.B) {
	for _, k := range []struct{ name, code string }{{"value", "1+1"}, {"define", "x := 3"}, {"loop", "s := 0\nfor i := range 3 { s += i }\ns"}} {
		b.Run(k.name, func(b *testing.B) {
			n := newNotebook(b)
			for b.Loop() {
				n.run(k.code)
			}
		})
	}
}

// BenchmarkAsk completes and explains at places of every kind, while somebody types: each in 50 ms. A computer of many students
// is slower than this one.
func BenchmarkAsk(b *testing.B) {
	n := newNotebook(b)
	for _, c := range before {
		if r := n.run(c); r.failure != "" {
			b.Fatal(r.failure)
		}
	}
	for _, k := range []struct{ name, code string }{
		{"name", "pea"}, {"package", "strings.ToUp"}, {"value", "req.Method"}, {"declared in the cell", "x := pear\nx."}, {"guest", "machine.Eval(\"sched.np"},
		{"function of the guest", "machine.RunTo(\"runtime.schedi"}, {"import", "import \"net/ht"}, {"command", "%stage pid"},
	} {
		b.Run("complete/"+k.name, func(b *testing.B) {
			for b.Loop() {
				n.s.Complete(k.code, len(k.code))
			}
			budget.Each(b, 50*time.Millisecond)
		})
		b.Run("inspect/"+k.name, func(b *testing.B) {
			for b.Loop() {
				n.s.Inspect(k.code, len(k.code), 0)
			}
			budget.Each(b, 50*time.Millisecond)
		})
	}
}

// BenchmarkInterrupt stops an endless cell, which takes 200 ms at most.
func BenchmarkInterrupt(b *testing.B) {
	n := newNotebook(b)
	for b.Loop() {
		b.StopTimer()
		n.send("print(\"on\")\nfor {}")
		n.printed("on")
		b.StartTimer()
		n.h.Interrupt()
		n.wait()
	}
	budget.Each(b, 200*time.Millisecond)
}
