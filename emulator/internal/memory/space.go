// Package memory is the guest's address space: sparse 4 KiB pages with permissions, copied on write so that a snapshot
// costs nothing but a new epoch.
package memory

import (
	"errors"
	"fmt"
)

// ErrNoMemory reports a mapping that would exceed the memory limit or the address space (ENOMEM).
var ErrNoMemory = errors.New("out of guest memory")

// A Space is a guest's address space. It is not safe for concurrent use.
type Space struct {
	root    *node
	areas   []Area
	charged uint64
	limit   uint64
	epoch   uint64
	pages   int // pages that exist

	tlb *TLB
	// code holds the numbers of the pages whose instructions lie decoded in a cache.
	code map[uint64]*Page
	// CodeChanged is told when decoded code of the page numbered vpn is no longer what memory holds, or no longer
	// executable.
	CodeChanged func(vpn uint64)

	watches  []Watch
	watching map[uint64]Prot // by page number: which kinds of access are watched
	// Watched is told of every access, allowed by the mappings, that touches a watched range. The write has not
	// happened yet.
	Watched func(addr uint64, size int, access Access)
}

// New returns an empty space that lets the guest have at most limit bytes of writable memory.
func New(limit uint64) *Space {
	return &Space{limit: limit, epoch: epochs.Add(1), tlb: new(TLB)}
}

// Attach names the TLB that the space keeps true and flushes it.
func (s *Space) Attach(t *TLB) {
	s.tlb = t
	t.Flush()
}

// Charged returns how many bytes of writable memory the guest has mapped.
func (s *Space) Charged() uint64 { return s.charged }

// Limit returns the most bytes of writable memory that the guest may map.
func (s *Space) Limit() uint64 { return s.limit }

// Pages returns how many pages hold bytes of their own.
func (s *Space) Pages() int { return s.pages }

func aligned(addr, size uint64) bool {
	return addr&PageMask == 0 && size&PageMask == 0 && size != 0 && addr < MaxAddr && size <= MaxAddr-addr
}

// Map maps [addr, addr+size) anew and filled with zeroes, in place of whatever was there (MAP_FIXED).
func (s *Space) Map(a Area) error {
	if !aligned(a.Start, a.End-a.Start) {
		return fmt.Errorf("map %#x-%#x: not page aligned or outside user space", a.Start, a.End)
	}
	if s.charged-s.chargedIn(a.Start, a.End)+a.charge() > s.limit {
		return ErrNoMemory
	}
	s.release(a.Start, a.End)
	s.replace(a.Start, a.End, a)
	return nil
}

// chargedIn returns what [start, end) counts towards the limit now.
func (s *Space) chargedIn(start, end uint64) (n uint64) {
	for i := s.index(start); i < len(s.areas) && s.areas[i].Start < end; i++ {
		a := s.areas[i]
		a.Start, a.End = max(a.Start, start), min(a.End, end)
		n += a.charge()
	}
	return n
}

// Unmap removes all mappings in [addr, addr+size).
func (s *Space) Unmap(addr, size uint64) {
	s.release(addr, addr+size)
	s.replace(addr, addr+size)
}

// Protect changes the permissions of [addr, addr+size), all of which must be mapped; else it changes nothing and reports
// ErrNoMemory, as mprotect does.
func (s *Space) Protect(addr, size uint64, prot Prot) error {
	end := addr + size
	var with []Area
	var was, will uint64
	at := addr
	for i := s.index(addr); at < end; i++ {
		if i >= len(s.areas) || s.areas[i].Start > at {
			return ErrNoMemory
		}
		a := s.areas[i].from(at)
		a.End = min(a.End, end)
		was += a.charge()
		a.Prot = prot
		will += a.charge()
		with = append(with, a)
		at = a.End
	}
	if s.charged-was+will > s.limit {
		return ErrNoMemory
	}
	s.replace(addr, end, with...)
	s.forget(addr, end)
	return nil
}

// Discard gives the pages of [addr, addr+size) back: they read as zeroes again (MADV_DONTNEED on private memory).
func (s *Space) Discard(addr, size uint64) { s.release(addr, addr+size) }

// Move moves the mappings and pages of [from, from+size) to [to, to+size), which must not overlap (mremap).
func (s *Space) Move(from, to, size uint64) error {
	var moved []Area
	for i := s.index(from); i < len(s.areas) && s.areas[i].Start < from+size; i++ {
		a := s.areas[i].from(from)
		a.End = min(a.End, from+size)
		a.Start, a.End = a.Start-from+to, a.End-from+to
		moved = append(moved, a)
	}
	pages := make(map[uint64]*Page)
	for vpn := from >> PageShift; vpn < (from+size)>>PageShift; vpn++ {
		if p := s.root.lookup(vpn); p != nil {
			pages[vpn-from>>PageShift+to>>PageShift] = p
		}
	}
	s.Unmap(from, size)
	s.Unmap(to, size)
	s.replace(to, to+size, moved...)
	for vpn, p := range pages {
		*s.slot(vpn) = p
		s.pages++
	}
	s.forget(to, to+size)
	return nil
}

// release drops the pages of [start, end), so that they read as zeroes. To watchpoints that is a write.
func (s *Space) release(start, end uint64) {
	s.forget(start, end)
	s.root.inRange(levels-1, 0, start>>PageShift, (end+PageMask)>>PageShift, func(vpn uint64) {
		s.Touch(vpn<<PageShift, PageSize, AccessWrite)
		*s.slot(vpn) = nil
		s.pages--
	})
}

// inRange calls f for each page that exists with first ≤ vpn < last. f may replace nodes on the way.
func (n *node) inRange(level int, base, first, last uint64, f func(vpn uint64)) {
	if n == nil {
		return
	}
	width := uint64(1) << (uint(level) * fanoutBits)
	for i := range uint64(fanout) {
		at := base + i*width
		if at >= last {
			return
		}
		if at+width <= first {
			continue
		}
		if level == 0 {
			if n.pages[i] != nil {
				f(at)
			}
		} else if k := n.kids[i]; k != nil {
			k.inRange(level-1, at, first, last, f)
		}
	}
}

// forget makes the TLB and the code cache ask again about [start, end).
func (s *Space) forget(start, end uint64) {
	first, last := start>>PageShift, (end+PageMask)>>PageShift
	if last-first > TLBSize {
		s.tlb.Flush()
	} else {
		for vpn := first; vpn < last; vpn++ {
			s.tlb.drop(vpn)
		}
	}
	for vpn := range s.code {
		if vpn >= first && vpn < last {
			s.codeChanged(vpn)
		}
	}
}

// codeChanged tells the owner of the decoded code, if there is any of the page.
func (s *Space) codeChanged(vpn uint64) {
	if _, ok := s.code[vpn]; !ok {
		return
	}
	delete(s.code, vpn)
	if s.CodeChanged != nil {
		s.CodeChanged(vpn)
	}
}
