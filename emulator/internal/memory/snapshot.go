package memory

import (
	"encoding/binary"
	"hash"

	"github.com/rt0lab/rt0/emulator/internal/digest"
)

// A Snapshot is a space at one moment. It shares all pages with the space until one of the two is written.
type Snapshot struct {
	root    *node
	areas   areaList
	charged uint64
	pages   int
}

// Snapshot returns the space as it is now. It takes constant time.
func (s *Space) Snapshot() *Snapshot {
	s.epoch = epochs.Add(1)
	s.tlb.FlushWrite()
	return &Snapshot{s.root, s.areas, s.charged, s.pages}
}

// Restore makes the space what it was. The snapshot stays good.
func (s *Space) Restore(n *Snapshot) {
	s.root, s.areas, s.charged, s.pages = n.root, n.areas, n.charged, n.pages
	s.epoch = epochs.Add(1)
	s.tlb.Flush()
	for vpn, p := range s.code {
		if s.root.lookup(vpn) != p || s.check(vpn<<PageShift, AccessExec) != nil {
			s.codeChanged(vpn)
		}
	}
}

// Fork returns a space that holds the same and shares all pages until one of the two writes to them. The two may be used by
// different goroutines from then on.
func (s *Space) Fork() *Space {
	n := New(s.Limit())
	n.Restore(s.Snapshot())
	return n
}

// HashTo writes everything that the guest could tell of the space into h: areas, and each page that is not all zeroes.
func (s *Space) HashTo(h hash.Hash) {
	var b [8]byte
	word := func(v uint64) {
		binary.LittleEndian.PutUint64(b[:], v)
		h.Write(b[:])
	}
	for a := range s.AreasFrom(0) {
		word(a.Start)
		word(a.End)
		word(uint64(a.Prot))
		word(a.Offset)
		word(a.File)
		h.Write([]byte(a.Name + "\x00"))
	}
	s.tlb.FlushWrite() // a cached digest must not outlive a write through the TLB
	s.root.walk(levels-1, 0, func(vpn uint64, p *Page) {
		sum := p.sum.Sum(func() (sum [digest.Size]byte) {
			if p.Data != zeroPage.Data {
				sum = digest.Sum(p.Data[:])
			}
			return sum
		})
		if sum != [digest.Size]byte{} {
			word(vpn)
			h.Write(sum[:])
		}
	})
}
