package lessons

import (
	"context"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/goruntime"
)

// A Tour is a machine whose boot has been run through once, so that every stage has its moment and any other tick can be
// looked at as a moment, too.
type Tour struct {
	Machine *emulator.Machine
	Runtime *goruntime.Runtime
	// Moments are the ends of the stages, in order.
	Moments []*Moment

	b *boot
}

// NewTour boots the machine through all stages. Where the machine is afterwards is not defined: seek.
func NewTour(ctx context.Context, m *emulator.Machine) (*Tour, error) {
	t := &Tour{Machine: m}
	b, err := eachStage(ctx, m, func(mo *Moment) error {
		t.Moments = append(t.Moments, mo)
		return nil
	})
	if err != nil {
		return nil, err
	}
	t.b, t.Runtime = b, b.rt
	return t, nil
}

// Moment returns the moment at which the stage ends.
func (t *Tour) Moment(stage string) (*Moment, error) {
	i := stageIndex(stage)
	if i < 0 {
		return nil, fmt.Errorf("%q is no stage; the stages are %s", stage, stageIDs())
	}
	m := t.Moments[i]
	if !m.Missing.Empty() {
		return nil, fmt.Errorf("stage %s: %s", stage, m.Missing.En)
	}
	return m, nil
}

func stageIDs() (ids string) {
	for i, s := range Stages {
		if i > 0 {
			ids += ", "
		}
		ids += s.ID
	}
	return ids
}

// Stage returns the index of the last stage that has ended by the tick.
func (t *Tour) Stage(tick uint64) int {
	last := 0
	for i, m := range t.Moments {
		if m.Missing.Empty() && m.Tick <= tick {
			last = i
		}
	}
	return last
}

// Look returns the machine as it is now. At the end of a stage that is the stage's own moment.
func (t *Tour) Look() *Moment {
	tick := t.Machine.Tick()
	i := t.Stage(tick)
	if m := t.Moments[i]; m.Tick == tick {
		return m
	}
	t.b.tid, t.b.last = t.Machine.Current().TID, t.Moments[i]
	return t.b.moment(i, Text{}, nil)
}

// Words returns n words of memory from addr on, and says what they are as far as that is known.
func (t *Tour) Words(addr uint64, n int) []StackWord {
	notes := t.b.entryNotes()
	words := make([]StackWord, n)
	for i := range words {
		words[i] = t.b.stackWord(addr+8*uint64(i), notes)
	}
	return words
}
