package lessons

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/goruntime"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// ErrNotGo means that a program has no Go runtime whose boot could be shown.
var ErrNotGo = errors.New("not a Go program (it has no runtime.rt0_go): rt0 run runs it all the same")

// Boot runs the machine from its first instruction to main.main and returns the moments at which the stages end. If the
// program ends before, it returns all moments, those of the stages that were not reached with Ended set, and an *EndedError.
// If ctx is canceled, it returns the moments until then as well as an error.
func Boot(ctx context.Context, m *emulator.Machine) ([]*Moment, error) {
	var moments []*Moment
	err := EachStage(ctx, m, func(mo *Moment) error {
		moments = append(moments, mo)
		return nil
	})
	return moments, err
}

// EachStage is Boot for those who do not want to wait: it calls yield with each moment when the machine is there. The
// machine may be looked at, and must be left where it is. An error of yield ends the boot and is returned. Breakpoints and
// watchpoints that were set are gone afterwards.
func EachStage(ctx context.Context, m *emulator.Machine, yield func(*Moment) error) error {
	_, err := eachStage(ctx, m, yield)
	return err
}

func eachStage(ctx context.Context, m *emulator.Machine, yield func(*Moment) error) (*boot, error) {
	b, err := newBoot(m)
	if err != nil {
		return nil, err
	}
	b.ctx = ctx
	defer m.SetBreakpoints(nil)
	defer m.SetWatchpoints(nil)
	for i, stage := range Stages {
		missing, ended, err := b.reach(ctx, i)
		if err != nil {
			return nil, fmt.Errorf("stage %s: %w", stage.ID, err)
		}
		if err := yield(b.moment(i, missing, ended)); err != nil {
			return nil, err
		}
	}
	if b.ending != nil {
		return nil, &EndedError{b.unreached, b.ending}
	}
	return b, nil
}

// A boot is a machine on its way to main.main.
type boot struct {
	ctx   context.Context // of the whole boot
	m     *emulator.Machine
	table *symbols.Table
	rt    *goruntime.Runtime
	tid   int // the thread that is looked at
	last  *Moment

	// sp0 is SP at the first instruction: the lowest address of what Linux left on the stack.
	sp0 uint64
	// frame is SP where rt0_go begins: sp0, unless a C library has run before.
	frame uint64
	// sp is SP in rt0_go once it is aligned, 0 before.
	sp uint64
	// foreignTLS says that thread-local storage is not rt0_go's but a C library's.
	foreignTLS bool
	// tls is &m0.tls[0] where it was learnt from settls, for want of layouts.
	tls uint64
	// procs is how many Ps there will be, once it is known.
	procs int64
	// ending is how the program ended before main.main, once it is known that no further stage is reached; unreached is the
	// first of those that are not.
	ending    *Ending
	unreached string
	// callReturns are the addresses in rt0_go to which its calls return.
	callReturns []uint64
}

func newBoot(m *emulator.Machine) (*boot, error) {
	if err := m.Seek(0); err != nil {
		return nil, err
	}
	table, err := symbols.Open(m.Config().Program)
	if err != nil {
		return nil, err
	}
	if _, ok := table.FuncNamed("runtime.rt0_go"); !ok {
		return nil, ErrNotGo
	}
	now := m.Current()
	table.Relocate(now.Registers.RIP - table.Entry())
	return &boot{m: m, table: table, rt: goruntime.New(table, m), tid: now.TID, sp0: now.Registers.SP()}, nil
}

// reach runs to the end of stage number i. missing says why there is no such moment; the machine is then where it was. ended
// is not nil if that is because the program ends before, and before main.main.
func (b *boot) reach(ctx context.Context, i int) (missing Text, ended *Ending, err error) {
	e := ends[Stages[i].ID]
	if why := b.lacks(e); !why.Empty() {
		return why, nil, nil
	}
	if b.ending != nil {
		return b.ending.notReached(), b.ending, nil
	}
	if err := b.m.ToStart(ctx); err != nil {
		return Text{}, nil, err
	}
	start, tid := b.m.Snapshot(), b.tid
	back := func() {
		b.m.Restore(start)
		b.tid = tid
	}
	reached, ended, err := b.firstOf(ctx, i, i+1, start.Tick())
	if err != nil || reached == i {
		return Text{}, nil, err
	}
	back()
	if e.otherwise != nil {
		if why := e.otherwise(b); !why.Empty() {
			return why, nil, nil
		}
	}
	past := "main.main"
	if ended != nil {
		later, _, err := b.firstOf(ctx, i+1, len(Stages), start.Tick())
		if err != nil {
			return Text{}, nil, err
		}
		back()
		if later < 0 {
			b.ending, b.unreached = ended, Stages[i].ID
			return ended.notReached(), ended, nil
		}
		past = Stages[later].ID
	}
	// This program boots without that change.
	return Text{
		"not seen: this program reaches " + past + " without it",
		"未出现：这个程序不经过它就到达了 " + past,
	}, nil, nil
}

// lacks says why the end of a stage cannot be seen in this program; it is empty if it can.
func (b *boot) lacks(e end) (why Text) {
	for _, expr := range e.needs {
		if why := b.lack(expr); !why.Empty() {
			return why
		}
	}
	return Text{}
}

// firstOf runs until one of the stages with numbers from up to and not including to ends, and returns its number. It returns
// -1 if main.main comes before, and ended besides if the program ends before main.main. lastTick is where the last stage ended
// that was reached.
func (b *boot) firstOf(ctx context.Context, from, to int, lastTick uint64) (reached int, ended *Ending, err error) {
	main, _ := b.table.FuncNamed("main.main")
	var list []int
	for i := from; i < to; i++ {
		if b.lacks(ends[Stages[i].ID]).Empty() {
			list = append(list, i)
		}
	}
	for len(list) > 0 {
		breaks, watches := []uint64{main.Entry}, []emulator.Watch(nil)
		for _, i := range list {
			e := ends[Stages[i].ID]
			if e.reached(b) {
				return i, nil, nil
			}
			breaks, watches = append(breaks, e.breaks(b)...), append(watches, e.watches(b)...)
		}
		b.m.SetBreakpoints(breaks)
		b.m.SetWatchpoints(watches)
		ev, err := b.m.Run(ctx, b.until())
		if err != nil {
			return -1, nil, err
		}
		b.tid = ev.TID
		switch ev.Kind {
		case emulator.EventCanceled:
			if err := ctx.Err(); err != nil {
				return -1, nil, err
			}
			return -1, nil, context.Canceled
		case emulator.EventExit, emulator.EventDeadlock, emulator.EventTick, emulator.EventMaxTicks:
			return -1, b.ended(ev, lastTick), nil
		case emulator.EventBreakpoint:
			if ev.PC != main.Entry {
				continue
			}
			for _, i := range list {
				if ends[Stages[i].ID].reached(b) {
					return i, nil, nil
				}
			}
			return -1, nil, nil
		}
	}
	return -1, nil, nil
}

// BootTicks is how many instructions a boot may take up to main.main if the machine has no MaxTicks: a thousand times what
// hello takes, and some seconds.
const BootTicks = 1_000_000_000

// until returns the tick at which a program counts as one that never reaches main.main.
func (b *boot) until() uint64 {
	if n := b.m.Config().MaxTicks; n != 0 {
		return n
	}
	return BootTicks
}

// registers returns the registers of the thread that is looked at.
func (b *boot) registers() emulator.Registers {
	if now := b.m.Current(); now.TID == b.tid {
		return now.Registers
	}
	for _, t := range b.m.Threads() {
		if t.TID == b.tid {
			return t.Registers
		}
	}
	return b.m.Current().Registers
}

// lack says why the program cannot tell what the expression names, or any of the alternatives "a|b"; it is empty if it
// can.
func (b *boot) lack(exprs string) (why Text) {
	for expr := range strings.SplitSeq(exprs, "|") {
		_, err := b.rt.Eval(expr)
		if why = b.whyNot(expr, err); why.Empty() {
			break
		}
	}
	return why
}

func (b *boot) whyNot(expr string, err error) Text {
	switch {
	case err == nil:
		return Text{}
	case errors.Is(err, symbols.ErrNoDWARF):
		return Text{
			"layouts missing: build without -ldflags=-s and without -ldflags=-w",
			"缺少类型布局：构建时请不要用 -ldflags=-s 或 -ldflags=-w",
		}
	case errors.Is(err, symbols.ErrNotFound):
		return Text{
			fmt.Sprintf("%s has no %s", b.table.GoVersion(), expr),
			fmt.Sprintf("%s 没有 %s", b.table.GoVersion(), expr),
		}
	}
	return Text{err.Error(), err.Error()}
}

// foresee runs on until the variable is set, returns what it becomes, and brings the machine back.
func (b *boot) foresee(expr string) uint64 {
	start, tid := b.m.Snapshot(), b.tid
	defer func() {
		b.m.Restore(start)
		b.tid = tid
	}()
	addr, size, ok := b.rt.Place(expr)
	if !ok {
		return 0
	}
	b.m.SetWatchpoints(written(addr, size))
	b.m.SetBreakpoints(entryOf("main.main")(b))
	for b.word(expr) == 0 {
		ev, err := b.m.Run(b.ctx, b.until())
		if err != nil || ev.Kind != emulator.EventWatchpoint {
			return 0
		}
	}
	return b.word(expr)
}
