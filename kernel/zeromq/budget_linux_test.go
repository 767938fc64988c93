package zeromq

import (
	"slices"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/race"
	"github.com/rt0lab/rt0/kernel"
)

// median returns the middle of some durations.
func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// TestBudget holds the two processes to what a kernel may take: 80 MiB with a booted machine, 3 ms a cell, 60 ms to its first
// answer. Times may be longer here by a factor, for other tests run at the same time; kernel/bench measures them.
func TestBudget(t *testing.T) {
	race.TooMuch(t, "it measures time and memory")
	var starts []time.Duration
	var p *process
	for range 5 {
		p = run(t, "tcp")
		starts = append(starts, p.first)
	}
	p.cell("1")
	var cells []time.Duration
	for range 200 {
		begin := time.Now()
		id := p.send(kernel.Shell, "execute_request", map[string]any{"code": "1+1"})
		p.reply(kernel.Shell, id)
		cells = append(cells, time.Since(begin))
	}
	if o := p.cell("%boot\n%stage pidle"); o.status != "ok" {
		t.Fatalf("%+v", o)
	}
	cellsProcess := children(t, p.cmd.Process.Pid)[0]
	kernelMem, cellsMem := resident(t, p.cmd.Process.Pid), resident(t, cellsProcess)
	t.Logf("first answer after %v, 1+1 in %v, memory %d + %d KiB", median(starts), median(cells), kernelMem>>10, cellsMem>>10)
	if m := median(starts); m > slow*60*time.Millisecond {
		t.Errorf("the first answer comes after %v", m)
	}
	if m := median(cells); m > slow*3*time.Millisecond {
		t.Errorf("1+1 takes %v", m)
	}
	if kernelMem+cellsMem > 80<<20 {
		t.Errorf("the two processes take %d and %d KiB", kernelMem>>10, cellsMem>>10)
	}
}
