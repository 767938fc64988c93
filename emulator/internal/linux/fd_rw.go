package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	register(
		supported(0, "read", files(sysRead), FD, OutBuf, Size),
		supported(1, "write", files(sysWrite), FD, Buf, Size),
		supported(17, "pread64", files(sysPread), FD, OutBuf, Size, Long),
		supported(18, "pwrite64", files(sysPwrite), FD, Buf, Size, Long),
		supported(19, "readv", files(sysReadv), FD, Ptr, Int),
		supported(20, "writev", files(sysWritev), FD, Ptr, Int),
		supported(295, "preadv", files(sysPreadv), FD, Ptr, Int, Long),
		supported(296, "pwritev", files(sysPwritev), FD, Ptr, Int, Long),
		partial(327, "preadv2", files(sysPreadv2), "Flags are refused with EOPNOTSUPP.", FD, Ptr, Int, Long, Long, Hex),
		partial(328, "pwritev2", files(sysPwritev2), "Flags are refused with EOPNOTSUPP.", FD, Ptr, Int, Long, Long, Hex),
		supported(8, "lseek", files(sysLseek), FD, Long, Enum(map[uint64]string{0: "SEEK_SET", 1: "SEEK_CUR", 2: "SEEK_END", 3: "SEEK_DATA", 4: "SEEK_HOLE"})),
		partial(40, "sendfile", files(sysSendfile), "The source must be a regular file.", FD, FD, Ptr, Size),
		supported(326, "copy_file_range", files(sysCopyFileRange), FD, Ptr, FD, Ptr, Size, Hex),
		refused(275, "splice", errno.EINVAL, "Programs fall back on read and write.", FD, Ptr, FD, Ptr, Size, Hex),
		refused(276, "tee", errno.EINVAL, "Programs fall back on read and write.", FD, FD, Size, Hex),
		refused(278, "vmsplice", errno.EINVAL, "Programs fall back on write.", FD, Ptr, Size, Hex),
		supported(187, "readahead", simple(func(k *Kernel, a args) error { _, err := k.files.Flags(a.fd(0)); return err }), FD, Long, Size),
		supported(221, "fadvise64", simple(func(k *Kernel, a args) error { _, err := k.files.Flags(a.fd(0)); return err }), FD, Long, Long, Int),
	)
}

const (
	// maxTransfer is the most that one call moves, in bytes (MAX_RW_COUNT in include/linux/fs.h).
	maxTransfer = 0x7ffff000
	// maxVectors is the most buffers that one call takes (UIO_MAXIOV).
	maxVectors = 1024
	// stage is how many bytes are under way between guest and files at once.
	stage = sliceBytes
)

// A vector is a buffer in guest memory.
type vector struct{ addr, size uint64 }

// vectors loads an array of struct iovec.
func (k *Kernel) vectors(addr, n uint64) ([]vector, error) {
	if n > maxVectors {
		return nil, errno.EINVAL
	}
	b := make([]byte, 16*n)
	if err := k.copyIn(b, addr); err != nil {
		return nil, err
	}
	out := make([]vector, n)
	total := uint64(0)
	for i := range out {
		v := vector{le64(b[16*i:]), le64(b[16*i+8:])}
		if v.size > 1<<63-1-total {
			return nil, errno.EINVAL
		}
		total += v.size
		out[i] = v
	}
	return out, nil
}

// cursor walks over vectors.
type cursor []vector

// left returns how many bytes there still are, at most maxTransfer.
func (c cursor) left() uint64 {
	n := uint64(0)
	for _, v := range c {
		n += v.size
	}
	return min(n, maxTransfer)
}

// next returns the address of the next bytes, at most n, and how many lie there in one piece; it moves behind them.
func (c *cursor) next(n uint64) (addr, size uint64) {
	v := &(*c)[0]
	addr, size = v.addr, min(v.size, n)
	v.addr += size
	v.size -= size
	if v.size == 0 {
		*c = (*c)[1:]
	}
	return addr, size
}

// skip moves behind the next n bytes.
func (c *cursor) skip(n uint64) {
	for n > 0 {
		_, size := c.next(n)
		n -= size
	}
}

// move copies between b and the next len(b) bytes of guest memory.
func (c *cursor) move(b []byte, move func(addr uint64, b []byte) error) error {
	for len(b) > 0 {
		addr, n := c.next(uint64(len(b)))
		if err := move(addr, b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// piece returns how many bytes of the file open as fd are moved at once: fewer than stage if it is mapped more than once, as
// each mapping is compared.
func (k *Kernel) piece(fd int) uint64 {
	file := k.files.HeldFile(fd)
	if file == 0 {
		return stage
	}
	n := uint64(1)
	for a := range k.Mem.AreasFrom(0) {
		if a.File == uint64(file) {
			n++
		}
	}
	return max(stage/n&^memory.PageMask, memory.PageSize)
}

// readInto fills the vectors with what read gives, from byte done of them on, in pieces, until a piece is not full. A piece is
// a slice.
func (k *Kernel) readInto(t *Thread, fd int, to []vector, read func(b []byte, done uint64) (int, error)) (uint64, error) {
	c := cursor(to)
	total := c.left()
	done := t.progress
	c.skip(done)
	piece := k.piece(fd)
	for {
		b := k.files.buffer(int(min(total-done, piece)))
		n, err := read(b, done)
		if err == nil {
			err = c.move(b[:n], k.copyOut)
		}
		if err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		done += uint64(n)
		switch {
		case n < len(b) || done == total:
			return done, nil
		case t.slice(done):
			return 0, errSliced
		}
	}
}

// writeFrom passes the vectors to write, in pieces. A piece is a slice. A stream that is full makes the call wait, and go on
// where it was: what has been written is in t.progress.
func (k *Kernel) writeFrom(t *Thread, fd int, from []vector, write func(b []byte, done uint64) (int, error)) (uint64, error) {
	c := cursor(from)
	total := c.left()
	done := t.progress
	c.skip(done)
	piece := k.piece(fd)
	for {
		rest := append(cursor(nil), c...)
		b := k.files.buffer(int(min(total-done, piece)))
		n, err := 0, rest.move(b, func(addr uint64, b []byte) error { return k.copyIn(b, addr) })
		if err == nil {
			n, err = write(b, done)
		}
		if err != nil {
			if _, wait := err.(vfs.Wait); wait && t.wake != wokenBySignal {
				t.progress = done
				return 0, err
			}
			if done > 0 {
				return done, nil
			}
			if err == errno.EPIPE {
				k.brokenPipe(t)
			}
			return 0, err
		}
		done += uint64(n)
		switch {
		case done == total || n == 0:
			return done, nil
		case t.slice(done):
			return 0, errSliced
		}
		c.skip(uint64(n))
	}
}

func sysRead(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.readInto(t, a.fd(0), []vector{{a[1], a[2]}}, func(b []byte, _ uint64) (int, error) { return k.files.Read(a.fd(0), b) })
}

func sysWrite(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.writeFrom(t, a.fd(0), []vector{{a[1], a[2]}}, func(b []byte, _ uint64) (int, error) { return k.files.Write(a.fd(0), b) })
}

func sysReadv(k *Kernel, t *Thread, a args) (uint64, error) {
	v, err := k.vectors(a[1], a[2])
	if err != nil {
		return 0, err
	}
	return k.readInto(t, a.fd(0), v, func(b []byte, _ uint64) (int, error) { return k.files.Read(a.fd(0), b) })
}

func sysWritev(k *Kernel, t *Thread, a args) (uint64, error) {
	v, err := k.vectors(a[1], a[2])
	if err != nil {
		return 0, err
	}
	return k.writeFrom(t, a.fd(0), v, func(b []byte, _ uint64) (int, error) { return k.files.Write(a.fd(0), b) })
}

// readAt and writeAt are for the calls that name an offset.
func (k *Kernel) readAt(t *Thread, fd int, v []vector, off int64) (uint64, error) {
	return k.readInto(t, fd, v, func(b []byte, done uint64) (int, error) { return k.files.ReadAt(fd, b, off+int64(done)) })
}

func (k *Kernel) writeAt(t *Thread, fd int, v []vector, off int64) (uint64, error) {
	return k.writeFrom(t, fd, v, func(b []byte, done uint64) (int, error) { return k.files.WriteAt(fd, b, off+int64(done)) })
}

func sysPread(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.readAt(t, a.fd(0), []vector{{a[1], a[2]}}, int64(a[3]))
}

func sysPwrite(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.writeAt(t, a.fd(0), []vector{{a[1], a[2]}}, int64(a[3]))
}

func sysPreadv(k *Kernel, t *Thread, a args) (uint64, error) {
	v, err := k.vectors(a[1], a[2])
	if err != nil {
		return 0, err
	}
	return k.readAt(t, a.fd(0), v, int64(a[3]))
}

func sysPwritev(k *Kernel, t *Thread, a args) (uint64, error) {
	v, err := k.vectors(a[1], a[2])
	if err != nil {
		return 0, err
	}
	return k.writeAt(t, a.fd(0), v, int64(a[3]))
}

// noOffset as the offset of preadv2 and pwritev2 means the descriptor's own position.
const noOffset = ^uint64(0)

func sysPreadv2(k *Kernel, t *Thread, a args) (uint64, error) {
	switch {
	case a[5] != 0:
		return 0, errno.EOPNOTSUPP
	case a[3] == noOffset:
		return sysReadv(k, t, a)
	}
	return sysPreadv(k, t, a)
}

func sysPwritev2(k *Kernel, t *Thread, a args) (uint64, error) {
	switch {
	case a[5] != 0:
		return 0, errno.EOPNOTSUPP
	case a[3] == noOffset:
		return sysWritev(k, t, a)
	}
	return sysPwritev(k, t, a)
}

func sysLseek(k *Kernel, t *Thread, a args) (uint64, error) {
	off, err := k.files.Seek(a.fd(0), int64(a[1]), int(a.int32(2)))
	return uint64(off), err
}

// regular fails unless fd is a regular file.
func (k *Kernel) regular(fd int) error {
	s, err := k.files.Fstat(fd)
	switch {
	case err != nil:
		return err
	case s.Mode&vfs.S_IFMT == vfs.S_IFDIR:
		return errno.EISDIR
	case s.Mode&vfs.S_IFMT != vfs.S_IFREG:
		return errno.EINVAL
	}
	return nil
}

// position returns the offset at addr, or the descriptor's own position if addr is 0, and a function that stores a new one.
func (k *Kernel) position(fd int, addr uint64) (int64, func(int64) error, error) {
	if addr == 0 {
		off, err := k.files.Seek(fd, 0, vfs.SEEK_CUR)
		return off, func(off int64) error {
			_, err := k.files.Seek(fd, off, vfs.SEEK_SET)
			return err
		}, err
	}
	off, err := k.load64(addr)
	if err == nil && int64(off) < 0 {
		err = errno.EINVAL
	}
	return int64(off), func(off int64) error { return k.store64(addr, uint64(off)) }, err
}

func sysSendfile(k *Kernel, t *Thread, a args) (uint64, error) {
	out, in, count := a.fd(0), a.fd(1), min(a[3], maxTransfer)
	if err := k.regular(in); err != nil {
		return 0, err
	}
	off, store, err := k.position(in, a[2])
	if err != nil {
		return 0, err
	}
	done := t.progress
	off += int64(done)
	piece := min(k.piece(in), k.piece(out))
	for done < count {
		b := k.files.buffer(int(min(count-done, piece)))
		n, err := k.files.ReadAt(in, b, off)
		if err == nil && n > 0 {
			n, err = k.files.Write(out, b[:n])
		}
		if err != nil {
			if _, wait := err.(vfs.Wait); wait && t.wake != wokenBySignal {
				t.progress = done
				return 0, err
			}
			if done == 0 {
				if err == errno.EPIPE {
					k.brokenPipe(t)
				}
				return 0, err
			}
			break
		}
		if n == 0 {
			break
		}
		done += uint64(n)
		off += int64(n)
		if done < count && t.slice(done) {
			return 0, errSliced
		}
	}
	return done, store(off)
}

func sysCopyFileRange(k *Kernel, t *Thread, a args) (uint64, error) {
	in, out, count := a.fd(0), a.fd(2), min(a[4], maxTransfer)
	if a[5] != 0 {
		return 0, errno.EINVAL
	}
	for _, fd := range []int{in, out} {
		if err := k.regular(fd); err != nil {
			return 0, err
		}
	}
	if flags, _ := k.files.Flags(out); flags&vfs.O_APPEND != 0 {
		return 0, errno.EBADF
	}
	from, storeFrom, err := k.position(in, a[1])
	if err != nil {
		return 0, err
	}
	to, storeTo, err := k.position(out, a[3])
	if err != nil {
		return 0, err
	}
	src, _ := k.files.Fstat(in)
	dst, _ := k.files.Fstat(out)
	if src.Ino == dst.Ino && from < to+int64(count) && to < from+int64(count) {
		return 0, errno.EINVAL
	}
	done := t.progress
	from, to = from+int64(done), to+int64(done)
	piece := min(k.piece(in), k.piece(out))
	for done < count {
		b := k.files.buffer(int(min(count-done, piece)))
		n, err := k.files.ReadAt(in, b, from)
		if err == nil {
			n, err = k.files.WriteAt(out, b[:n], to)
		}
		if err != nil {
			if done == 0 {
				return 0, err
			}
			break
		}
		if n == 0 {
			break
		}
		done += uint64(n)
		from += int64(n)
		to += int64(n)
		if done < count && t.slice(done) {
			return 0, errSliced
		}
	}
	if err := storeFrom(from); err != nil {
		return 0, err
	}
	return done, storeTo(to)
}
