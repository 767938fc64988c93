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
}

// mapFile returns what a mapping of fd with the permissions reads from: EBADF, EACCES, ENODEV where mmap fails so.
func (k *Kernel) mapFile(fd int, prot, flags uint64) (mapping, error) {
	m, err := k.files.Map(fd, flags&MAP_TYPE != MAP_PRIVATE, prot&uint64(memory.Write) != 0)
	if err != nil {
		return mapping{}, err
	}
	return mapping{m, func(b []byte, off int64) (int, error) { return k.files.ReadAt(fd, b, off) }}, nil
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
	for _, a := range s.k.Mem.Areas() {
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

// piece is how many bytes of a file are compared at once.
const piece = 1 << 20

// Collect writes what differs from the file in any mapping that could have been written, byte by byte, so that two mappings
// of the same page do not undo each other.
func (s sharedFiles) Collect(file vfs.ID, off, size int64) { s.collect(file, off, size) }

func (s sharedFiles) collect(file vfs.ID, off, size int64) (err error) {
	parts := s.parts(file, off, size)
	if !slices.ContainsFunc(parts, func(p part) bool { return !p.sealed }) {
		return nil
	}
	low, high := parts[0].off, int64(0)
	for _, p := range parts {
		low, high = min(low, p.off), max(high, p.off+int64(p.size))
	}
	for ; low < high && err == nil; low += piece {
		err = s.collectPiece(file, parts, low, min(high-low, piece))
	}
	return err
}

// collectPiece is collect for at most piece bytes.
func (s sharedFiles) collectPiece(file vfs.ID, parts []part, off, size int64) error {
	was := make([]byte, size)
	n, err := s.k.files.LoadMapped(file, was, off)
	if err != nil {
		return err
	}
	was = was[:n] // what is stored behind the end of the file is lost
	now, first, last := slices.Clone(was), n, 0
	seen := make([]byte, memory.PageSize)
	for _, p := range parts {
		for at := max(p.off, off); !p.sealed && at < min(p.off+int64(p.size), off+int64(n)); {
			addr := p.addr + uint64(at-p.off)
			i, size := int(at-off), min(memory.PageSize-int64(addr&memory.PageMask), p.off+int64(p.size)-at, off+int64(n)-at)
			s.k.Mem.Peek(seen[:size], addr)
			if old := was[i:][:size]; !bytes.Equal(seen[:size], old) {
				for j, b := range seen[:size] {
					if b != old[j] {
						now[i+j] = b
						first, last = min(first, i+j), max(last, i+j)
					}
				}
			}
			at += size
		}
	}
	if first > last {
		return nil
	}
	if _, err := s.k.files.StoreMapped(file, now[first:last+1], off+int64(first)); err != nil {
		return err
	}
	if len(parts) > 1 {
		s.Spread(file, off+int64(first), int64(last-first+1))
	}
	return nil
}

// Spread stores what the file holds where mappings show something else.
func (s sharedFiles) Spread(file vfs.ID, off, size int64) {
	var page, seen [memory.PageSize]byte
	for _, p := range s.parts(file, off, size) {
		for done := uint64(0); done < p.size; {
			addr := p.addr + done
			n := min(memory.PageSize-addr&memory.PageMask, p.size-done)
			got, _ := s.k.files.LoadMapped(file, page[:n], p.off+int64(done))
			clear(page[got:])
			if s.k.Mem.Peek(seen[:n], addr); !bytes.Equal(page[:n], seen[:n]) {
				s.k.Mem.Poke(page[:n], addr)
			}
			done += n
		}
	}
}

// writeBack puts into their files what was stored through the shared mappings in [addr, addr+size): EIO if a file cannot
// take it.
func (k *Kernel) writeBack(addr, size uint64) error {
	if len(k.mm.shared) == 0 {
		return nil
	}
	k.prepareFiles()
	var failed error
	for _, a := range slices.Clone(k.Mem.Areas()) {
		from, to := max(a.Start, addr), min(a.End, addr+size)
		if a.File == 0 || from >= to {
			continue
		}
		if (sharedFiles{k}).collect(vfs.ID(a.File), int64(a.Offset+from-a.Start), int64(to-from)) != nil {
			failed = errno.EIO
		}
	}
	return failed
}

// gather puts into the file what was stored through any shared mapping of it. It is to be called before there is another
// mapping, whose zeroes would be taken for stores.
func (k *Kernel) gather(file vfs.ID) {
	if len(k.mm.shared) > 0 && file != 0 {
		k.prepareFiles()
		sharedFiles{k}.Collect(file, 0, 1<<62)
	}
}

// fillShared fills a new area if it is a shared mapping of a file.
func (k *Kernel) fillShared(a memory.Area) {
	if a.File != 0 {
		sharedFiles{k}.Spread(vfs.ID(a.File), int64(a.Offset), int64(a.Len()))
	}
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
	k.mm.shared = slices.DeleteFunc(k.mm.shared, func(file vfs.ID) bool {
		if slices.ContainsFunc(k.Mem.Areas(), func(a memory.Area) bool { return a.File == uint64(file) }) {
			return false
		}
		k.files.Unhold(file)
		return true
	})
}
