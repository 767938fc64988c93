package vfs

import "github.com/rt0lab/rt0/emulator/internal/errno"

// A Mapping is what mmap needs to know of a file.
type Mapping struct {
	Path string // for /proc/self/maps
	// File is the file that a shared mapping shares with descriptors, see Hold; 0 where the mapping is a copy.
	File ID
	// Sealed says that a shared mapping may never become writable: the file is not open for writing.
	Sealed bool
}

// Map checks that the file open as fd can be mapped. A private mapping is a copy of the file made by mmap, as MAP_PRIVATE
// may be.
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
	case shared:
		return Mapping{Path: f.describe(fd), File: o.ino, Sealed: !o.writable()}, nil
	}
	return Mapping{Path: f.describe(fd)}, nil
}

// A Mapper keeps the shared mappings of files and the files alike. Memory holds its own copy of a file's bytes, so each side
// is told before it looks at what the other may have changed. Offsets and sizes are in bytes.
type Mapper interface {
	// Collect puts into the file, with StoreMapped, what the guest has stored through mappings of the range.
	Collect(file ID, off, size int64)
	// Spread puts into mappings of the range what the file holds, with LoadMapped; beyond its end are zeroes.
	Spread(file ID, off, size int64)
	// Zero makes what mappings of the range show zeroes, which the file holds there now.
	Zero(file ID, off, size int64)
}

// SetMapper names who is told of accesses to files that are held.
func (f *Files) SetMapper(m Mapper) { f.mapper = m }

// Hold keeps the file alive for shared mappings and has the mapper told of accesses to it, until Unhold.
func (f *Files) Hold(file ID) { f.editInode(file).mapped = true }

// HeldFile returns the file open as fd if it is held, else 0.
func (f *Files) HeldFile(fd int) ID {
	o, err := f.file(fd)
	if err != nil || o.kind != kindRegular || !f.inode(o.ino).mapped {
		return 0
	}
	return o.ino
}

// Unhold says that there are no shared mappings of the file any more.
func (f *Files) Unhold(file ID) {
	f.editInode(file).mapped = false
	f.release(file)
}

// LoadMapped fills b from offset off as far as the file goes.
func (f *Files) LoadMapped(file ID, b []byte, off int64) (int, error) { return f.load(file, b, off) }

// StoreMapped writes b at off.
func (f *Files) StoreMapped(file ID, b []byte, off int64) (int, error) { return f.store(file, b, off) }

// An Extent is a range of a file.
type Extent struct{ Off, Size int64 }

// Data returns where in [off, off+size) the file open as fd has data, to the precision of a chunk: elsewhere are zeroes. It is
// nothing if fd is no regular file.
func (f *Files) Data(fd int, off, size int64) []Extent {
	o, err := f.file(fd)
	if err != nil || o.kind != kindRegular {
		return nil
	}
	return f.DataMapped(o.ino, off, size)
}

// DataMapped is Data of a file that is held.
func (f *Files) DataMapped(file ID, off, size int64) []Extent {
	n := f.inode(file)
	host := int64(0)
	if n.host != nil {
		host = n.host.size // what has not been read of it may be data
	}
	return n.data.extents(off, min(off+size, n.data.size), min(host, n.data.size))
}

func (f *Files) zero(id ID, off, size int64) {
	if f.mapper != nil && size > 0 && f.inode(id).mapped {
		f.mapper.Zero(id, off, size)
	}
}

func (f *Files) collect(id ID, off, size int64) {
	if f.mapper != nil && size > 0 && f.inode(id).mapped {
		f.mapper.Collect(id, off, size)
	}
}

func (f *Files) spread(id ID, off, size int64) {
	if f.mapper != nil && size > 0 && f.inode(id).mapped {
		f.mapper.Spread(id, off, size)
	}
}
