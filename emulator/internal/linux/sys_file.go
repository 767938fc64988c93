package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	register(
		supported(2, "open", newFD(func(k *Kernel, a args) (int, error) { return k.open(vfs.AT_FDCWD, a[0], a[1], a[2]) }), Path, openFlags, Oct),
		supported(257, "openat", newFD(func(k *Kernel, a args) (int, error) { return k.open(a.fd(0), a[1], a[2], a[3]) }), FD, Path, openFlags, Oct),
		supported(85, "creat", newFD(func(k *Kernel, a args) (int, error) {
			return k.open(vfs.AT_FDCWD, a[0], vfs.O_CREAT|vfs.O_WRONLY|vfs.O_TRUNC, a[1])
		}), Path, Oct),
		refused(437, "openat2", errno.ENOSYS, "Programs fall back on openat.", FD, Path, Ptr, Size),
		supported(4, "stat", onPath(0, func(k *Kernel, a args, p string) error { return k.stat(vfs.AT_FDCWD, p, 0, a[1]) }), Path, Ptr),
		supported(6, "lstat", onPath(0, func(k *Kernel, a args, p string) error { return k.stat(vfs.AT_FDCWD, p, vfs.AT_SYMLINK_NOFOLLOW, a[1]) }), Path, Ptr),
		supported(5, "fstat", simple(sysFstat), FD, Ptr),
		supported(262, "newfstatat", onPath(1, func(k *Kernel, a args, p string) error { return k.stat(a.fd(0), p, uint32(a[3]), a[2]) }), FD, Path, Ptr, atFlags),
		supported(332, "statx", onPath(1, sysStatx), FD, Path, atFlags, Hex, Ptr),
		supported(137, "statfs", onPath(0, sysStatfs), Path, Ptr),
		supported(138, "fstatfs", simple(sysFstatfs), FD, Ptr),
		supported(21, "access", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Access(vfs.AT_FDCWD, p, uint32(a[1]), 0) }), Path, Oct),
		supported(269, "faccessat", onPath(1, func(k *Kernel, a args, p string) error { return k.files.Access(a.fd(0), p, uint32(a[2]), 0) }), FD, Path, Oct),
		supported(439, "faccessat2", onPath(1, func(k *Kernel, a args, p string) error { return k.files.Access(a.fd(0), p, uint32(a[2]), uint32(a[3])) }), FD, Path, Oct, atFlags),
		supported(76, "truncate", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Truncate(p, int64(a[1])) }), Path, Long),
	)
}

var openFlags = Flags(
	flagName{vfs.O_ACCMODE, vfs.O_RDONLY, "O_RDONLY"}, flagName{vfs.O_ACCMODE, vfs.O_WRONLY, "O_WRONLY"}, flagName{vfs.O_ACCMODE, vfs.O_RDWR, "O_RDWR"},
	bit(vfs.O_CREAT, "O_CREAT"), bit(vfs.O_EXCL, "O_EXCL"), bit(vfs.O_NOCTTY, "O_NOCTTY"), bit(vfs.O_TRUNC, "O_TRUNC"),
	bit(vfs.O_APPEND, "O_APPEND"), bit(vfs.O_NONBLOCK, "O_NONBLOCK"), bit(vfs.O_DSYNC, "O_DSYNC"), bit(vfs.O_DIRECT, "O_DIRECT"),
	bit(vfs.O_LARGEFILE, "O_LARGEFILE"), bit(vfs.O_TMPFILE, "O_TMPFILE"), bit(vfs.O_DIRECTORY, "O_DIRECTORY"),
	bit(vfs.O_NOFOLLOW, "O_NOFOLLOW"), bit(vfs.O_NOATIME, "O_NOATIME"), bit(vfs.O_CLOEXEC, "O_CLOEXEC"), bit(vfs.O_PATH, "O_PATH"),
)

var atFlags = Flags(
	flagName{^uint64(0), 0, "0"}, bit(vfs.AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW"), bit(vfs.AT_REMOVEDIR, "AT_REMOVEDIR"),
	bit(vfs.AT_SYMLINK_FOLLOW, "AT_SYMLINK_FOLLOW"), bit(vfs.AT_EMPTY_PATH, "AT_EMPTY_PATH"),
)

func (k *Kernel) open(dirfd int, path, flags, mode uint64) (int, error) {
	p, err := k.path(path)
	if err != nil {
		return -1, err
	}
	return k.files.Open(dirfd, p, uint32(flags), uint32(mode), k.dynamicFile)
}

// stat stores a struct stat at addr.
func (k *Kernel) stat(dirfd int, path string, flags uint32, addr uint64) error {
	const known = vfs.AT_SYMLINK_NOFOLLOW | vfs.AT_EMPTY_PATH | 0x800 // AT_NO_AUTOMOUNT
	if flags&^known != 0 {
		return errno.EINVAL
	}
	s, err := k.files.Stat(dirfd, path, flags)
	if err != nil {
		return err
	}
	return k.storeStat(addr, s)
}

func sysFstat(k *Kernel, a args) error {
	s, err := k.files.Fstat(a.fd(0))
	if err != nil {
		return err
	}
	return k.storeStat(a[1], s)
}

// split returns whole seconds and the ns left over.
func split(ns int64) (sec, nsec uint64) {
	s, n := ns/1_000_000_000, ns%1_000_000_000
	if n < 0 {
		s, n = s-1, n+1_000_000_000
	}
	return uint64(s), uint64(n)
}

// storeStat stores a struct stat (arch/x86/include/uapi/asm/stat.h).
func (k *Kernel) storeStat(addr uint64, s vfs.Stat) error {
	as, an := split(s.Atime)
	ms, mn := split(s.Mtime)
	cs, cn := split(s.Ctime)
	return k.storeWords(addr,
		s.Dev, s.Ino, uint64(s.Nlink), uint64(s.Mode)|uint64(s.UID)<<32, uint64(s.GID), s.Rdev,
		uint64(s.Size), vfs.BlockSize, uint64(s.Blocks), as, an, ms, mn, cs, cn, 0, 0, 0)
}

// statxBasic and statxBtime are the fields that statx fills: STATX_BASIC_STATS and STATX_BTIME.
const (
	statxBasic = 0x7ff
	statxBtime = 0x800
)

func sysStatx(k *Kernel, a args, p string) error {
	if a[3]&(1<<31) != 0 {
		return errno.EINVAL
	}
	const known = vfs.AT_SYMLINK_NOFOLLOW | vfs.AT_EMPTY_PATH | 0x800 | 0x6000 // AT_NO_AUTOMOUNT, AT_STATX_SYNC_TYPE
	if a[2]&^known != 0 {
		return errno.EINVAL
	}
	s, err := k.files.Stat(a.fd(0), p, uint32(a[2]))
	if err != nil {
		return err
	}
	var b []byte
	le := binary.LittleEndian
	u32 := func(v uint32) { b = le.AppendUint32(b, v) }
	u64 := func(v uint64) { b = le.AppendUint64(b, v) }
	stamp := func(ns int64) {
		sec, n := split(ns)
		u64(sec)
		u32(uint32(n))
		u32(0)
	}
	u32(statxBasic | statxBtime)
	u32(vfs.BlockSize)
	u64(0)
	u32(s.Nlink)
	u32(s.UID)
	u32(s.GID)
	u32(s.Mode)
	u64(s.Ino)
	u64(uint64(s.Size))
	u64(uint64(s.Blocks))
	u64(0)
	stamp(s.Atime)
	stamp(s.Btime)
	stamp(s.Ctime)
	stamp(s.Mtime)
	u32(uint32(s.Rdev >> 8))
	u32(uint32(s.Rdev & 0xff))
	u32(0)
	u32(uint32(s.Dev))
	b = append(b, make([]byte, 256-len(b))...) // sizeof(struct statx)
	return k.copyOut(a[4], b)
}

// storeStatfs stores a struct statfs that tells of a tmpfs.
func (k *Kernel) storeStatfs(addr uint64) error {
	const (
		magic  = 0x01021994 // TMPFS_MAGIC
		inodes = 1 << 20
	)
	blocks, free := k.account.Limit()/vfs.BlockSize, k.account.Room()/vfs.BlockSize
	return k.storeWords(addr, magic, vfs.BlockSize, blocks, free, free, inodes, inodes, 0, vfs.NAME_MAX, vfs.BlockSize, 0, 0, 0, 0, 0)
}

func sysStatfs(k *Kernel, a args, p string) error {
	if _, err := k.files.Stat(vfs.AT_FDCWD, p, 0); err != nil {
		return err
	}
	return k.storeStatfs(a[1])
}

func sysFstatfs(k *Kernel, a args) error {
	if _, err := k.files.Fstat(a.fd(0)); err != nil {
		return err
	}
	return k.storeStatfs(a[1])
}
