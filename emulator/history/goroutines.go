package history

import (
	"strings"

	"github.com/rt0lab/rt0/emulator"
)

// A Goroutine is a goroutine that is not dead, at the present moment.
type Goroutine struct {
	ID uint64
	// G is the address of its g.
	G uint64
	// TID is the thread that runs it or makes a system call for it, 0 for none.
	TID int
	// Status is the runtime's name of its status, such as "_Gwaiting".
	Status string
	// Start is the function that it began with, "" if that is not known.
	Start string
}

// maxGoroutines bounds the answer of Goroutines.
const maxGoroutines = 10_000

// Goroutines returns the goroutines by address of allgs, at most 10,000. In a program without a Go runtime, or before it has
// goroutines, there are none.
func (s *Session) Goroutines() []Goroutine {
	if s.Runtime == nil {
		return nil
	}
	running := s.running()
	var all []Goroutine
	list := s.Runtime.AllG()
	for i, g := range list.Addrs {
		status := s.Runtime.Field("runtime.g", g, "atomicstatus")
		if !status.OK() || len(all) == maxGoroutines {
			continue
		}
		name := s.Runtime.GStatus(status.Uint)
		if strings.Contains(name, "_Gidle") || strings.Contains(name, "_Gdead") {
			continue
		}
		r := Goroutine{ID: uint64(max(0, list.IDs[i])), G: g, Status: name, TID: running[g]}
		if pc := s.Runtime.Field("runtime.g", g, "startpc"); pc.OK() {
			r.Start = s.funcName(pc.Uint, true)
		}
		all = append(all, r)
	}
	return all
}

// running returns the thread of each goroutine that has one, by address of its g.
func (s *Session) running() map[uint64]int {
	running := map[uint64]int{}
	for _, t := range s.m.Threads() {
		if g, ok := s.userG(&t); ok {
			running[g] = t.TID
		}
	}
	return running
}

// userG returns the g on whose behalf the thread works: the one in its TLS, or, where that is the scheduler's or a signal
// handler's, its m's curg.
func (s *Session) userG(t *emulator.Thread) (uint64, bool) {
	if t.Registers.FSBase == 0 {
		return 0, false
	}
	g, ok := s.word(t.Registers.FSBase - 8)
	if !ok {
		return 0, false
	}
	if m, ok := s.field(g, "runtime.g", "m"); ok {
		if user, ok := s.field(m, "runtime.m", "curg"); ok && user != 0 {
			return user, true
		}
	}
	return g, g != 0
}
