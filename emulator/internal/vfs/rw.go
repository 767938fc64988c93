package vfs

import (
	"math"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Read reads into b from the descriptor's position, at most len(b) bytes, and moves on. 0 without an error is the end.
func (f *Files) Read(fd int, b []byte) (int, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	if !o.readable() {
		return 0, errno.EBADF
	}
	switch o.kind {
	case kindDir:
		return 0, errno.EISDIR
	case kindDevice:
		return f.readDevice(f.inode(o.ino).dev, b)
	case kindPipe:
		return f.readPipe(o, b)
	case kindSocket:
		m, err := f.receive(o, b, 0)
		return m.N, err
	case kindEvent:
		return f.readEvent(o, b)
	case kindTimer:
		return f.readTimer(o, b)
	case kindEpoll:
		return 0, errno.EINVAL
	}
	n, err := f.readContent(o, b, o.pos)
	if n > 0 {
		o, _ = f.editFile(fd)
		o.pos += int64(n)
	}
	return n, err
}

// readContent reads from a regular or text file.
func (f *Files) readContent(o *openFile, b []byte, off int64) (int, error) {
	if o.kind == kindText {
		if off >= int64(len(o.text)) {
			return 0, nil
		}
		return copy(b, o.text[off:]), nil
	}
	f.collect(o.ino, off, int64(len(b)))
	return f.load(o.ino, b, off)
}

// load reads from a regular file what it holds, not asking its mappings.
func (f *Files) load(id ID, b []byte, off int64) (int, error) {
	if err := f.loadChunks(id, off, int64(len(b))); err != nil {
		return 0, err
	}
	return f.inode(id).data.readAt(b, off), nil
}

// seekable checks that the descriptor has positions, for pread and pwrite.
func (o *openFile) seekable() error {
	switch o.kind {
	case kindPath:
		return errno.EBADF
	case kindPipe, kindSocket, kindEvent, kindTimer, kindEpoll:
		return errno.ESPIPE
	}
	return nil
}

// ReadAt reads into b from offset off and leaves the position alone.
func (f *Files) ReadAt(fd int, b []byte, off int64) (int, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	if err := o.seekable(); err != nil {
		return 0, err
	}
	switch {
	case off < 0:
		return 0, errno.EINVAL
	case !o.readable():
		return 0, errno.EBADF
	case o.kind == kindDir:
		return 0, errno.EISDIR
	case o.kind == kindDevice:
		n := f.inode(o.ino)
		if n.is(S_IFIFO) {
			return 0, errno.ESPIPE
		}
		return f.readDevice(n.dev, b)
	}
	return f.readContent(o, b, off)
}

// Write writes b at the descriptor's position, or at the end with O_APPEND, and moves on.
func (f *Files) Write(fd int, b []byte) (int, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	if !o.writable() {
		return 0, errno.EBADF
	}
	switch o.kind {
	case kindDevice:
		return f.writeDevice(f.inode(o.ino).dev, b)
	case kindPipe:
		return f.writePipe(o, b)
	case kindSocket:
		return f.send(o, Message{Data: b}, 0)
	case kindEvent:
		return f.writeEvent(o, b)
	case kindRegular:
	default:
		return 0, errno.EINVAL
	}
	off := o.pos
	if o.flags&O_APPEND != 0 {
		off = f.inode(o.ino).data.size
	}
	n, err := f.writeContent(o.ino, b, off)
	if n > 0 {
		o, _ = f.editFile(fd)
		o.pos = off + int64(n)
	}
	return n, err
}

// WriteAt writes b at offset off and leaves the position alone. As in Linux, O_APPEND wins over off (pwrite(2), BUGS).
func (f *Files) WriteAt(fd int, b []byte, off int64) (int, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	if err := o.seekable(); err != nil {
		return 0, err
	}
	switch {
	case off < 0:
		return 0, errno.EINVAL
	case !o.writable():
		return 0, errno.EBADF
	case o.kind == kindDevice:
		n := f.inode(o.ino)
		if n.is(S_IFIFO) {
			return 0, errno.ESPIPE
		}
		return f.writeDevice(n.dev, b)
	case o.kind != kindRegular:
		return 0, errno.EINVAL
	case o.flags&O_APPEND != 0:
		off = f.inode(o.ino).data.size
	}
	return f.writeContent(o.ino, b, off)
}

// writeContent writes to a regular file and to its mappings.
func (f *Files) writeContent(id ID, b []byte, off int64) (int, error) {
	f.collect(id, off, int64(len(b)))
	n, err := f.store(id, b, off)
	f.spread(id, off, int64(n))
	return n, err
}

// store writes to a regular file, but not to its mappings.
func (f *Files) store(id ID, b []byte, off int64) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if off > maxFileSize-int64(len(b)) {
		return 0, errno.EFBIG
	}
	if err := f.loadChunks(id, off, int64(len(b))); err != nil {
		return 0, err
	}
	if !f.has(int(f.inode(id).data.growth(off, len(b)))) {
		return 0, errno.ENOSPC
	}
	if err := f.hostWrite(id, b, off); err != nil {
		return 0, err
	}
	n := f.editInode(id)
	n.data.writeAt(f.heap.epoch, b, off)
	n.mtime, n.ctime = f.now, f.now
	return len(b), nil
}

// Seek moves the descriptor's position and returns it.
func (f *Files) Seek(fd int, off int64, whence int) (int64, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	if err := o.seekable(); err != nil {
		return 0, err
	}
	n := f.inode(o.ino)
	if o.kind == kindDevice {
		if n.is(S_IFIFO) {
			return 0, errno.ESPIPE
		}
		return 0, nil // a character device has no positions, and says 0
	}
	size := n.data.size
	if o.kind == kindText {
		size = int64(len(o.text))
	}
	switch whence {
	case SEEK_SET:
	case SEEK_CUR:
		if off > 0 && o.pos > math.MaxInt64-off {
			return 0, errno.EOVERFLOW
		}
		off += o.pos
	case SEEK_END:
		if o.kind == kindDir {
			size = int64(n.dir.cookie)
		}
		if off > 0 && size > math.MaxInt64-off {
			return 0, errno.EOVERFLOW
		}
		off += size
	case SEEK_DATA, SEEK_HOLE:
		if o.kind != kindRegular {
			return 0, errno.EINVAL
		}
		if off < 0 || off >= size {
			return 0, errno.ENXIO
		}
		switch {
		case n.host != nil: // not all of it has been read: say that it is data
			if whence == SEEK_HOLE {
				off = size
			}
		case whence == SEEK_HOLE:
			off = n.data.nextHole(off)
		default:
			var ok bool
			if off, ok = n.data.nextData(off); !ok {
				return 0, errno.ENXIO
			}
		}
	default:
		return 0, errno.EINVAL
	}
	if off < 0 {
		return 0, errno.EINVAL
	}
	o, _ = f.editFile(fd)
	o.pos = off
	return off, nil
}

// Ftruncate makes the file open as fd size bytes long.
func (f *Files) Ftruncate(fd int, size int64) error {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return err
	case o.kind == kindPath:
		return errno.EBADF
	case size < 0 || o.kind != kindRegular || !o.writable():
		return errno.EINVAL
	}
	return f.truncate(o.ino, size)
}

// Truncate makes the file at path size bytes long.
func (f *Files) Truncate(path string, size int64) error {
	if size < 0 {
		return errno.EINVAL
	}
	at, err := f.find(AT_FDCWD, path, follow)
	if err != nil {
		return err
	}
	n := f.inode(at.id)
	switch {
	case n.is(S_IFDIR):
		return errno.EISDIR
	case !n.is(S_IFREG):
		return errno.EINVAL
	case !n.allows(mayWrite):
		return errno.EACCES
	case n.host != nil && !f.out.writable(n.host):
		return errno.EROFS
	}
	return f.truncate(at.id, size)
}

func (f *Files) truncate(id ID, size int64) error {
	was := f.inode(id).data.size
	if n := f.inode(id); size < n.data.size && size%chunkSize != 0 {
		if err := f.loadChunks(id, size, 1); err != nil { // the chunk that is cut
			return err
		}
	}
	if err := f.hostTruncate(id, size); err != nil {
		return err
	}
	n := f.editInode(id)
	n.data.truncate(f.heap.epoch, size)
	if n.host != nil {
		n.host.size = min(n.host.size, size)
	}
	n.mtime, n.ctime = f.now, f.now
	f.zero(id, min(was, size), max(was, size)-min(was, size)) // what mappings hold behind the end is lost either way
	return nil
}

// Flags of fallocate.
const (
	FALLOC_FL_KEEP_SIZE  = 0x01
	FALLOC_FL_PUNCH_HOLE = 0x02
	FALLOC_FL_ZERO_RANGE = 0x10
)

// Fallocate makes sure that the file reaches to off+size, or zeroes that range by making a hole of it. Space is not reserved. It
// goes on where done bytes of the range have been seen to, and returns how many more it has done: all of them, but for a file of
// the host's, which takes zeroes only.
func (f *Files) Fallocate(fd int, mode uint32, off, size, done int64) (int64, error) {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return 0, err
	case off < 0 || size <= 0:
		return 0, errno.EINVAL
	case !o.writable():
		return 0, errno.EBADF
	case o.kind == kindPipe:
		return 0, errno.ESPIPE
	case o.kind != kindRegular:
		return 0, errno.ENODEV
	case off > maxFileSize-size:
		return 0, errno.EFBIG
	}
	switch mode {
	case 0, FALLOC_FL_KEEP_SIZE:
	case FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE:
		n, err := f.punch(o.ino, off+done, size-done)
		if err != nil || done+n < size {
			return n, err
		}
	default:
		return 0, errno.EOPNOTSUPP
	}
	if mode&FALLOC_FL_KEEP_SIZE == 0 && off+size > f.inode(o.ino).data.size {
		if err := f.truncate(o.ino, off+size); err != nil {
			return 0, err
		}
	}
	return size - done, nil
}

// hostZeroes is how much of a host's file is zeroed at once.
const hostZeroes = 1 << 20

// punch makes a part of a file zeroes, as much as it can at once, and returns how much that is.
func (f *Files) punch(id ID, off, size int64) (int64, error) {
	n := f.inode(id)
	end := min(off+size, n.data.size)
	if off >= end {
		return size, nil
	}
	done := size
	if n.host != nil {
		if end-off > hostZeroes {
			end, done = off+hostZeroes, hostZeroes
		}
		if err := f.loadChunks(id, off, end-off); err != nil {
			return 0, err
		}
		if err := f.hostWrite(id, make([]byte, end-off), off); err != nil {
			return 0, err
		}
	}
	n = f.editInode(id)
	solid := int64(0)
	if n.host != nil {
		solid = n.host.size
	}
	n.data.punch(f.heap.epoch, off, end-off, solid)
	n.mtime, n.ctime = f.now, f.now
	f.zero(id, off, end-off)
	return done, nil
}

// Sync checks that the descriptor can be synchronised; there is nothing to do.
func (f *Files) Sync(fd int) error {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return err
	case o.kind == kindPath:
		return errno.EBADF
	case o.kind == kindRegular || o.kind == kindDir:
		return nil
	}
	return errno.EINVAL
}
