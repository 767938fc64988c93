package emulator_test

import (
	"context"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/hostile"
)

// bigWrite writes 8 MiB with one system call, and then a line.
const bigWrite = `package main

import "os"

func main() {
	if err := os.WriteFile("/tmp/big", make([]byte, 8<<20), 0o600); err != nil {
		panic(err)
	}
	os.Stdout.WriteString("done\n")
}
`

// stopInside runs a machine to within the big write.
func stopInside(t *testing.T, m *emulator.Machine) emulator.Event {
	t.Helper()
	ev, err := m.Run(hostile.InsideContext{Context: t.Context(), Machine: m}, ^uint64(0))
	if err != nil || ev.Kind != emulator.EventCanceled || ev.Inside != "system call write" || !m.Unfinished() {
		t.Fatalf("%+v, %v", ev, err)
	}
	return ev
}

// TestStopInsideACall: what a machine is that has stopped inside an instruction, and how it goes on from there.
func TestStopInsideACall(t *testing.T) {
	m := newMachine(t, bigWrite, emulator.Config{})
	ev := stopInside(t, m)
	tick, r := m.Tick(), m.Current().Registers
	var code [2]byte
	if err := m.ReadMemory(code[:], ev.PC); err != nil || code != [2]byte{0x0f, 0x05} || r.RIP != ev.PC || ev.Tick != tick {
		t.Errorf("at %#x, tick %d: code % x, rip %#x, tick %d, %v", ev.PC, ev.Tick, code, r.RIP, tick, err)
	}
	if m.Snapshot() != nil || m.Hash() != [32]byte{} {
		t.Error("a snapshot or a hash is given inside an instruction")
	}
	if _, err := m.Fork(nil); err == nil {
		t.Error("a machine inside an instruction can be forked")
	}
	if spent := m.Spent(); spent != tick+emulator.SliceTicks {
		t.Errorf("spent %d at tick %d", spent, tick)
	}

	other := newMachine(t, bigWrite, emulator.Config{})
	runTo(t, other, tick)
	start := other.Hash()
	runTo(t, other, tick+1)
	end := other.Hash()

	if ev, err := m.Step(); err != nil || ev.Tick != tick+1 || m.Unfinished() || m.Hash() != end {
		t.Errorf("Step: %+v, %v; the hash is right: %v", ev, err, m.Hash() == end)
	}
	if err := m.Seek(tick); err != nil || m.Hash() != start {
		t.Errorf("Seek back: %v", err)
	}
	stopInside(t, m)
	if err := m.Seek(tick); err != nil || m.Unfinished() || m.Tick() != tick || m.Hash() != start {
		t.Errorf("Seek to the start: %v, tick %d, unfinished %v", err, m.Tick(), m.Unfinished())
	}
	stopInside(t, m)
	if err := m.ToStart(t.Context()); err != nil || m.Hash() != start {
		t.Errorf("ToStart: %v", err)
	}
	stopInside(t, m)
	if err := m.Seek(tick + 1); err != nil || m.Hash() != end {
		t.Errorf("Seek to the end: %v", err)
	}
	stopInsideEnds(t, m)
}

// stopInsideEnds runs m and a fresh machine to their ends, which must be the same.
func stopInsideEnds(t *testing.T, m *emulator.Machine) {
	t.Helper()
	other := newMachine(t, bigWrite, emulator.Config{})
	for _, m := range []*emulator.Machine{m, other} {
		if ev, err := m.Run(t.Context(), ^uint64(0)); err != nil || ev.Kind != emulator.EventExit {
			t.Fatalf("%+v, %v", ev, err)
		}
	}
	if m.Tick() != other.Tick() || m.Hash() != other.Hash() {
		t.Error("the end depends on the stops on the way")
	}
}

// TestMaxTicks: a run stops where MaxTicks are spent, inside an instruction or not, and stays there; going back is allowed.
func TestMaxTicks(t *testing.T) {
	inside := newMachine(t, bigWrite, emulator.Config{})
	tick := stopInside(t, inside).Tick
	for _, c := range []struct {
		max    uint64
		tick   uint64
		inside string
	}{
		{1000, 1000, ""},
		{tick, tick, ""},
		{tick + 20_000, tick, "system call write"},
		{tick + 70_002, tick + 2, ""}, // 8 slices
	} {
		m := newMachine(t, bigWrite, emulator.Config{MaxTicks: c.max})
		for range 2 {
			ev, err := m.Run(t.Context(), ^uint64(0))
			if err != nil || ev.Kind != emulator.EventMaxTicks || ev.Tick != c.tick || ev.Inside != c.inside {
				t.Errorf("MaxTicks %d: %+v, %v, want tick %d inside %q", c.max, ev, err, c.tick, c.inside)
			}
		}
		if err := m.Seek(500); err != nil || m.Tick() != 500 {
			t.Errorf("MaxTicks %d: Seek back: %v", c.max, err)
		}
		if err := m.Seek(c.tick + 100); err == nil || m.Tick() != c.tick {
			t.Errorf("MaxTicks %d: Seek beyond goes to tick %d: %v", c.max, m.Tick(), err)
		}
	}
}

// TestMovesFromInside: moves of a session begin at an instruction's start, but for a step forward, which finishes it.
func TestMovesFromInside(t *testing.T) {
	m := newMachine(t, bigWrite, emulator.Config{})
	s := history.New(m)
	inside := func() uint64 {
		t.Helper()
		stop, err := s.Continue(hostile.InsideContext{Context: t.Context(), Machine: m}, history.Forward)
		if err != nil && err != context.Canceled || stop.Reason != history.ReasonCanceled || stop.Inside != "system call write" {
			t.Fatalf("%+v, %v", stop, err)
		}
		return stop.Tick
	}
	tick := inside()
	for _, c := range []struct {
		name string
		move func() (history.Stop, error)
		tick uint64
	}{
		{"a step", func() (history.Stop, error) { return s.StepInstruction(t.Context(), history.Forward, 0) }, tick + 1},
		{"a step back", func() (history.Stop, error) { return s.StepInstruction(t.Context(), history.Backward, 0) }, tick - 1},
		{"a step over, back", func() (history.Stop, error) { return s.StepOver(t.Context(), history.Backward, 0) }, tick - 1},
		{"to the tick", func() (history.Stop, error) { return s.RunToTick(t.Context(), tick) }, tick},
		{"to a tick before", func() (history.Stop, error) { return s.RunToTick(t.Context(), tick-100) }, tick - 100},
		{"to a tick after", func() (history.Stop, error) { return s.RunToTick(t.Context(), tick+100) }, tick + 100},
		{"to the start", func() (history.Stop, error) { return s.Continue(t.Context(), history.Backward) }, 0},
		{"who wrote it", func() (history.Stop, error) {
			_, err := s.LastWrite(t.Context(), "runtime.gomaxprocs")
			return history.Stop{Tick: m.Tick()}, err
		}, tick},
	} {
		if err := m.Seek(tick); err != nil {
			t.Fatal(err)
		}
		inside()
		if stop, err := c.move(); err != nil || stop.Tick != c.tick || m.Tick() != c.tick || m.Unfinished() {
			t.Errorf("%s: %+v, %v; unfinished %v; want tick %d", c.name, stop, err, m.Unfinished(), c.tick)
		}
	}
	if history.New(m); m.Unfinished() {
		t.Error("a new session leaves the machine inside an instruction")
	}
}
