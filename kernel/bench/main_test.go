package main

import (
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/jupyter"
)

// TestBench runs what the benchmark runs: a kernel alone, and 50 at once, none of which may fail. Times are the benchmark's.
func TestBench(t *testing.T) {
	if err := jupyter.Missing("jupyter_client", "nbclient"); err != nil {
		t.Skip(err)
	}
	p, err := jupyter.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := measure(p, "rt0", stageCells()...)
	if err != nil {
		t.Fatal(err)
	}
	many, err := measure(p, "rt0", manyBoots(10)...)
	if err != nil {
		t.Fatal(err)
	}
	s.Many = many.Booted
	for _, r := range rows {
		if median([]sample{s}, r.of) <= 0 {
			t.Errorf("%s: nothing is measured", r.name)
		}
	}
	const size = 50
	c, err := gather(p, "rt0", size)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c)
	if len(c.Failures) > 0 || len(c.Seconds) != size || c.Memory.Processes < size {
		t.Errorf("%d kernels have run the notebook, %d were there at the end", len(c.Seconds), c.Memory.Processes)
	}
}

// TestTable wants a mark at a budget that is broken.
func TestTable(t *testing.T) {
	slow := sample{Start: 1, Plus: []float64{1}, Boot: 1, Stages: []float64{1}, Idle: memory{PSS: mib}, Booted: memory{PSS: mib}}
	fast := sample{Start: ms, Plus: []float64{ms}, Boot: ms, Stages: []float64{ms}, Idle: memory{PSS: mib}, Booted: memory{PSS: mib}}
	var b strings.Builder
	if table(&b, []sample{slow}, []sample{fast}) || strings.Count(b.String(), "✗") != 4 {
		t.Errorf("four budgets are broken:\n%s", b.String())
	}
	if !table(&b, []sample{fast}, []sample{slow}) {
		t.Errorf("no budget is broken:\n%s", b.String())
	}
}
