package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	register(
		supported(3, "close", simple(func(k *Kernel, a args) error { return k.files.Close(a.fd(0)) }), FD),
		supported(436, "close_range", simple(sysCloseRange), FD, FD, Hex),
		supported(32, "dup", newFD(func(k *Kernel, a args) (int, error) { return k.files.Dup(a.fd(0), 0, false) }), FD),
		supported(33, "dup2", newFD(func(k *Kernel, a args) (int, error) { return k.files.DupTo(a.fd(0), a.fd(1), false, false) }), FD, FD),
		supported(292, "dup3", newFD(sysDup3), FD, FD, openFlags),
		partial(72, "fcntl", files(sysFcntl), "Locks always succeed, as there is one process, and signals of I/O are not sent.", FD, fcntlNames, Hex),
		partial(16, "ioctl", simple(sysIoctl), "There are no terminals and no devices: only FIONREAD, FIONBIO, FIOCLEX and FIONCLEX work.", FD, Hex, Hex),
		supported(73, "flock", simple(func(k *Kernel, a args) error { return k.files.Flock(a.fd(0), int(a.int32(1))) }), FD, Hex),
		supported(74, "fsync", simple(func(k *Kernel, a args) error { return k.files.Sync(a.fd(0)) }), FD),
		supported(75, "fdatasync", simple(func(k *Kernel, a args) error { return k.files.Sync(a.fd(0)) }), FD),
		supported(162, "sync", simple(func(*Kernel, args) error { return nil })),
		supported(306, "syncfs", simple(func(k *Kernel, a args) error { _, err := k.files.Flags(a.fd(0)); return err }), FD),
		supported(77, "ftruncate", simple(func(k *Kernel, a args) error { return k.files.Ftruncate(a.fd(0), int64(a[1])) }), FD, Long),
		partial(285, "fallocate", files(sysFallocate),
			"No space is reserved, and ranges cannot be collapsed or inserted.", FD, Hex, Long, Long),
	)
}

func sysFallocate(k *Kernel, t *Thread, a args) (uint64, error) {
	for done := int64(t.progress); ; {
		n, err := k.files.Fallocate(a.fd(0), uint32(a[1]), int64(a[2]), int64(a[3]), done)
		if done += n; err != nil || done == int64(a[3]) {
			return 0, err
		}
		if t.slice(uint64(done)) {
			return 0, errSliced
		}
	}
}

// Commands of fcntl, from include/uapi/asm-generic/fcntl.h and linux/fcntl.h.
const (
	F_DUPFD         = 0
	F_GETFD         = 1
	F_SETFD         = 2
	F_GETFL         = 3
	F_SETFL         = 4
	F_GETLK         = 5
	F_SETLK         = 6
	F_SETLKW        = 7
	F_SETOWN        = 8
	F_GETOWN        = 9
	F_OFD_GETLK     = 36
	F_OFD_SETLK     = 37
	F_OFD_SETLKW    = 38
	F_DUPFD_CLOEXEC = 1030
	F_SETPIPE_SZ    = 1031
	F_GETPIPE_SZ    = 1032
	FD_CLOEXEC      = 1
	F_UNLCK         = 2
)

var fcntlNames = Enum(map[uint64]string{
	F_DUPFD: "F_DUPFD", F_GETFD: "F_GETFD", F_SETFD: "F_SETFD", F_GETFL: "F_GETFL", F_SETFL: "F_SETFL", F_GETLK: "F_GETLK",
	F_SETLK: "F_SETLK", F_SETLKW: "F_SETLKW", F_SETOWN: "F_SETOWN", F_GETOWN: "F_GETOWN", F_OFD_GETLK: "F_OFD_GETLK",
	F_OFD_SETLK: "F_OFD_SETLK", F_OFD_SETLKW: "F_OFD_SETLKW", F_DUPFD_CLOEXEC: "F_DUPFD_CLOEXEC",
	F_SETPIPE_SZ: "F_SETPIPE_SZ", F_GETPIPE_SZ: "F_GETPIPE_SZ",
})

func sysFcntl(k *Kernel, t *Thread, a args) (uint64, error) {
	fd, f := a.fd(0), k.files
	flags, err := f.Flags(fd)
	if err != nil {
		return 0, err
	}
	cmd := a.int32(1)
	if flags&vfs.O_PATH != 0 {
		switch cmd {
		case F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL:
		default:
			return 0, errno.EBADF
		}
	}
	switch cmd {
	case F_DUPFD, F_DUPFD_CLOEXEC:
		n, err := f.Dup(fd, a.fd(2), cmd == F_DUPFD_CLOEXEC)
		return uint64(n), err
	case F_GETFD:
		on, err := f.Cloexec(fd)
		if on {
			return FD_CLOEXEC, err
		}
		return 0, err
	case F_SETFD:
		return 0, f.SetCloexec(fd, a[2]&FD_CLOEXEC != 0)
	case F_GETFL:
		return uint64(flags), nil
	case F_SETFL:
		return 0, f.SetFlags(fd, uint32(a[2]))
	case F_GETLK, F_OFD_GETLK:
		// Nobody else holds a lock: l_type, the first field of struct flock, says so.
		return 0, k.copyOut(a[2], []byte{F_UNLCK, 0})
	case F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW:
		var b [2]byte
		if err := k.copyIn(b[:], a[2]); err != nil {
			return 0, err
		}
		if b[0] > F_UNLCK || b[1] != 0 {
			return 0, errno.EINVAL
		}
		return 0, nil
	case F_SETOWN, F_GETOWN:
		return 0, nil
	case F_SETPIPE_SZ:
		if a.int32(2) <= 0 {
			return 0, errno.EINVAL
		}
		n, err := f.PipeSize(fd, int(a.int32(2)))
		return uint64(n), err
	case F_GETPIPE_SZ:
		n, err := f.PipeSize(fd, 0)
		return uint64(n), err
	}
	return 0, errno.EINVAL
}

// Requests of ioctl, from include/uapi/asm-generic/ioctls.h.
const (
	ioctlFIONREAD = 0x541b
	ioctlFIONBIO  = 0x5421
	ioctlFIONCLEX = 0x5450
	ioctlFIOCLEX  = 0x5451
)

func sysIoctl(k *Kernel, a args) error {
	fd := a.fd(0)
	flags, err := k.files.Flags(fd)
	if err != nil {
		return err
	}
	if flags&vfs.O_PATH != 0 {
		return errno.EBADF
	}
	switch uint32(a[1]) {
	case ioctlFIONREAD:
		n, err := k.files.Available(fd)
		if err != nil {
			return err
		}
		return k.store32(a[2], uint32(n))
	case ioctlFIONBIO:
		on, err := k.load32(a[2])
		if err != nil {
			return err
		}
		flags &^= vfs.O_NONBLOCK
		if on != 0 {
			flags |= vfs.O_NONBLOCK
		}
		return k.files.SetFlags(fd, flags)
	case ioctlFIOCLEX, ioctlFIONCLEX:
		return k.files.SetCloexec(fd, uint32(a[1]) == ioctlFIOCLEX)
	}
	return errno.ENOTTY
}

func sysDup3(k *Kernel, a args) (int, error) {
	if a[2]&^vfs.O_CLOEXEC != 0 {
		return -1, errno.EINVAL
	}
	return k.files.DupTo(a.fd(0), a.fd(1), a[2] != 0, true)
}

func sysCloseRange(k *Kernel, a args) error {
	const unshare, cloexec = 1 << 1, 1 << 2 // all threads share the table: to unshare it is to change nothing
	if a[2]&^(unshare|cloexec) != 0 {
		return errno.EINVAL
	}
	return k.files.CloseRange(uint32(a[0]), uint32(a[1]), a[2]&cloexec != 0)
}
