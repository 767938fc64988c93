package linux

import "github.com/rt0lab/rt0/emulator/internal/memory"

// A mapping is a file as mmap sees it.
type mapping struct {
	// Name is what /proc/self/maps shows.
	Name string
	// ReadAt fills b from the offset on; it returns less at the end of the file.
	ReadAt func(b []byte, off int64) (int, error)
}

// mapFile returns what a mapping of fd with the permissions reads from: EBADF, EACCES, ENODEV where mmap fails so. The bytes
// are copied when the mapping is made; see vfs.Map for what that excludes.
func (k *Kernel) mapFile(fd int, prot, flags uint64) (mapping, error) {
	m, err := k.files.Map(fd, flags&MAP_TYPE != MAP_PRIVATE, prot&uint64(memory.Write) != 0)
	if err != nil {
		return mapping{}, err
	}
	return mapping{Name: m.Path, ReadAt: func(b []byte, off int64) (int, error) { return k.files.ReadAt(fd, b, off) }}, nil
}
