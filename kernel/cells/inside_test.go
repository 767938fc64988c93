package cells

import (
	"regexp"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/hostile"
	wait "github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
)

// TestInterruptInsideAnInstruction stops cells while their machine is in one that would take days: they say so in the words
// that a terminal has for it.
func TestInterruptInsideAnInstruction(t *testing.T) {
	race.Skip(t)
	n := newNotebook(t)
	tick := regexp.MustCompile(`… tick ([\d,]+)`)
	inside := regexp.MustCompile(`^interrupted: the cell was stopped; what it has defined so far stays; ` +
		`the machine was interrupted at tick \d+, inside a repeated string instruction at 0x[0-9a-f]+$`)
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
		wait.Until(t, "the tick stands still", func() bool {
			texts, _ := n.shows()
			if len(texts) < 2 {
				return false
			}
			a, b := tick.FindStringSubmatch(texts[len(texts)-2]), tick.FindStringSubmatch(texts[len(texts)-1])
			return a != nil && b != nil && a[1] == b[1]
		})
		n.h.Interrupt()
		if r := n.wait(); !inside.MatchString(r.failure) {
			first, _, _ := strings.Cut(code, "\n")
			t.Errorf("%s: %+v", first, r)
		}
	}
}
