package memory

// ReadAt fills b from addr as the guest's own loads would, with permissions. It returns how many bytes were read before
// the fault.
func (s *Space) ReadAt(b []byte, addr uint64) (int, *Fault) {
	return s.transfer(b, addr, func(addr uint64) (*[PageSize]byte, *Fault) { return s.Readable(addr, AccessRead) }, false)
}

// WriteAt stores b at addr as the guest's own stores would, with permissions.
func (s *Space) WriteAt(b []byte, addr uint64) (int, *Fault) {
	return s.transfer(b, addr, s.Writable, true)
}

func (s *Space) transfer(b []byte, addr uint64, page func(uint64) (*[PageSize]byte, *Fault), write bool) (int, *Fault) {
	done := 0
	for done < len(b) {
		p, f := page(addr)
		if f != nil {
			return done, f
		}
		off := addr & PageMask
		n := min(len(b)-done, int(PageSize-off))
		if s.watching != nil {
			access := AccessRead
			if write {
				access = AccessWrite
			}
			s.Touch(addr, n, access)
		}
		if write {
			copy(p[off:], b[done:done+n])
		} else {
			copy(b[done:done+n], p[off:])
		}
		done += n
		addr += uint64(n)
	}
	return done, nil
}

// Peek fills b from addr whatever the permissions, for debuggers and pictures; ok is false when a part is not mapped.
func (s *Space) Peek(b []byte, addr uint64) bool {
	for len(b) > 0 {
		if _, ok := s.Find(addr); !ok {
			return false
		}
		p := s.root.lookup(addr >> PageShift)
		if p == nil {
			p = &zeroPage
		}
		n := copy(b, p.Data[addr&PageMask:])
		b = b[n:]
		addr += uint64(n)
	}
	return true
}

// Poke stores b at addr whatever the permissions; ok is false when a part is not mapped.
func (s *Space) Poke(b []byte, addr uint64) bool {
	for len(b) > 0 {
		if _, ok := s.Find(addr); !ok {
			return false
		}
		p := s.own(addr >> PageShift)
		n := copy(p.Data[addr&PageMask:], b)
		b = b[n:]
		addr += uint64(n)
	}
	return true
}
