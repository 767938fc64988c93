package lessons

import (
	"slices"
)

// moment gathers what is true now, at the end of stage number i. If the stage is missing there is no news in it: the facts
// are those of the stage before.
func (b *boot) moment(i int, missing Text, ended *Ending) *Moment {
	cfg := b.m.Config()
	m := &Moment{
		Stage: Stages[i], Missing: missing, Ended: ended, Tick: b.m.Tick(), Go: b.table.GoVersion(), CPUs: cfg.CPUs, Seed: cfg.Seed,
		TID: b.tid, Registers: b.registers(), Before: b.last,
	}
	if f, ok := b.table.Func(m.PC()); ok {
		m.Symbol = f.Name
	}
	m.File, m.Line, _ = b.table.Line(m.PC())
	if missing.Empty() {
		b.readFacts(m, i)
	} else if b.last != nil {
		m.Facts, m.Absent = b.last.Facts, b.last.Absent
	}
	m.Code = b.code(m.PC())
	m.Stack, m.Entry = b.stack(m), b.entry()
	m.Runtime = b.runtimeState()
	m.FirstG = b.firstG(m.Runtime)
	m.Sizes = b.sizes()
	m.Limits = b.limits(m)
	for _, t := range b.m.Threads() {
		m.Threads = append(m.Threads, ThreadLife{t.TID, t.Born})
	}
	b.last = m
	return m
}

func (b *boot) readFacts(m *Moment, i int) {
	for _, s := range factSources {
		if i < stageIndex(s.from) || s.until != "" && i > stageIndex(s.until) {
			continue
		}
		if v, why := s.read(b); why.Empty() {
			m.Facts = append(m.Facts, Fact{s.name, v})
		} else {
			m.Absent = append(m.Absent, Absence{s.name, why})
		}
	}
}

func stageIndex(id string) int {
	return slices.IndexFunc(Stages, func(s Stage) bool { return s.ID == id })
}

// How much code and stack a moment keeps around PC and SP.
const (
	codeBefore, codeAfter   = 4, 5
	wordsBelow, wordsAbove  = 4, 12
	wordsOfEntryStack       = 40 // at the first instruction there is nothing below and much above
	longestString, maxFrame = 64, 1 << 16
)

func (b *boot) code(pc uint64) []CodeLine {
	list, err := b.table.Around(b.m, pc, codeBefore, codeAfter)
	if err != nil {
		return nil // PC is not in memory: the next step will be a fault, and there is nothing to show
	}
	lines := make([]CodeLine, len(list))
	for i, in := range list {
		lines[i].Instruction = in
		if frames := b.table.Frames(in.Addr); len(frames) > 0 {
			lines[i].File, lines[i].Line, lines[i].Func = frames[0].File, frames[0].Line, frames[0].Func
		}
	}
	return lines
}
