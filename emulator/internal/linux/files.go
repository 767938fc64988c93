package linux

import (
	"hash"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// fileTable is the process's open files and everything they can lead to.
type fileTable struct{}

func newFileTable(cfg *Config) *fileTable { return &fileTable{} }

// clone returns a copy of which no change shows in f.
func (f *fileTable) clone() *fileTable { return &fileTable{} }

// hashTo writes all that the guest could tell of the files into h.
func (f *fileTable) hashTo(h hash.Hash) {}

// A mapping is a file as mmap sees it.
type mapping struct {
	// Name is what /proc/self/maps shows.
	Name string
	// ReadAt fills b from the offset on; it returns less at the end of the file.
	ReadAt func(b []byte, off int64) (int, error)
}

// mapFile returns what a mapping of fd with the permissions reads from: EBADF, EACCES, ENODEV where mmap fails so.
func (k *Kernel) mapFile(fd int, prot, flags uint64) (mapping, error) {
	return mapping{}, errno.EBADF
}
