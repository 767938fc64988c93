package memory

// check returns the fault that an access of the kind to addr raises, or nil.
func (s *Space) check(addr uint64, access Access) *Fault {
	a, ok := s.Find(addr)
	if !ok {
		return &Fault{Addr: addr, Access: access}
	}
	// The processor's page tables cannot forbid reading what may be written or executed.
	if a.Prot&access.prot() == 0 && (access != AccessRead || a.Prot == 0) {
		return &Fault{Addr: addr, Access: access, Mapped: true}
	}
	return nil
}

// Readable returns the bytes of the page that holds addr for an access of the kind (read or execute), and puts the page
// into the TLB where that is allowed.
func (s *Space) Readable(addr uint64, access Access) (*[PageSize]byte, *Fault) {
	if f := s.check(addr, access); f != nil {
		return nil, f
	}
	vpn := addr >> PageShift
	p := s.root.lookup(vpn)
	if p == nil {
		p = &zeroPage
	}
	if access == AccessRead && s.watching[vpn]&Read == 0 {
		s.tlb.Read[vpn&TLBMask] = TLBEntry{vpn, &p.Data}
	}
	return &p.Data, nil
}

// Writable returns the bytes of the page that holds addr for writing, making or copying the page where needed, and puts
// it into the TLB where that is allowed.
func (s *Space) Writable(addr uint64) (*[PageSize]byte, *Fault) {
	if f := s.check(addr, AccessWrite); f != nil {
		return nil, f
	}
	vpn := addr >> PageShift
	p := s.own(vpn)
	if s.watching[vpn]&Write == 0 {
		s.tlb.Write[vpn&TLBMask] = TLBEntry{vpn, &p.Data}
	}
	return &p.Data, nil
}

// own returns the page numbered vpn, writable in this epoch and free of decoded code.
func (s *Space) own(vpn uint64) *Page {
	p := s.root.lookup(vpn)
	switch {
	case p == nil:
		p = &Page{epoch: s.epoch}
		*s.slot(vpn) = p
		s.pages++
		s.tlb.drop(vpn)
	case p.epoch != s.epoch:
		p = &Page{Data: p.Data, epoch: s.epoch}
		*s.slot(vpn) = p
		s.tlb.drop(vpn)
	}
	s.codeChanged(vpn)
	p.sum.Forget()
	return p
}

// MarkCode notes that code of the page that holds addr was decoded: from now on a write to it is told to CodeChanged.
func (s *Space) MarkCode(addr uint64) {
	vpn := addr >> PageShift
	if s.code == nil {
		s.code = make(map[uint64]*Page)
	}
	s.code[vpn] = s.root.lookup(vpn)
	s.tlb.dropWrite(vpn)
}
