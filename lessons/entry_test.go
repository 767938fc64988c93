package lessons

import (
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons/picture"
)

// TestEntry holds what is told of the stack at entry against the boot's own facts, read another way.
func TestEntry(t *testing.T) {
	_, moments := bootHello(t, "", 2)
	first, main := moments[0], moments[len(moments)-1]
	word := func(m *Moment, section EntrySection, label string) EntryWord {
		i := slices.IndexFunc(m.Entry, func(w EntryWord) bool { return w.Section == section && w.Label == label })
		if i < 0 {
			t.Fatalf("%s: no %s in %s", m.Stage.ID, label, section.Name().En)
		}
		return m.Entry[i]
	}
	r := reader{t, first}
	if w := word(first, SectionArgc, "argc"); w.Addr != r.word("sp") || int64(w.Value) != r.number("argc") {
		t.Errorf("argc: %+v", w)
	}
	if w := word(first, SectionArgv, "argv[0]"); w.Addr != r.word("argv") || w.Value != word(first, SectionStrings, "argv[0]").Addr {
		t.Errorf("argv[0]: %+v", w)
	}
	if w := word(first, SectionAuxv, "AT_PAGESZ"); w.Note.En != "4096" {
		t.Errorf("AT_PAGESZ: %+v", w)
	}
	// randinit wipes the random bytes; nothing else of the kernel's block changes on the way to main.main.
	for i, w := range main.Entry {
		if changed := w != first.Entry[i]; changed != (w.Section == SectionStrings && w.Label == "AT_RANDOM") {
			t.Errorf("%s %s: %+v, at entry %+v", w.Section.Name().En, w.Label, w, first.Entry[i])
		}
	}
}

// TestThreadsAreBorn checks that threads come into being one after the other between schedule and main.
func TestThreadsAreBorn(t *testing.T) {
	_, moments := bootHello(t, "", 4)
	last := moments[len(moments)-1]
	if len(last.Threads) < 2 || last.Threads[0].Born != 0 {
		t.Fatalf("threads: %v", last.Threads)
	}
	for i, th := range last.Threads[1:] {
		if th.Born <= last.Threads[i].Born || th.Born <= last.Before.Tick || th.Born >= last.Tick {
			t.Errorf("thread %d is born at %d; the one before at %d, schedule ends at %d", th.TID, th.Born, last.Threads[i].Born, last.Before.Tick)
		}
	}
}

// TestStackLimits looks for the bounds of the stack in use, of g0 and then of goroutine 1, in the figure.
func TestStackLimits(t *testing.T) {
	_, moments := bootHello(t, "", 1)
	for _, c := range []struct{ stage, want string }{
		{"g0stack", "SP, g0.stack.hi ──►"}, {"g0stack", "g0.stack.lo ──►"}, {"schedule", "G1.stack.hi ──►"}, {"schedule", "G1.stack.lo ──►"},
	} {
		f, _ := FigureNamed("stack")
		m := moments[stageIndex(c.stage)]
		if text := f.Draw(m, m.Before, "en").Render(picture.TextOptions{}); !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q in\n%s", c.stage, c.want, text)
		}
	}
}
