package cells

import (
	"regexp"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/hostile"
	wait "github.com/rt0lab/rt0/internal/patience"
)

// TestInterruptInsideAnInstruction stops cells while their machine is in one that would take days: they say so in the words
// that a terminal has for it.
func TestInterruptInsideAnInstruction(t *testing.T) {
	n := newNotebook(t)
	n.s.runner.Grace = wait.Limit // on a busy computer the machine may take longer to notice
	// The tick of the instruction: a boot that is allowed no more ends in it.
	n.run("%%boot -cpus 1 -max-ticks 10000000 rep-lods\n" + hostile.Source)
	end := n.run("machine.Finish()\nmachine.Tick()").value
	tick := regexp.MustCompile(`… tick ([\d,]+)`)
	inside := regexp.MustCompile(`^interrupted: the cell was stopped; what it has defined so far stays; ` +
		`the machine was interrupted at tick ` + end + `, inside a repeated string instruction at 0x[0-9a-f]+$`)
	for _, code := range []string{
		"%%boot -cpus 1 rep-lods\n" + hostile.Source,
		"%goto 100000000000",
		"%step 1",
		"%run-to main.main",
		"machine.Seek(100_000_000_000)",
		"machine.Step(1)",
		"machine.RunTo(\"main.main\")",
		"machine.Finish()",
		"machine.Syscalls(100_000_000_000)",
	} {
		n.send(code)
		wait.Until(t, "the machine stands at the instruction, twice", func() bool {
			texts, _ := n.shows()
			there := 0
			for _, text := range texts {
				if m := tick.FindStringSubmatch(text); m != nil && strings.ReplaceAll(m[1], ",", "") == end {
					there++
				}
			}
			return there >= 2
		})
		n.h.Interrupt()
		if r := n.wait(); !inside.MatchString(r.failure) {
			first, _, _ := strings.Cut(code, "\n")
			t.Errorf("%s: %+v", first, r)
		}
	}
}
