package zeromq

import (
	"testing"

	"github.com/rt0lab/rt0/internal/race"
)

// TestBudget holds the two processes to the memory that a kernel may take: 80 MiB with a booted machine. kernel/bench holds it
// to its times.
func TestBudget(t *testing.T) {
	race.TooMuch(t, "it measures memory")
	p := run(t, "tcp")
	for range 200 {
		p.cell("1+1")
	}
	if o := p.cell("%boot\n%stage pidle"); o.status != "ok" {
		t.Fatalf("%+v", o)
	}
	cellsProcess := children(t, p.cmd.Process.Pid)[0]
	kernelMem, cellsMem := resident(t, p.cmd.Process.Pid), resident(t, cellsProcess)
	t.Logf("memory %d + %d KiB", kernelMem>>10, cellsMem>>10)
	if kernelMem+cellsMem > 80<<20 {
		t.Errorf("the two processes take %d and %d KiB", kernelMem>>10, cellsMem>>10)
	}
}
