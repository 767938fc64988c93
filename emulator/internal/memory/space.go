// Package memory is the guest's address space: sparse 4 KiB pages with permissions, copied on write so that a snapshot
// costs nothing but a new epoch.
package memory

import (
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/account"
)

// ErrNoMemory reports a mapping that would exceed the memory limit or the address space (ENOMEM).
var ErrNoMemory = errors.New("out of guest memory")

// A Space is a guest's address space. It is not safe for concurrent use.
type Space struct {
	root    *node
	areas   areaList
	charged uint64
	account *account.Account
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

// New returns an empty space. The guest may hold at most limit bytes of memory, as package account counts them.
func New(limit uint64) *Space {
	s := &Space{epoch: epochs.Add(1), tlb: new(TLB)}
	s.account = account.New(limit, s)
	return s
}

// Share makes the space one of several that share an account, of which it must be a holder.
func (s *Space) Share(a *account.Account) { s.account = a }

// Attach names the TLB that the space keeps true and flushes it.
func (s *Space) Attach(t *TLB) {
	s.tlb = t
	t.Flush()
}

// Held returns what the mappings count in the account, in bytes.
func (s *Space) Held() uint64 { return s.charged }

// Limit returns the most that the account may hold, in bytes.
func (s *Space) Limit() uint64 { return s.account.Limit() }

// grows says whether the account has no room for mappings that counted was and are going to count will.
func (s *Space) grows(was, will uint64) bool { return will > was && !s.account.Has(will-was) }

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
	a.Accounted = a.Accounted || a.Prot&Write != 0
	if s.grows(s.chargedIn(a.Start, a.End), a.charge()) {
		return ErrNoMemory
	}
	if err := s.replace(a.Start, a.End, a); err != nil {
		return err
	}
	s.release(a.Start, a.End)
	return nil
}

// chargedIn returns what [start, end) counts towards the limit now.
func (s *Space) chargedIn(start, end uint64) (n uint64) {
	for a := range s.AreasFrom(start) {
		if a.Start >= end {
			break
		}
		a.Start, a.End = max(a.Start, start), min(a.End, end)
		n += a.charge()
	}
	return n
}

// Unmap removes all mappings in [addr, addr+size). It reports ErrNoMemory, and removes nothing, if an area would have to be split
// and there are MaxAreas.
func (s *Space) Unmap(addr, size uint64) error {
	if err := s.replace(addr, addr+size); err != nil {
		return err
	}
	s.release(addr, addr+size)
	return nil
}

// Protect changes the permissions of [addr, addr+size), all of which must be mapped; else it changes nothing and reports
// ErrNoMemory, as mprotect does.
func (s *Space) Protect(addr, size uint64, prot Prot) error {
	end := addr + size
	var with []Area
	var was, will uint64
	at := addr
	for a := range s.AreasFrom(addr) {
		if at >= end {
			break
		}
		if a.Start > at {
			return ErrNoMemory
		}
		a = a.from(at)
		a.End = min(a.End, end)
		was += a.charge()
		a.Prot = prot
		a.Accounted = a.Accounted || prot&Write != 0
		will += a.charge()
		with = append(with, a)
		at = a.End
	}
	if at < end || s.grows(was, will) {
		return ErrNoMemory
	}
	if err := s.replace(addr, end, with...); err != nil {
		return err
	}
	s.forget(addr, end)
	return nil
}

// Discard gives the pages of [addr, addr+size) back: they read as zeroes again (MADV_DONTNEED on private memory).
func (s *Space) Discard(addr, size uint64) { s.release(addr, addr+size) }

// Move moves the mappings of [from, from+size) to [to, to+size), which must not overlap, and hides their pages; MovePages moves
// these (mremap). It reports ErrNoMemory, and moves nothing, if there would be too many areas.
func (s *Space) Move(from, to, size uint64) error {
	var moved []Area
	for a := range s.AreasFrom(from) {
		if a.Start >= from+size {
			break
		}
		a = a.from(from)
		a.End = min(a.End, from+size)
		a.Start, a.End = a.Start-from+to, a.End-from+to
		moved = append(moved, a)
	}
	if s.areas.count+len(moved)+2 > MaxAreas { // both ranges may have to be split
		return ErrNoMemory
	}
	s.replace(to, to+size)
	s.release(to, to+size)
	s.replace(from, from+size)
	s.replace(to, to+size, moved...)
	s.forget(from, from+size)
	s.forget(to, to+size)
	return nil
}

// MovePages moves at most n of the pages that Move has left behind, from addr in [from, from+size) on. It returns the address to
// go on at, from+size when all are moved.
func (s *Space) MovePages(from, to, size, addr uint64, n int) uint64 {
	var found []uint64
	s.root.inRange(levels-1, 0, addr>>PageShift, (from+size)>>PageShift, func(vpn uint64) bool {
		found = append(found, vpn)
		return len(found) < n
	})
	for _, vpn := range found {
		slot := s.slot(vpn)
		p := *slot
		*slot = nil
		*s.slot(vpn - from>>PageShift + to>>PageShift) = p
		s.tlb.drop(vpn - from>>PageShift + to>>PageShift)
	}
	if len(found) < n {
		s.root = s.prune(s.root, levels-1, 0, from>>PageShift, (from+size)>>PageShift)
		return from + size
	}
	return (found[n-1] + 1) << PageShift
}

// PagesIn calls f for each page of [start, end) that holds bytes of its own, until f returns false; the others read as zeroes.
// f gets the page's address and must not change memory.
func (s *Space) PagesIn(start, end uint64, f func(addr uint64) bool) {
	s.root.inRange(levels-1, 0, start>>PageShift, (end+PageMask)>>PageShift, func(vpn uint64) bool { return f(vpn << PageShift) })
}

// release drops the pages of [start, end), so that they read as zeroes. To watchpoints that is a write.
func (s *Space) release(start, end uint64) {
	s.forget(start, end)
	first, last := start>>PageShift, (end+PageMask)>>PageShift
	if s.watching != nil {
		s.root.inRange(levels-1, 0, first, last, func(vpn uint64) bool {
			s.Touch(vpn<<PageShift, PageSize, AccessWrite)
			return true
		})
	}
	s.root = s.prune(s.root, levels-1, 0, first, last)
}

// prune returns the node without the pages of [first, last). Nodes that lie inside the range go as a whole.
func (s *Space) prune(n *node, level int, base, first, last uint64) *node {
	width := uint64(1) << (uint(level+1) * fanoutBits)
	if n == nil || base >= last || base+width <= first {
		return n
	}
	if level == 0 {
		from, to := max(first, base)-base, min(last, base+width)-base
		gone := 0
		for _, p := range n.pages[from:to] {
			if p != nil {
				gone++
			}
		}
		s.pages -= gone
		switch {
		case to-from == fanout:
			return nil
		case gone > 0:
			n = s.ownNode(n, level)
			clear(n.pages[from:to])
		}
		if *n.pages == [fanout]*Page{} { // a guest that maps ever other addresses must leave no tables behind
			return nil
		}
		return n
	}
	kid := width / fanout
	for i := range n.kids {
		was := n.kids[i]
		if is := s.prune(was, level-1, base+uint64(i)*kid, first, last); is != was {
			n = s.ownNode(n, level)
			n.kids[i] = is
		}
	}
	if base >= first && base+width <= last || *n.kids == [fanout]*node{} {
		return nil
	}
	return n
}

// inRange calls f for each page that exists with first ≤ vpn < last, until f returns false; it says whether f never did.
func (n *node) inRange(level int, base, first, last uint64, f func(vpn uint64) bool) bool {
	if n == nil {
		return true
	}
	width := uint64(1) << (uint(level) * fanoutBits)
	from := uint64(0)
	if first > base {
		from = (first - base) / width
	}
	for i := from; i < fanout; i++ {
		at := base + i*width
		if at >= last {
			return true
		}
		if level == 0 {
			if n.pages[i] != nil && !f(at) {
				return false
			}
		} else if k := n.kids[i]; k != nil && !k.inRange(level-1, at, first, last, f) {
			return false
		}
	}
	return true
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
