package linux

import (
	"bytes"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// Flags of mmap and mremap (include/uapi/asm-generic/mman-common.h).
const (
	MAP_SHARED          = 1
	MAP_PRIVATE         = 2
	MAP_TYPE            = 0xf
	MAP_FIXED           = 0x10
	MAP_ANONYMOUS       = 0x20
	MAP_GROWSDOWN       = 0x100
	MAP_FIXED_NOREPLACE = 0x100000

	MREMAP_MAYMOVE   = 1
	MREMAP_FIXED     = 2
	MREMAP_DONTUNMAP = 4
)

// Where mappings go that ask for no place: downwards from below the largest stack, as without randomisation
// (mmap_base in arch/x86/mm/mmap.c: a gap of the stack's limit, at least 128 MiB, below the top).
const (
	mapLow  = 0x10000 // vm.mmap_min_addr
	mapHigh = memory.MaxAddr - 128<<20
)

// addressSpace is what the kernel knows of the guest's memory beside the mappings themselves.
type addressSpace struct {
	brk    brkRange
	shared []vfs.ID // the files of which there are shared mappings, in order
}

// A brkRange is the heap of brk: from its start to the present break, in bytes.
type brkRange struct{ start, end uint64 }

func pageUp(n uint64) uint64 { return (n + memory.PageMask) &^ uint64(memory.PageMask) }

func sysMmap(k *Kernel, t *Thread, a args) (uint64, error) {
	addr, size, prot, flags, fd, offset := a[0], a[1], a[2], a[3], a.fd(4), a[5]
	switch {
	case size == 0 || offset&memory.PageMask != 0:
		return 0, errno.EINVAL
	case size > memory.MaxAddr:
		return 0, errno.ENOMEM
	case flags&MAP_TYPE != MAP_SHARED && flags&MAP_TYPE != MAP_PRIVATE && flags&MAP_TYPE != 3:
		return 0, errno.EINVAL
	}
	size = pageUp(size)
	area := memory.Area{Prot: memory.Prot(prot & 7), Shared: flags&MAP_TYPE != MAP_PRIVATE, Offset: offset}
	var file mapping
	if flags&MAP_ANONYMOUS == 0 {
		var err error
		if file, err = k.mapFile(fd, prot, flags); err != nil {
			return 0, err
		}
		area.Name, area.File, area.Sealed = file.Path, uint64(file.File), file.Sealed
		area.Accounted = true // a mapping of a file is a copy of its bytes
	} else {
		area.Offset = 0
	}
	at, err := k.place(addr, size, flags)
	if err != nil {
		return 0, err
	}
	area.Start, area.End = at, at+size
	if flags&MAP_ANONYMOUS != 0 && len(k.mm.shared) == 0 { // as most are
		if k.Mem.Map(area) != nil {
			return 0, errno.ENOMEM
		}
		return at, nil
	}
	result := func() (uint64, error) {
		k.unshare()
		if err != nil {
			return 0, err
		}
		return at, nil
	}
	fill := func() bool { return true }
	return k.inSteps(t, result, k.writingBack(at, size, nil), k.gathering(file.File), once(func() {
		switch {
		case k.Mem.Map(area) != nil:
			err = errno.ENOMEM
		case file.File != 0:
			k.share(file.File)
			fill = k.fillingShared(area)
		case file.ReadAt != nil:
			fill = k.fillingFrom(file, at, size, int64(offset))
		}
	}), func() bool { return fill() })
}

// fillingFrom copies a file's bytes from offset on into fresh pages. Holes and pages of zeroes are left untouched.
func (k *Kernel) fillingFrom(file mapping, at, size uint64, offset int64) stepFunc {
	var page [memory.PageSize]byte
	return k.filling(file.Data(offset, int64(size)), func(off int64) {
		n, _ := file.ReadAt(page[:], off)
		if b := page[:n]; len(bytes.Trim(b, "\x00")) > 0 {
			k.Mem.Poke(b, at+uint64(off-offset))
		}
	})
}

// filling calls page for the offset of each page of the extents, all of which begin with one.
func (k *Kernel) filling(data []vfs.Extent, page func(off int64)) stepFunc {
	return func() bool {
		for n := 0; len(data) > 0; n++ {
			if n == slicePages {
				return false
			}
			e := &data[0]
			page(e.Off)
			e.Off += memory.PageSize
			if e.Size -= memory.PageSize; e.Size <= 0 {
				data = data[1:]
			}
		}
		return true
	}
}

// place returns the address for a mapping of size bytes.
func (k *Kernel) place(addr, size, flags uint64) (uint64, error) {
	if flags&(MAP_FIXED|MAP_FIXED_NOREPLACE) != 0 {
		switch {
		case addr&memory.PageMask != 0:
			return 0, errno.EINVAL
		case addr >= memory.MaxAddr || size > memory.MaxAddr-addr:
			return 0, errno.ENOMEM
		case addr < mapLow:
			return 0, errno.EPERM
		case flags&MAP_FIXED == 0:
			if at, ok := k.Mem.FindFree(addr, addr+size, size, false); !ok || at != addr {
				return 0, errno.EEXIST
			}
		}
		return addr, nil
	}
	if hint := addr &^ uint64(memory.PageMask); hint >= mapLow && hint < memory.MaxAddr && size <= memory.MaxAddr-hint {
		if at, ok := k.Mem.FindFree(hint, hint+size, size, false); ok && at == hint {
			return hint, nil
		}
	}
	at, ok := k.Mem.FindFree(mapLow, mapHigh, size, true)
	if !ok {
		return 0, errno.ENOMEM
	}
	return at, nil
}

// inUser checks a page-aligned range of user memory and returns its size in whole pages.
func inUser(addr, size uint64) (uint64, error) {
	if addr&memory.PageMask != 0 {
		return 0, errno.EINVAL
	}
	if addr >= memory.MaxAddr || size > memory.MaxAddr-addr {
		return 0, errno.ENOMEM
	}
	return pageUp(size), nil
}

func sysMunmap(k *Kernel, t *Thread, a args) (uint64, error) {
	size, err := inUser(a[0], a[1])
	if err != nil || size == 0 {
		return 0, errno.EINVAL
	}
	if len(k.mm.shared) == 0 {
		return 0, k.unmap(a[0], size)
	}
	return k.inSteps(t, func() (uint64, error) { return 0, k.unmap(a[0], size) }, k.writingBack(a[0], size, nil))
}

// unmap removes the mappings in [addr, addr+size). What was stored in shared ones must be in their files.
func (k *Kernel) unmap(addr, size uint64) error {
	if k.Mem.Unmap(addr, size) != nil {
		return errno.ENOMEM
	}
	k.unshare()
	return nil
}

// Permissions that mprotect takes besides those of memory.Prot.
const (
	PROT_SEM       = 8
	PROT_GROWSDOWN = 0x01000000
)

func sysMprotect(k *Kernel, t *Thread, a args) (uint64, error) {
	addr, prot := a[0], a[2]&^PROT_GROWSDOWN
	size, err := inUser(addr, a[1])
	if err != nil {
		return 0, err
	}
	if prot&^(7|PROT_SEM) != 0 {
		return 0, errno.EINVAL
	}
	if a[2]&PROT_GROWSDOWN != 0 && size != 0 {
		area, ok := k.Mem.Find(addr)
		if !ok {
			return 0, errno.ENOMEM
		}
		if !area.GrowsDown {
			return 0, errno.EINVAL
		}
		size += addr - area.Start
		addr = area.Start
	}
	if prot&uint64(memory.Write) != 0 && k.sealed(addr, size) {
		return 0, errno.EACCES
	}
	if size != 0 && k.Mem.Protect(addr, size, memory.Prot(prot&7)) != nil {
		return 0, errno.ENOMEM
	}
	return 0, nil
}

// sealed says whether the range has a mapping that may not become writable.
func (k *Kernel) sealed(addr, size uint64) bool {
	for a := range k.Mem.AreasFrom(addr) {
		if a.Start >= addr+size {
			break
		}
		if a.Sealed {
			return true
		}
	}
	return false
}

// Advice of madvise (include/uapi/asm-generic/mman-common.h).
const (
	MADV_REMOVE          = 9
	MADV_DONTNEED        = 4
	MADV_FREE            = 8
	MADV_DONTNEED_LOCKED = 24
	madvLast             = 25 // MADV_COLLAPSE
)

func sysMadvise(k *Kernel, t *Thread, a args) (uint64, error) {
	advice := a.int32(2)
	if advice < 0 || advice > madvLast || advice > MADV_DONTNEED && advice < MADV_FREE {
		return 0, errno.EINVAL
	}
	size, err := inUser(a[0], a[1])
	if err != nil || size == 0 {
		return 0, err
	}
	end := a[0] + size
	switch advice {
	case MADV_DONTNEED, MADV_FREE, MADV_DONTNEED_LOCKED:
		for area := range k.Mem.AreasFrom(a[0]) {
			from, to := max(area.Start, a[0]), min(area.End, end)
			if from >= to {
				break
			}
			switch {
			case !backed(area):
				k.Mem.Discard(from, to-from)
			case advice == MADV_FREE:
				return 0, errno.EINVAL
			}
		}
	case MADV_REMOVE:
		return 0, errno.EINVAL
	}
	if !k.mapped(a[0], size) {
		return 0, errno.ENOMEM // what was mapped has been done
	}
	return 0, nil
}

// backed says whether the area holds a file's bytes, which discarding would lose: the file is not read again.
func backed(a memory.Area) bool { return a.File != 0 || len(a.Name) > 0 && a.Name[0] == '/' }

// mapped says whether every page of the range is mapped.
func (k *Kernel) mapped(addr, size uint64) bool {
	at := addr
	for a := range k.Mem.AreasFrom(addr) {
		if at >= addr+size || a.Start > at {
			break
		}
		at = a.End
	}
	return at >= addr+size
}

func sysMremap(k *Kernel, t *Thread, a args) (uint64, error) {
	from, flags, to := a[0], a[3], a[4]
	old, err := inUser(from, a[1])
	if err != nil || old == 0 || a[2] == 0 || flags&^(MREMAP_MAYMOVE|MREMAP_FIXED) != 0 {
		return 0, errno.EINVAL
	}
	if a[2] > memory.MaxAddr {
		return 0, errno.ENOMEM
	}
	size := pageUp(a[2])
	area, ok := k.Mem.Find(from)
	if !ok || area.End < from+old {
		return 0, errno.EFAULT
	}
	if flags&MREMAP_FIXED != 0 {
		if _, err := inUser(to, size); err != nil || flags&MREMAP_MAYMOVE == 0 || to < from+old && from < to+size {
			return 0, errno.EINVAL
		}
		return k.moveTo(t, area, from, old, to, size)
	}
	if size <= old {
		if size == old {
			return from, nil
		}
		result := func() (uint64, error) { return from, k.unmap(from+size, old-size) }
		return k.inSteps(t, result, k.writingBack(from+size, old-size, nil))
	}
	grown := k.grown(area, from+old, from+size)
	if at, ok := k.Mem.FindFree(grown.Start, grown.End, size-old, false); ok && at == grown.Start {
		fill := func() bool { return true }
		return k.inSteps(t, func() (uint64, error) { return from, err }, k.gathering(vfs.ID(area.File)), once(func() {
			if k.Mem.Map(grown) != nil {
				err = errno.ENOMEM
				return
			}
			fill = k.fillingShared(grown)
		}), func() bool { return fill() })
	}
	if flags&MREMAP_MAYMOVE == 0 {
		return 0, errno.ENOMEM
	}
	to, ok = k.Mem.FindFree(mapLow, mapHigh, size, true)
	if !ok {
		return 0, errno.ENOMEM
	}
	return k.moveTo(t, area, from, old, to, size)
}

// grown returns the area that goes on with a at start, which is its end or would be, to end.
func (k *Kernel) grown(a memory.Area, start, end uint64) memory.Area {
	if backed(a) {
		a.Offset += start - a.Start
	}
	a.Start, a.End = start, end
	return a
}

// moveTo moves old bytes of area from from to to and makes them size bytes. What is at to goes.
func (k *Kernel) moveTo(t *Thread, area memory.Area, from, old, to, size uint64) (uint64, error) {
	keep := min(old, size)
	var err error
	at, fill := from, func() bool { return true }
	return k.inSteps(t, func() (uint64, error) { return to, err },
		k.gathering(vfs.ID(area.File)),
		k.writingBack(from+keep, old-keep, nil),
		k.writingBack(to, size, nil),
		once(func() {
			if k.Mem.Move(from, to, keep) != nil {
				err, at = errno.ENOMEM, from+keep
				return
			}
			if old > keep {
				k.Mem.Unmap(from+keep, old-keep)
			}
			k.Mem.Unmap(to+keep, size-keep)
			if size > old {
				grown := k.grown(area, from+old, from+size)
				grown.Start, grown.End = to+old, to+size
				if k.Mem.Map(grown) != nil {
					err = errno.ENOMEM
				} else {
					fill = k.fillingShared(grown)
				}
			}
			k.unshare()
		}),
		func() bool {
			if at < from+keep {
				at = k.Mem.MovePages(from, to, keep, at, sliceSteps)
			}
			return at >= from+keep
		},
		func() bool { return fill() })
}

// SetBreak says where the heap of brk begins: behind the program's last segment, at the start of a page.
func (k *Kernel) SetBreak(addr uint64) { k.mm.brk = brkRange{pageUp(addr), pageUp(addr)} }

func sysBrk(k *Kernel, t *Thread, a args) (uint64, error) {
	b := &k.mm.brk
	if b.start == 0 || a[0] < b.start || a[0] > mapHigh {
		return b.end, nil
	}
	old, end := pageUp(b.end), pageUp(a[0])
	switch {
	case end > old:
		if at, ok := k.Mem.FindFree(old, end, end-old, false); !ok || at != old {
			return b.end, nil
		}
		if k.Mem.Map(memory.Area{Start: old, End: end, Prot: memory.Read | memory.Write, Name: "[heap]"}) != nil {
			return b.end, nil
		}
	case end < old:
		if k.Mem.Unmap(end, old-end) != nil {
			return b.end, nil
		}
	}
	b.end = a[0]
	return b.end, nil
}

// sysMincore says that every mapped page is resident.
func sysMincore(k *Kernel, t *Thread, a args) (uint64, error) {
	size, err := inUser(a[0], a[1])
	if err != nil {
		return 0, err
	}
	if size == 0 {
		return 0, nil
	}
	if !k.mapped(a[0], size) {
		return 0, errno.ENOMEM
	}
	for done, n := t.progress, size/memory.PageSize; done < n; {
		b := bytes.Repeat([]byte{1}, int(min(n-done, sliceSteps)))
		if err := k.copyOut(a[2]+done, b); err != nil {
			return 0, err
		}
		if done += uint64(len(b)); done < n && t.slice(done) {
			return 0, errSliced
		}
	}
	return 0, nil
}

func sysMsync(k *Kernel, t *Thread, a args) (uint64, error) {
	const async, sync, all = 1, 4, 7
	size, err := inUser(a[0], a[1])
	switch {
	case err != nil:
		return 0, err
	case a[2]&^all != 0 || a[2]&(async|sync) == async|sync:
		return 0, errno.EINVAL
	case !k.mapped(a[0], size):
		return 0, errno.ENOMEM
	}
	var failed error
	return k.inSteps(t, func() (uint64, error) { return 0, failed }, k.writingBack(a[0], size, &failed))
}

func nothing(k *Kernel, t *Thread, a args) (uint64, error) { return 0, nil }

func init() {
	prot := Flags(flagName{^uint64(0), 0, "PROT_NONE"}, bit(1, "PROT_READ"), bit(2, "PROT_WRITE"), bit(4, "PROT_EXEC"))
	flags := Flags(bit(MAP_SHARED, "MAP_SHARED"), bit(MAP_PRIVATE, "MAP_PRIVATE"), bit(MAP_FIXED, "MAP_FIXED"),
		bit(MAP_ANONYMOUS, "MAP_ANONYMOUS"), bit(MAP_GROWSDOWN, "MAP_GROWSDOWN"), bit(0x4000, "MAP_NORESERVE"),
		bit(0x20000, "MAP_STACK"), bit(MAP_FIXED_NOREPLACE, "MAP_FIXED_NOREPLACE"))
	register(
		partial(9, "mmap", sysMmap, "Two shared mappings of a file see each other's stores only after a call on the file, and pages beyond its end read as zeroes instead of raising SIGBUS.",
			Ptr, Size, prot, flags, FD, Hex),
		supported(10, "mprotect", sysMprotect, Ptr, Size, prot),
		supported(11, "munmap", sysMunmap, Ptr, Size),
		supported(12, "brk", sysBrk, Ptr),
		partial(25, "mremap", sysMremap, "MREMAP_DONTUNMAP is refused, and so is duplicating a shared mapping by an old size of 0.", Ptr, Size, Size, Hex, Ptr),
		supported(26, "msync", sysMsync, Ptr, Size, Hex),
		supported(27, "mincore", sysMincore, Ptr, Size, Ptr),
		partial(28, "madvise", sysMadvise, "MADV_DONTNEED and MADV_FREE both discard at once, except where a file is mapped; other advice has no effect.", Ptr, Size, Int),
		supported(325, "mlock2", nothing, Ptr, Size, Hex),
		supported(149, "mlock", nothing, Ptr, Size),
		supported(150, "munlock", nothing, Ptr, Size),
		supported(151, "mlockall", nothing, Hex),
		supported(152, "munlockall", nothing),
	)
}
