package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	const cwd, nofollow = vfs.AT_FDCWD, vfs.AT_SYMLINK_NOFOLLOW
	noXattr := "Files have no extended attributes."
	register(
		supported(90, "chmod", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Chmod(cwd, p, uint32(a[1]), 0) }), Path, Oct),
		supported(91, "fchmod", simple(func(k *Kernel, a args) error { return k.files.Fchmod(a.fd(0), uint32(a[1])) }), FD, Oct),
		supported(268, "fchmodat", onPath(1, func(k *Kernel, a args, p string) error { return k.files.Chmod(a.fd(0), p, uint32(a[2]), 0) }), FD, Path, Oct),
		supported(452, "fchmodat2", onPath(1, func(k *Kernel, a args, p string) error { return k.files.Chmod(a.fd(0), p, uint32(a[2]), uint32(a[3])) }), FD, Path, Oct, atFlags),
		supported(92, "chown", onPath(0, func(k *Kernel, a args, p string) error { return k.files.Chown(cwd, p, uint32(a[1]), uint32(a[2]), 0) }), Path, Int, Int),
		supported(94, "lchown", onPath(0, func(k *Kernel, a args, p string) error {
			return k.files.Chown(cwd, p, uint32(a[1]), uint32(a[2]), nofollow)
		}), Path, Int, Int),
		supported(93, "fchown", simple(func(k *Kernel, a args) error { return k.files.Fchown(a.fd(0), uint32(a[1]), uint32(a[2])) }), FD, Int, Int),
		supported(260, "fchownat", onPath(1, func(k *Kernel, a args, p string) error {
			return k.files.Chown(a.fd(0), p, uint32(a[2]), uint32(a[3]), uint32(a[4]))
		}), FD, Path, Int, Int, atFlags),
		supported(280, "utimensat", simple(sysUtimensat), FD, Path, Ptr, atFlags),
		supported(261, "futimesat", onPath(1, func(k *Kernel, a args, p string) error { return k.utimes(a.fd(0), p, a[2]) }), FD, Path, Ptr),
		supported(235, "utimes", onPath(0, func(k *Kernel, a args, p string) error { return k.utimes(cwd, p, a[1]) }), Path, Ptr),
		supported(132, "utime", onPath(0, sysUtime), Path, Ptr),
	)
	for nr, name := range map[int]string{
		188: "setxattr", 189: "lsetxattr", 190: "fsetxattr", 191: "getxattr", 192: "lgetxattr", 193: "fgetxattr",
		194: "listxattr", 195: "llistxattr", 196: "flistxattr", 197: "removexattr", 198: "lremovexattr", 199: "fremovexattr",
	} {
		register(refused(nr, name, errno.EOPNOTSUPP, noXattr, Hex, Ptr, Ptr, Size))
	}
}

func sysUtimensat(k *Kernel, a args) error {
	var set [2]vfs.TimeSetting
	if a[2] == 0 {
		set[0].Now, set[1].Now = true, true
	} else {
		var b [32]byte // two struct timespec
		if err := k.copyIn(b[:], a[2]); err != nil {
			return err
		}
		for i := range set {
			sec, nsec := int64(le64(b[16*i:])), int64(le64(b[16*i+8:]))
			switch {
			case nsec == vfs.UTIME_NOW:
				set[i].Now = true
			case nsec == vfs.UTIME_OMIT:
				set[i].Omit = true
			case nsec < 0 || nsec >= 1_000_000_000:
				return errno.EINVAL
			default:
				set[i].At = stampOf(sec, nsec)
			}
		}
	}
	flags := uint32(a[3])
	if flags&^(vfs.AT_SYMLINK_NOFOLLOW|vfs.AT_EMPTY_PATH) != 0 {
		return errno.EINVAL
	}
	if a[1] == 0 { // futimens: the file that is open as the descriptor
		if a.fd(0) == vfs.AT_FDCWD {
			return errno.EFAULT
		}
		return k.files.Utimes(a.fd(0), "", set[0], set[1], flags|vfs.AT_EMPTY_PATH)
	}
	p, err := k.path(a[1])
	if err != nil {
		return err
	}
	return k.files.Utimes(a.fd(0), p, set[0], set[1], flags)
}

// stampOf returns a time of a file in ns. Those that ns cannot tell (before 1678, after 2262) become the nearest they can, as
// in a file system whose timestamps have limits.
func stampOf(sec, nsec int64) int64 {
	const limit = 1<<63/1_000_000_000 - 1
	return min(max(sec, -limit), limit)*1_000_000_000 + nsec
}

// utimes does what utimes and futimesat do: the times are two struct timeval at addr, or now if addr is 0.
func (k *Kernel) utimes(dirfd int, path string, addr uint64) error {
	now := vfs.TimeSetting{Now: true}
	if addr == 0 {
		return k.files.Utimes(dirfd, path, now, now, 0)
	}
	var set [2]vfs.TimeSetting
	for i := range set {
		var b [16]byte
		if err := k.copyIn(b[:], addr+uint64(16*i)); err != nil {
			return err
		}
		usec := int64(le64(b[8:]))
		if usec < 0 || usec >= 1_000_000 {
			return errno.EINVAL
		}
		set[i].At = stampOf(int64(le64(b[:])), usec*1000)
	}
	return k.files.Utimes(dirfd, path, set[0], set[1], 0)
}

// sysUtime takes two whole seconds (struct utimbuf).
func sysUtime(k *Kernel, a args, p string) error {
	if a[1] == 0 {
		return k.utimes(vfs.AT_FDCWD, p, 0)
	}
	var b [16]byte
	if err := k.copyIn(b[:], a[1]); err != nil {
		return err
	}
	at, mt := stampOf(int64(le64(b[:])), 0), stampOf(int64(le64(b[8:])), 0)
	return k.files.Utimes(vfs.AT_FDCWD, p, vfs.TimeSetting{At: at}, vfs.TimeSetting{At: mt}, 0)
}
