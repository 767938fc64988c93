package vfs

import "github.com/rt0lab/rt0/emulator/internal/errno"

// A Mapping is what mmap needs to know of a file.
type Mapping struct {
	Path string // for /proc/self/maps
	Size int64  // in bytes; pages wholly beyond it fault
	// Copied says that later writes to the file may not be seen through the mapping, nor the other way round.
	Copied bool
}

// Map checks that the file open as fd can be mapped. A mapping is a copy of the file made by mmap: that is what MAP_PRIVATE
// may be, and all that a shared mapping for reading needs while nobody writes to the file. A shared mapping for writing is
// refused with ENODEV, as by a file system that cannot map.
func (f *Files) Map(fd int, shared, writable bool) (Mapping, error) {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return Mapping{}, err
	case o.kind == kindPath:
		return Mapping{}, errno.EBADF
	case !o.readable():
		return Mapping{}, errno.EACCES
	case o.kind == kindDevice && f.inode(o.ino).dev == devZero:
		return Mapping{Path: "/dev/zero"}, nil
	case o.kind != kindRegular:
		return Mapping{}, errno.ENODEV
	case shared && writable && !o.writable():
		return Mapping{}, errno.EACCES
	case shared && writable:
		return Mapping{}, errno.ENODEV
	}
	return Mapping{Path: f.describe(fd), Size: f.inode(o.ino).data.size, Copied: shared}, nil
}
