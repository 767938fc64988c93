package memory

import (
	"iter"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
)

// Prot is a set of permissions, with the bits of mmap's PROT_ flags.
type Prot uint8

// The permissions, as in include/uapi/asm-generic/mman-common.h.
const (
	Read  Prot = 1
	Write Prot = 2
	Exec  Prot = 4
)

// String renders the permissions as /proc/self/maps does, without the sharing letter.
func (p Prot) String() string {
	b := []byte("---")
	for i, c := range "rwx" {
		if p&(1<<i) != 0 {
			b[i] = byte(c)
		}
	}
	return string(b)
}

// An Area is a run of pages with the same permissions and name: what Linux calls a VMA. Addresses are in bytes and page
// aligned; End is exclusive.
type Area struct {
	Start, End uint64
	Prot       Prot
	// Name is what /proc/self/maps shows: a path, "[stack]", "[heap]" or nothing.
	Name string
	// Offset is the offset in bytes into the file behind the area, for /proc/self/maps.
	Offset uint64
	// GrowsDown marks the main stack (MAP_GROWSDOWN).
	GrowsDown bool
	// Shared marks MAP_SHARED; with one process it differs from a private area only where a file is behind it.
	Shared bool
	// File numbers the file whose bytes the area shares; 0 is none. The space only keeps it apart from others.
	File uint64
	// Sealed says that mprotect may never make the area writable, because its file is not open for writing.
	Sealed bool
	// Accounted says that the area can hold pages of the guest's making: it is or was writable, or mmap copied a file into
	// it. As in Linux (VM_ACCOUNT), taking the permission to write away gives nothing back.
	Accounted bool
}

// Len returns the size of the area in bytes.
func (a Area) Len() uint64 { return a.End - a.Start }

// from returns the part of the area at and above addr.
func (a Area) from(addr uint64) Area {
	if addr <= a.Start {
		return a
	}
	if a.mapsFile() {
		a.Offset += addr - a.Start
	}
	a.Start = addr
	return a
}

func (a Area) mapsFile() bool { return a.File != 0 || len(a.Name) > 0 && a.Name[0] == '/' }

// charge is what an area counts towards the memory limit: its length if it can hold pages, and the price of its record.
func (a Area) charge() uint64 {
	if !a.Accounted {
		return account.Record
	}
	return account.Area + a.Len() + a.Len()>>PageShift*account.PerPage
}

// continues says whether b goes on where a ends and differs in nothing but its addresses, so that the two are one area: a heap
// that grows piece by piece stays one, as in Linux.
func (a Area) continues(b Area) bool {
	return a.End == b.Start && a.Prot == b.Prot && a.Name == b.Name && a.Shared == b.Shared && a.GrowsDown == b.GrowsDown &&
		a.File == b.File && a.Sealed == b.Sealed && a.Accounted == b.Accounted && (!b.mapsFile() || a.Offset+a.Len() == b.Offset)
}

// Find returns the area that holds addr.
func (s *Space) Find(addr uint64) (Area, bool) {
	if at := s.areas.index(addr); s.areas.within(at) && s.areas.at(at).Start <= addr {
		return *s.areas.at(at), true
	}
	return Area{}, false
}

// AreasFrom walks over the areas that end above addr, in address order. The space must not be changed meanwhile.
func (s *Space) AreasFrom(addr uint64) iter.Seq[Area] {
	return func(yield func(Area) bool) {
		for at := s.areas.index(addr); s.areas.within(at); at = s.areas.next(at) {
			if !yield(*s.areas.at(at)) {
				return
			}
		}
	}
}

// Areas returns a copy of all areas in address order.
func (s *Space) Areas() []Area { return slices.Collect(s.AreasFrom(0)) }

// CountAreas returns how many areas there are.
func (s *Space) CountAreas() int { return s.areas.count }

// AreaMoves returns how many areas have been copied so far from one place in the host's memory to another, because others came
// or went: what changes of the list have cost.
func (s *Space) AreaMoves() uint64 { return s.areas.moved }

// replace puts the areas of with in the place of everything mapped in [start, end), splitting what straddles the ends and
// joining neighbours that can be one. If that made more than MaxAreas it changes nothing and reports ErrNoMemory.
func (s *Space) replace(start, end uint64, with ...Area) error {
	first := s.areas.index(start)
	var list []Area // what takes the place of n areas from first on
	charged := s.charged
	n := 0
	put := func(a Area) {
		if last := len(list) - 1; last >= 0 && list[last].continues(a) {
			list[last].End = a.End
		} else {
			list = append(list, a)
		}
	}
	if before, ok := s.areas.previous(first); ok && len(with) > 0 && s.areas.at(before).continues(with[0]) {
		first, n = before, 1
		charged -= s.areas.at(before).charge()
		put(*s.areas.at(before))
	}
	var right Area
	at := first
	for range n {
		at = s.areas.next(at)
	}
	for ; s.areas.within(at) && s.areas.at(at).Start < end; at = s.areas.next(at) {
		a := *s.areas.at(at)
		n++
		charged -= a.charge()
		if a.Start < start {
			left := a
			left.End = start
			put(left)
		}
		if a.End > end {
			right = a.from(end)
		}
	}
	for _, a := range with {
		put(a)
	}
	if right.End != 0 {
		put(right)
	} else if last := len(list) - 1; last >= 0 && s.areas.within(at) && list[last].continues(*s.areas.at(at)) {
		charged -= s.areas.at(at).charge()
		list[last].End = s.areas.at(at).End
		n++
	}
	for _, a := range list {
		charged += a.charge()
	}
	if grown := len(list) - n; grown > 0 && s.areas.count+grown > MaxAreas {
		return ErrNoMemory
	}
	s.charged = charged
	s.areas.splice(s.epoch, first, n, list)
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
		return s.areas.freeBelow(low, high, size)
	}
	at := low
	for a := range s.AreasFrom(low) {
		if a.Start > at && a.Start-at >= size || a.Start >= high || at > high || high-at < size {
			break
		}
		at = max(at, a.End)
	}
	return at, at <= high && high-at >= size
}
