package history

import "github.com/rt0lab/rt0/emulator"

// Goid returns the number of the goroutine that thread t runs; ok is false when it runs none, or the scheduler's own
// stack (a g0 has number 0), or when the program's layout of a g is not known.
func (s *Session) Goid(t *emulator.Thread) (id uint64, ok bool) {
	g, _, ok := s.goroutine(t)
	if !ok {
		return 0, false
	}
	id, ok = s.field(g, "runtime.g", "goid")
	return id, ok && id != 0
}
