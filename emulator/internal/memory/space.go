// Package memory is the guest's address space: sparse 4 KiB pages with permissions, copied on write so that a snapshot
// costs nothing but a new epoch.
package memory

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
)

// Access is a way of touching memory.
type Access uint8

// The ways of touching memory.
const (
	AccessRead Access = iota
	AccessWrite
	AccessExec
)

func (a Access) String() string { return [...]string{"read", "write", "execute"}[a] }

func (a Access) prot() Prot { return [...]Prot{Read, Write, Exec}[a] }

// A Fault is an access that the guest's mappings forbid: what the MMU reports as #PF.
type Fault struct {
	Addr   uint64
	Access Access
	// Mapped says that the page is mapped but forbids the access (SEGV_ACCERR); else nothing is there (SEGV_MAPERR).
	Mapped bool
}

func (f *Fault) Error() string {
	why := "not mapped"
	if f.Mapped {
		why = "not permitted"
	}
	return fmt.Sprintf("%s at %#x: %s", f.Access, f.Addr, why)
}

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

// A Watch asks for news of accesses to [Addr, Addr+Len).
type Watch struct {
	Addr, Len uint64
	Kinds     Prot // Read, Write or both
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

// FindFree returns the lowest address at or above low, or the highest below high when down is set, where size bytes are
// free; ok is false when there is none. size is in bytes, rounded up to pages.
func (s *Space) FindFree(low, high, size uint64, down bool) (addr uint64, ok bool) {
	size = (size + PageMask) &^ uint64(PageMask)
	if size == 0 || high < low || size > high-low {
		return 0, false
	}
	if down {
		top := high
		for i := len(s.areas) - 1; i >= -1; i-- {
			bottom := low
			if i >= 0 {
				bottom = max(low, s.areas[i].End)
			}
			if top >= bottom && top-bottom >= size {
				return top - size, true
			}
			if i >= 0 {
				top = min(top, s.areas[i].Start)
			}
			if top < low+size {
				return 0, false
			}
		}
		return 0, false
	}
	at := low
	for i := s.index(low); i < len(s.areas); i++ {
		a := s.areas[i]
		if a.Start >= high {
			break
		}
		if a.Start > at && a.Start-at >= size {
			return at, true
		}
		at = max(at, a.End)
	}
	return at, at <= high && high-at >= size
}

// release drops the pages of [start, end), so that they read as zeroes.
func (s *Space) release(start, end uint64) {
	s.forget(start, end)
	s.root.inRange(levels-1, 0, start>>PageShift, (end+PageMask)>>PageShift, func(vpn uint64) {
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
	p.summed = false
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
		h.Write([]byte(a.Name + "\x00"))
	}
	s.tlb.FlushWrite() // a cached digest must not outlive a write through the TLB
	s.root.walk(levels-1, 0, func(vpn uint64, p *Page) {
		if !p.summed {
			if p.Data == zeroPage.Data {
				p.sum = [sha256.Size]byte{}
			} else {
				p.sum = sha256.Sum256(p.Data[:])
			}
			p.summed = true
		}
		if p.sum != [sha256.Size]byte{} {
			word(vpn)
			h.Write(p.sum[:])
		}
	})
}
