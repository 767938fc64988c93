package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	const cwd = vfs.AT_FDCWD
	register(
		supported(217, "getdents64", files(sysGetdents64), FD, Ptr, Size),
		refused(78, "getdents", errno.ENOSYS, "The 32-bit form is obsolete; getdents64 works.", FD, Ptr, Size),
		supported(79, "getcwd", files(sysGetcwd), Ptr, Size),
		supported(80, "chdir", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Chdir(p) }), Path),
		supported(81, "fchdir", simple(func(k *Kernel, a args) error { return k.files.Fchdir(a.fd(0)) }), FD),
		supported(83, "mkdir", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Mkdir(cwd, p, uint32(a[1])) }), Path, Oct),
		supported(258, "mkdirat", onPath(1, func(k *Kernel, a args, p string) error { return k.files.Mkdir(a.fd(0), p, uint32(a[2])) }), FD, Path, Oct),
		supported(84, "rmdir", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Rmdir(cwd, p) }), Path),
		supported(87, "unlink", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Unlink(cwd, p) }), Path),
		supported(263, "unlinkat", onPath(1, sysUnlinkat), FD, Path, atFlags),
		supported(82, "rename", onPaths(0, 1, func(k *Kernel, a args, p, q string) error { return k.files.Rename(cwd, p, cwd, q, 0) }), Path, Path),
		supported(264, "renameat", onPaths(1, 3, func(k *Kernel, a args, p, q string) error { return k.files.Rename(a.fd(0), p, a.fd(2), q, 0) }), FD, Path, FD, Path),
		supported(316, "renameat2", onPaths(1, 3, func(k *Kernel, a args, p, q string) error {
			return k.files.Rename(a.fd(0), p, a.fd(2), q, uint32(a[4]))
		}), FD, Path, FD, Path, Hex),
		supported(86, "link", onPaths(0, 1, func(k *Kernel, a args, p, q string) error { return k.files.Link(cwd, p, cwd, q, 0) }), Path, Path),
		supported(265, "linkat", onPaths(1, 3, func(k *Kernel, a args, p, q string) error {
			return k.files.Link(a.fd(0), p, a.fd(2), q, uint32(a[4]))
		}), FD, Path, FD, Path, atFlags),
		supported(88, "symlink", onPaths(0, 1, func(k *Kernel, a args, p, q string) error { return k.files.Symlink(p, cwd, q) }), Path, Path),
		supported(266, "symlinkat", onPaths(0, 2, func(k *Kernel, a args, p, q string) error { return k.files.Symlink(p, a.fd(1), q) }), Path, FD, Path),
		supported(89, "readlink", files(func(k *Kernel, t *Thread, a args) (uint64, error) { return k.readlink(cwd, a[0], a[1], a[2]) }), Path, OutBuf, Size),
		supported(267, "readlinkat", files(func(k *Kernel, t *Thread, a args) (uint64, error) { return k.readlink(a.fd(0), a[1], a[2], a[3]) }), FD, Path, OutBuf, Size),
		partial(133, "mknod", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Mknod(cwd, p, uint32(a[1])) }), "Devices cannot be made.", Path, Oct, Hex),
		partial(259, "mknodat", onPath(1, func(k *Kernel, a args, p string) error { return k.files.Mknod(a.fd(0), p, uint32(a[2])) }), "Devices cannot be made.", FD, Path, Oct, Hex),
		refused(161, "chroot", errno.EPERM, "The guest is an ordinary user.", Path),
		refused(253, "inotify_init", errno.ENOSYS, "Changes of files are not watched."),
		refused(294, "inotify_init1", errno.ENOSYS, "Changes of files are not watched.", Hex),
	)
}

func sysUnlinkat(k *Kernel, a args, p string) error {
	switch a[2] {
	case 0:
		return k.files.Unlink(a.fd(0), p)
	case vfs.AT_REMOVEDIR:
		return k.files.Rmdir(a.fd(0), p)
	}
	return errno.EINVAL
}

func (k *Kernel) readlink(dirfd int, path, addr, size uint64) (uint64, error) {
	if int32(size) <= 0 {
		return 0, errno.EINVAL
	}
	p, err := k.path(path)
	if err != nil {
		return 0, err
	}
	s, err := k.files.Readlink(dirfd, p)
	if err != nil {
		return 0, err
	}
	n := min(uint64(len(s)), size)
	return n, k.copyOut(addr, []byte(s[:n]))
}

// sysGetcwd returns the length of the path, its zero byte included.
func sysGetcwd(k *Kernel, t *Thread, a args) (uint64, error) {
	s, err := k.files.Getcwd()
	if err != nil {
		return 0, err
	}
	n := uint64(len(s) + 1)
	if n > a[1] {
		return 0, errno.ERANGE
	}
	return n, k.copyOut(a[0], append([]byte(s), 0))
}

// sysGetdents64 stores as many struct linux_dirent64 as fit.
func sysGetdents64(k *Kernel, t *Thread, a args) (uint64, error) {
	const header = 19 // d_ino, d_off, d_reclen, d_type
	var out []byte
	full := false
	size := min(a[2], stage)
	err := k.files.ReadDir(a.fd(0), func(d vfs.Dirent) bool {
		n := (header + len(d.Name) + 1 + 7) &^ 7
		if uint64(len(out)+n) > size {
			full = true
			return false
		}
		at := len(out)
		out = append(out, make([]byte, n)...)
		e := out[at:]
		binary.LittleEndian.PutUint64(e, d.Ino)
		binary.LittleEndian.PutUint64(e[8:], uint64(d.Cookie))
		binary.LittleEndian.PutUint16(e[16:], uint16(n))
		e[18] = d.Type
		copy(e[header:], d.Name)
		return true
	})
	switch {
	case err != nil:
		return 0, err
	case len(out) == 0 && full:
		return 0, errno.EINVAL
	}
	return uint64(len(out)), k.copyOut(a[1], out)
}
