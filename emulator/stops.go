package emulator

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/linux"
	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// SetBreakpoints makes Run stop before the instructions at the addresses given and at no others.
func (m *Machine) SetBreakpoints(addrs []uint64) {
	m.breaks = slices.Clone(addrs)
	m.cpu.SetBreaks(m.breaks)
}

// Breakpoints returns the addresses given to SetBreakpoints.
func (m *Machine) Breakpoints() []uint64 { return slices.Clone(m.breaks) }

// SetWatchpoints makes Run stop after accesses to the ranges given and to no others.
func (m *Machine) SetWatchpoints(w []Watch) {
	m.watches = slices.Clone(w)
	m.mem.SetWatches(watches(w))
}

// Watchpoints returns the ranges given to SetWatchpoints.
func (m *Machine) Watchpoints() []Watch { return slices.Clone(m.watches) }

func watches(in []Watch) []memory.Watch {
	var out []memory.Watch
	for _, w := range in {
		var kinds memory.Prot
		if w.Read {
			kinds |= memory.Read
		}
		if w.Write {
			kinds |= memory.Write
		}
		if w.Len > 0 && kinds != 0 {
			out = append(out, memory.Watch{Addr: w.Addr, Len: w.Len, Kinds: kinds})
		}
	}
	return out
}

// SetStops makes Run stop for the events given and for no others of their kind.
func (m *Machine) SetStops(s Stops) { m.kernel.Stops = linux.Stops(s) }

// suspendStops takes all breakpoints, watchpoints and Stops away until the function that it returns is called.
func (m *Machine) suspendStops() (resume func()) {
	breaks, watched, stops := m.breaks, m.watches, m.kernel.Stops
	m.SetStops(Stops{})
	if len(breaks) == 0 && len(watched) == 0 {
		return func() { m.kernel.Stops = stops }
	}
	m.SetBreakpoints(nil)
	m.SetWatchpoints(nil)
	return func() {
		m.kernel.Stops = stops
		m.SetBreakpoints(breaks)
		m.SetWatchpoints(watched)
	}
}
