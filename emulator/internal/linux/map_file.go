package linux

import (
	"bytes"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// A mapping is a file as mmap sees it.
type mapping struct {
	vfs.Mapping
	// ReadAt fills b from the offset on; it returns less at the end of the file.
	ReadAt func(b []byte, off int64) (int, error)
	// Data returns where in [off, off+size) the file has data, holes left out.
	Data func(off, size int64) []vfs.Extent
}

// mapFile returns what a mapping of fd with the permissions reads from: EBADF, EACCES, ENODEV where mmap fails so.
func (k *Kernel) mapFile(fd int, prot, flags uint64) (mapping, error) {
	m, err := k.files.Map(fd, flags&MAP_TYPE != MAP_PRIVATE, prot&uint64(memory.Write) != 0)
	if err != nil {
		return mapping{}, err
	}
	return mapping{m,
		func(b []byte, off int64) (int, error) { return k.files.ReadAt(fd, b, off) },
		func(off, size int64) []vfs.Extent { return k.files.Data(fd, off, size) }}, nil
}

// sharedFiles keeps shared mappings and the files behind them alike (vfs.Mapper). A page of memory belongs to one address
// and a file to none, so a mapping has bytes of its own; they meet those of the file whenever somebody could tell that they
// differ: a call that reads or writes the range of the file, msync, munmap, the end of the process.
type sharedFiles struct{ k *Kernel }

// A part is a piece of a shared mapping.
type part struct {
	addr, size uint64
	off        int64 // in the file
	sealed     bool
}

// parts returns, in the order of their addresses, the pieces of mappings that show bytes of [off, off+size) of the file.
func (s sharedFiles) parts(file vfs.ID, off, size int64) (list []part) {
	for a := range s.k.Mem.AreasFrom(0) {
		if a.File != uint64(file) {
			continue
		}
		from, to := max(off, int64(a.Offset)), min(off+size, int64(a.Offset+a.Len()))
		if from < to {
			list = append(list, part{a.Start + uint64(from) - a.Offset, uint64(to - from), from, a.Sealed})
		}
	}
	return list
}

// Collect writes what differs from the file in any mapping that could have been written, byte by byte, so that two mappings
// of the same page do not undo each other.
func (s sharedFiles) Collect(file vfs.ID, off, size int64) {
	c := s.collecting(file, off, size)
	for !c.step() {
	}
}

// A collector does Collect in slices. It looks only at pages that hold bytes of their own: the file has zeroes where a mapping
// of it has none.
type collector struct {
	sharedFiles
	file      vfs.ID
	off, size int64
	begun     bool
	parts     []part
	at        int64  // in the file: the page to go on with
	run       []byte // what the file is to hold from runAt on, of adjacent pages that differ
	runAt     int64
	first     int // where the first byte that differs is in run, and the last one
	last      int
	err       error // the first one
}

func (s sharedFiles) collecting(file vfs.ID, off, size int64) *collector {
	start := off &^ memory.PageMask
	return &collector{sharedFiles: s, file: file, off: start, size: min(size, 1<<62) + off - start, at: start}
}

func (c *collector) step() (done bool) {
	c.k.prepareFiles()
	if !c.begun {
		c.begun = true
		c.parts = c.sharedFiles.parts(c.file, c.off, c.size)
		if !slices.ContainsFunc(c.parts, func(p part) bool { return !p.sealed }) {
			return true
		}
	}
	defer c.flush()
	for work := 0; work < sliceSteps; work += len(c.parts) + sliceSteps/slicePages {
		at, ok := c.next()
		if !ok {
			return true
		}
		c.page(at)
		c.at = at + memory.PageSize
	}
	return false
}

// next returns the lowest offset in the file, from c.at on, whose page a mapping holds bytes of.
func (c *collector) next() (at int64, ok bool) {
	for _, p := range c.parts {
		from, end := max(p.off, c.at), p.off+int64(p.size)
		if ok {
			end = min(end, at)
		}
		if p.sealed || from >= end {
			continue
		}
		start := p.addr - uint64(p.off)
		c.k.Mem.PagesIn(start+uint64(from), start+uint64(end), func(addr uint64) bool {
			at, ok = int64(addr-start), true
			return false
		})
	}
	return at, ok
}

// page collects the page of the file at at.
func (c *collector) page(at int64) {
	var was, now, seen [memory.PageSize]byte
	n, err := c.k.files.LoadMapped(c.file, was[:], at)
	if err != nil {
		c.fail(err)
		return
	}
	now = was
	first, last := n, -1 // bytes stored past the end of the file are lost
	for _, p := range c.parts {
		if p.sealed || at < p.off || at >= p.off+int64(p.size) {
			continue
		}
		c.k.Mem.Peek(seen[:n], p.addr+uint64(at-p.off))
		if bytes.Equal(seen[:n], was[:n]) {
			continue
		}
		for i, b := range seen[:n] {
			if b != was[i] {
				now[i] = b
				first, last = min(first, i), max(last, i)
			}
		}
	}
	if first > last {
		return
	}
	if at != c.runAt+int64(len(c.run)) || len(c.run) >= sliceBytes {
		c.flush()
	}
	if len(c.run) == 0 {
		c.runAt, c.first = at, first
	}
	c.last = len(c.run) + last
	c.run = append(c.run, now[:n]...)
}

// flush stores what has been collected.
func (c *collector) flush() {
	if len(c.run) == 0 {
		return
	}
	off, b := c.runAt+int64(c.first), c.run[c.first:c.last+1]
	if _, err := c.k.files.StoreMapped(c.file, b, off); err != nil {
		c.fail(err)
	} else if len(c.parts) > 1 {
		c.Spread(c.file, off, int64(len(b)))
	}
	c.run = c.run[:0]
}

func (c *collector) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// Spread stores what the file holds where mappings show something else.
func (s sharedFiles) Spread(file vfs.ID, off, size int64) {
	for _, p := range s.parts(file, off, size) {
		for done := uint64(0); done < p.size; {
			addr := p.addr + done
			n := min(memory.PageSize-addr&memory.PageMask, p.size-done)
			s.show(file, p.off+int64(done), addr, n)
			done += n
		}
	}
}

// show makes the n bytes at addr, all in one page, what the file holds from off on.
func (s sharedFiles) show(file vfs.ID, off int64, addr, n uint64) {
	var page, seen [memory.PageSize]byte
	got, _ := s.k.files.LoadMapped(file, page[:n], off)
	clear(page[got:])
	if s.k.Mem.Peek(seen[:n], addr); !bytes.Equal(page[:n], seen[:n]) {
		s.k.Mem.Poke(page[:n], addr)
	}
}

// Zero makes what mappings show of the range zeroes, for there are none but zeroes in the file. Whole pages are given back.
func (s sharedFiles) Zero(file vfs.ID, off, size int64) {
	var zeroes [memory.PageSize]byte
	for _, p := range s.parts(file, off, size) {
		end := p.addr + p.size
		low, high := min(pageUp(p.addr), end), end&^uint64(memory.PageMask)
		s.k.Mem.Poke(zeroes[:low-p.addr], p.addr)
		if low < high {
			s.k.Mem.Discard(low, high-low)
		}
		if high >= low {
			s.k.Mem.Poke(zeroes[:end-high], high)
		}
	}
}

// writingBack puts into their files what was stored through the shared mappings in [addr, addr+size). failed, if it is not nil,
// becomes EIO if a file cannot take it.
func (k *Kernel) writingBack(addr, size uint64, failed *error) stepFunc {
	var list []*collector
	listed := false
	return func() bool {
		if !listed && len(k.mm.shared) > 0 && size > 0 {
			for a := range k.Mem.AreasFrom(addr) {
				from, to := max(a.Start, addr), min(a.End, addr+size)
				if from >= to {
					break
				}
				if a.File != 0 {
					list = append(list, sharedFiles{k}.collecting(vfs.ID(a.File), int64(a.Offset+from-a.Start), int64(to-from)))
				}
			}
		}
		listed = true
		if len(list) == 0 {
			return true
		}
		if c := list[0]; c.step() {
			if list = list[1:]; c.err != nil && failed != nil {
				*failed = errno.EIO
			}
		}
		return len(list) == 0
	}
}

// writeBack is writingBack all at once.
func (k *Kernel) writeBack(addr, size uint64) {
	for s := k.writingBack(addr, size, nil); !s(); {
	}
}

// gathering puts into the file what was stored through any shared mapping of it. It is to be done before there is another
// mapping, whose zeroes would be taken for stores.
func (k *Kernel) gathering(file vfs.ID) stepFunc {
	c := sharedFiles{k}.collecting(file, 0, 1<<62)
	return func() bool { return len(k.mm.shared) == 0 || file == 0 || c.step() }
}

// fillingShared fills a new area if it is a shared mapping of a file.
func (k *Kernel) fillingShared(a memory.Area) stepFunc {
	file := vfs.ID(a.File)
	if file == 0 {
		return func() bool { return true }
	}
	return k.filling(k.files.DataMapped(file, int64(a.Offset), int64(a.Len())), func(off int64) {
		sharedFiles{k}.show(file, off, a.Start+uint64(off)-a.Offset, memory.PageSize)
	})
}

// share notes that there is a shared mapping of the file.
func (k *Kernel) share(file vfs.ID) {
	if i, ok := slices.BinarySearch(k.mm.shared, file); !ok {
		k.mm.shared = slices.Insert(k.mm.shared, i, file)
		k.files.Hold(file)
	}
}

// unshare lets go of files of which no shared mapping is left.
func (k *Kernel) unshare() {
	if len(k.mm.shared) == 0 {
		return
	}
	mapped := map[uint64]bool{}
	for a := range k.Mem.AreasFrom(0) {
		if a.File != 0 {
			mapped[a.File] = true
		}
	}
	k.mm.shared = slices.DeleteFunc(k.mm.shared, func(file vfs.ID) bool {
		if mapped[uint64(file)] {
			return false
		}
		k.files.Unhold(file)
		return true
	})
}
