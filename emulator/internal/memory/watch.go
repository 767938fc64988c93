package memory

// A Watch asks for news of accesses to [Addr, Addr+Len).
type Watch struct {
	Addr, Len uint64
	Kinds     Prot // Read, Write or both
}

// SetWatches replaces all watches.
func (s *Space) SetWatches(w []Watch) {
	s.watches = w
	s.watching = nil
	for _, w := range w {
		if s.watching == nil {
			s.watching = make(map[uint64]Prot)
		}
		for vpn := w.Addr >> PageShift; vpn <= (w.Addr+w.Len-1)>>PageShift; vpn++ {
			s.watching[vpn] |= w.Kinds
		}
	}
	s.tlb.Flush()
}

// Unwatched calls f with all watches suspended.
func (s *Space) Unwatched(f func()) {
	w := s.watches
	s.SetWatches(nil)
	f()
	s.SetWatches(w)
}

// Touch tells Watched of an access to [addr, addr+size) if one of the watches covers a byte of it.
func (s *Space) Touch(addr uint64, size int, access Access) {
	if s.watching == nil || s.Watched == nil {
		return
	}
	for _, w := range s.watches {
		if w.Kinds&access.prot() != 0 && addr < w.Addr+w.Len && w.Addr < addr+uint64(size) {
			s.Watched(addr, size, access)
			return
		}
	}
}
