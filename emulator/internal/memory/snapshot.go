package memory

import (
	"encoding/binary"
	"hash"

	"github.com/rt0lab/rt0/emulator/internal/digest"
)

// A Snapshot is a space at one moment. It shares all pages with the space until one of the two is written.
type Snapshot struct {
	root    *node
	areas   []Area
	charged uint64
	limit   uint64
	pages   int
}

// Snapshot returns the space as it is now. It takes constant time.
func (s *Space) Snapshot() *Snapshot {
	s.epoch = epochs.Add(1)
	s.tlb.FlushWrite()
	return &Snapshot{s.root, s.areas, s.charged, s.limit, s.pages}
}

// Restore makes the space what it was. The snapshot stays good.
func (s *Space) Restore(n *Snapshot) {
	s.root, s.areas, s.charged, s.limit, s.pages = n.root, n.areas, n.charged, n.limit, n.pages
	s.epoch = epochs.Add(1)
	s.tlb.Flush()
	for vpn, p := range s.code {
		if s.root.lookup(vpn) != p || s.check(vpn<<PageShift, AccessExec) != nil {
			s.codeChanged(vpn)
		}
	}
}

// HashTo writes everything that the guest could tell of the space into h: areas, and each page that is not all zeroes.
func (s *Space) HashTo(h hash.Hash) {
	var b [8]byte
	word := func(v uint64) {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
	for _, a := range s.areas {
		word(a.Start)
		word(a.End)
		word(uint64(a.Prot))
		word(a.Offset)
		word(a.File)
		h.Write([]byte(a.Name + "\x00"))
	}
	s.tlb.FlushWrite() // a cached digest must not outlive a write through the TLB
	s.root.walk(levels-1, 0, func(vpn uint64, p *Page) {
		if !p.summed {
			if p.Data == zeroPage.Data {
				p.sum = [digest.Size]byte{}
			} else {
				p.sum = digest.Sum(p.Data[:])
			}
			p.summed = true
		}
		if p.sum != [digest.Size]byte{} {
			word(vpn)
			h.Write(p.sum[:])
		}
	})
}
