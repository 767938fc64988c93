package memory

import "slices"

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

// charge is what an area counts towards the memory limit: all that can be written.
func (a Area) charge() uint64 {
	if a.Prot&Write == 0 {
		return 0
	}
	return a.Len()
}

// index returns the position of the first area that ends above addr.
func (s *Space) index(addr uint64) int {
	i, _ := slices.BinarySearchFunc(s.areas, addr, func(a Area, addr uint64) int {
		if a.End <= addr {
			return -1
		}
		return 1
	})
	return i
}

// Find returns the area that holds addr.
func (s *Space) Find(addr uint64) (Area, bool) {
	if i := s.index(addr); i < len(s.areas) && s.areas[i].Start <= addr {
		return s.areas[i], true
	}
	return Area{}, false
}

// Areas returns all areas in address order. The caller must not change the slice.
func (s *Space) Areas() []Area { return s.areas }

// replace puts the areas of with in the place of everything mapped in [start, end), splitting what straddles the ends.
// The slice is made anew: snapshots share the old one.
func (s *Space) replace(start, end uint64, with ...Area) {
	out := make([]Area, 0, len(s.areas)+len(with)+2)
	i := s.index(start)
	out = append(out, s.areas[:i]...)
	var tail []Area
	for ; i < len(s.areas) && s.areas[i].Start < end; i++ {
		a := s.areas[i]
		s.charged -= a.charge()
		if a.Start < start {
			l := a
			l.End = start
			s.charged += l.charge()
			out = append(out, l)
		}
		if a.End > end {
			r := a.from(end)
			s.charged += r.charge()
			tail = append(tail, r)
		}
	}
	for _, a := range with {
		s.charged += a.charge()
		out = append(out, a)
	}
	out = append(out, tail...)
	out = append(out, s.areas[i:]...)
	s.areas = mergeAreas(out)
}

// mergeAreas joins neighbours that differ in nothing but their addresses, so that a heap that grows piece by piece stays
// one area, as in Linux.
func mergeAreas(in []Area) []Area {
	out := in[:0]
	for _, a := range in {
		if n := len(out); n > 0 {
			p := &out[n-1]
			if p.End == a.Start && p.Prot == a.Prot && p.Name == a.Name && p.Shared == a.Shared && p.GrowsDown == a.GrowsDown &&
				p.File == a.File && p.Sealed == a.Sealed && (!a.mapsFile() || p.Offset+p.Len() == a.Offset) {
				p.End = a.End
				continue
			}
		}
		out = append(out, a)
	}
	return out
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
