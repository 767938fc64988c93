package gdbserver

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/rt0lab/rt0/emulator"
)

// A toy is a debuggee whose whole history is a formula, so that the protocol can be tested without a machine and fuzzed
// fast. Threads 1 and 2 take turns of ten ticks; thread 2 is born at tick 100. Each instruction is four bytes long and a
// thread's code is one straight line from its codeBase. Every hundredth tick the instruction writes the tick to counter.
type toy struct {
	now         uint64
	breakpoints []uint64
	watches     []emulator.Watch
	// end is the tick at which the process exits.
	end uint64
	// endless makes Continue run until it is canceled.
	endless bool
}

const (
	toyPID      = 1
	toyBirth    = 100
	toyCounter  = 0x2000
	toyAuxv     = 0x2100
	toyCodeBase = 0x1_0000
	toyCodeStep = 0x10_0000 // from one thread's code to the next one's
	toyEnd      = 1000
)

// turn returns the thread that executes the instruction of tick t.
func (m *toy) turn(t uint64) int {
	if t < toyBirth {
		return toyPID
	}
	return toyPID + int(t/10%2)
}

// retired returns how many instructions the thread has retired by tick t.
func (m *toy) retired(tid int, t uint64) (n uint64) {
	for tick := uint64(0); tick < t; tick++ {
		if m.turn(tick) == tid {
			n++
		}
	}
	return n
}

func (m *toy) threadAt(tid int, t uint64) emulator.Thread {
	th := emulator.Thread{TID: tid, State: "runnable"}
	if m.turn(t) == tid {
		th.State = "running"
	}
	th.Registers.RIP = toyCodeBase + uint64(tid-1)*toyCodeStep + 4*m.retired(tid, t)
	th.Registers.GPR[emulator.RAX] = t
	th.Registers.FSBase = uint64(tid) << 32
	return th
}

func (m *toy) Config() emulator.Config {
	elf := make([]byte, 64)
	binary.LittleEndian.PutUint64(elf[24:], toyCodeBase-0x1000) // e_entry
	return emulator.Config{Program: elf, Path: "/bin/toy", Files: map[string][]byte{"/etc/motd": []byte("a#b$c}d*e")}}
}

func (m *toy) Layout() emulator.StackLayout {
	return emulator.StackLayout{Auxv: emulator.Span{Start: toyAuxv, End: toyAuxv + 32}}
}

func (m *toy) Tick() uint64             { return m.now }
func (m *toy) Current() emulator.Thread { return m.threadAt(m.turn(m.now), m.now) }

func (m *toy) Threads() []emulator.Thread {
	threads := []emulator.Thread{m.threadAt(toyPID, m.now)}
	if m.now > toyBirth {
		threads = append(threads, m.threadAt(toyPID+1, m.now))
	}
	return threads
}

func (m *toy) Exited() (emulator.ExitStatus, bool) {
	return emulator.ExitStatus{Code: 3}, m.now >= m.end
}

func (m *toy) ReadMemory(b []byte, addr uint64) error {
	var data [pageSize]byte
	binary.LittleEndian.PutUint64(data[0:], m.counter(m.now))
	binary.LittleEndian.PutUint64(data[toyAuxv-toyCounter:], atEntry)
	binary.LittleEndian.PutUint64(data[toyAuxv-toyCounter+8:], toyCodeBase)
	code := addr >= toyCodeBase && addr < toyCodeBase+2*toyCodeStep
	if code {
		clear(b)
		return nil
	}
	if addr < toyCounter || addr-toyCounter+uint64(len(b)) > pageSize {
		return errors.New("not mapped")
	}
	copy(b, data[addr-toyCounter:])
	return nil
}

// counter returns what the counter holds at tick t.
func (m *toy) counter(t uint64) uint64 {
	if t == 0 {
		return 0
	}
	return (t - 1) / 100 * 100
}

// writes says whether the instruction of tick t writes the counter.
func (m *toy) writes(t uint64) bool { return t%100 == 0 && t > 0 }

func (m *toy) SetPoints(breakpoints []uint64, watches []emulator.Watch) error {
	m.breakpoints, m.watches = breakpoints, watches
	return nil
}

func (m *toy) Seek(ctx context.Context, tick uint64) error {
	m.now = min(tick, m.end)
	return nil
}

func (m *toy) event(kind emulator.EventKind) emulator.Event {
	if m.now >= m.end {
		kind = emulator.EventExit
	}
	t := m.Current()
	return emulator.Event{Kind: kind, Tick: m.now, TID: t.TID, PC: t.Registers.RIP}
}

// stopped says whether a breakpoint holds at the present, or the instruction of tick access hit a watchpoint.
func (m *toy) stopped(access uint64) (emulator.Event, bool) {
	for _, w := range m.watches {
		if m.writes(access) && w.Write && w.Addr < toyCounter+8 && toyCounter < w.Addr+w.Len {
			ev := m.event(emulator.EventWatchpoint)
			ev.Access = &emulator.Access{Addr: toyCounter, Size: 8, Write: true, TID: m.turn(access)}
			return ev, true
		}
	}
	pc := m.Current().Registers.RIP
	for _, b := range m.breakpoints {
		if b == pc {
			return m.event(emulator.EventBreakpoint), true
		}
	}
	return emulator.Event{}, false
}

func (m *toy) Step(ctx context.Context, tid int) (emulator.Event, error) {
	for m.now < m.end && ctx.Err() == nil {
		turn := m.turn(m.now)
		m.now++
		ev, hit := m.stopped(m.now - 1)
		if hit && (ev.Kind == emulator.EventWatchpoint || turn != tid) {
			return ev, nil
		}
		if turn == tid {
			break
		}
	}
	return m.event(emulator.EventTick), nil
}

func (m *toy) Continue(ctx context.Context) (emulator.Event, error) {
	for m.now < m.end && ctx.Err() == nil {
		m.now++
		if ev, hit := m.stopped(m.now - 1); hit {
			return ev, nil
		}
		if m.endless && m.now == m.end-1 {
			m.now = 0
		}
	}
	if ctx.Err() != nil {
		return m.event(emulator.EventCanceled), nil
	}
	return m.event(emulator.EventTick), nil
}

func (m *toy) StepBack(ctx context.Context, tid int) (emulator.Event, error) {
	for m.now > 0 {
		m.now--
		if m.turn(m.now) == tid {
			break
		}
	}
	return m.event(emulator.EventTick), nil
}

func (m *toy) ContinueBack(ctx context.Context) (emulator.Event, error) {
	for m.now > 0 {
		m.now--
		if ev, hit := m.stopped(m.now); hit {
			return ev, nil
		}
	}
	return m.event(emulator.EventTick), nil
}
