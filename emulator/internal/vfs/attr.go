package vfs

import "github.com/rt0lab/rt0/emulator/internal/errno"

// target returns the inode at path, or with AT_EMPTY_PATH and an empty path that of the open file dirfd.
func (f *Files) target(dirfd int, path string, links following, flags uint32) (ID, error) {
	if path == "" && flags&AT_EMPTY_PATH != 0 {
		if dirfd == AT_FDCWD {
			return f.cwd, nil
		}
		o, err := f.file(dirfd)
		if err != nil {
			return 0, err
		}
		return o.ino, nil
	}
	at, err := f.find(dirfd, path, links)
	if err == nil && at.magic {
		err = errno.EPERM
	}
	return at.id, err
}

// Stat tells of the file at path. flags are AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH.
func (f *Files) Stat(dirfd int, path string, flags uint32) (Stat, error) {
	if path != "" {
		at, err := f.find(dirfd, path, followIf(flags&AT_SYMLINK_NOFOLLOW == 0))
		if err != nil {
			return Stat{}, err
		}
		if at.magic {
			n := inode{mode: S_IFLNK | 0o700, uid: UID, gid: GID, nlink: 1, target: f.describe(at.fd), atime: f.now, mtime: f.now, ctime: f.now}
			s := n.stat(f.fds[at.fd].file)
			s.Size = 64 // what procfs says
			return s, nil
		}
		return f.inode(at.id).stat(at.id), nil
	}
	id, err := f.target(dirfd, path, follow, flags)
	if err != nil {
		return Stat{}, err
	}
	return f.inode(id).stat(id), nil
}

// Fstat tells of the file open as fd.
func (f *Files) Fstat(fd int) (Stat, error) {
	o, err := f.file(fd)
	if err != nil {
		return Stat{}, err
	}
	return f.inode(o.ino).stat(o.ino), nil
}

// Access says whether the guest has the rights (R_OK, W_OK, X_OK or 0) to the file at path.
func (f *Files) Access(dirfd int, path string, rights, flags uint32) error {
	if rights&^7 != 0 || flags&^(AT_SYMLINK_NOFOLLOW|AT_EMPTY_PATH|AT_EACCESS) != 0 {
		return errno.EINVAL
	}
	id, err := f.target(dirfd, path, followIf(flags&AT_SYMLINK_NOFOLLOW == 0), flags)
	if err != nil {
		return err
	}
	n := f.inode(id)
	switch {
	case n.is(S_IFLNK):
		return nil
	case !n.allows(rights):
		return errno.EACCES
	case rights&mayWrite != 0 && n.host != nil && !f.out.writable(n.host):
		return errno.EROFS
	}
	return nil
}

// Chmod changes the permissions of the file at path.
func (f *Files) Chmod(dirfd int, path string, mode, flags uint32) error {
	id, err := f.target(dirfd, path, followIf(flags&AT_SYMLINK_NOFOLLOW == 0), flags)
	if err != nil {
		return err
	}
	return f.chmod(id, mode)
}

// Fchmod changes the permissions of the file open as fd.
func (f *Files) Fchmod(fd int, mode uint32) error {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return err
	case o.kind == kindPath:
		return errno.EBADF
	}
	return f.chmod(o.ino, mode)
}

func (f *Files) chmod(id ID, mode uint32) error {
	if err := f.mine(id); err != nil {
		return err
	}
	if f.inode(id).is(S_IFLNK) {
		return errno.EOPNOTSUPP
	}
	if err := f.hostChmod(id, mode); err != nil {
		return err
	}
	n := f.editInode(id)
	n.mode = n.mode&S_IFMT | mode&0o7777
	n.ctime = f.now
	return nil
}

// mine says whether the guest may change the attributes of the file.
func (f *Files) mine(id ID) error {
	n := f.inode(id)
	switch {
	case n.uid != UID:
		return errno.EPERM
	case n.host != nil && !f.out.writable(n.host):
		return errno.EROFS
	}
	return nil
}

// Chown changes owner and group; an ordinary user may only set what is so already. -1 leaves one alone.
func (f *Files) Chown(dirfd int, path string, uid, gid, flags uint32) error {
	id, err := f.target(dirfd, path, followIf(flags&AT_SYMLINK_NOFOLLOW == 0), flags)
	if err != nil {
		return err
	}
	return f.chown(id, uid, gid)
}

// Fchown is Chown for an open file.
func (f *Files) Fchown(fd int, uid, gid uint32) error {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return err
	case o.kind == kindPath:
		return errno.EBADF
	}
	return f.chown(o.ino, uid, gid)
}

func (f *Files) chown(id ID, uid, gid uint32) error {
	const same = 1<<32 - 1
	n := f.inode(id)
	if uid == same && gid == same {
		return nil
	}
	if err := f.mine(id); err != nil {
		return err
	}
	if uid != same && uid != n.uid || gid != same && gid != n.gid {
		return errno.EPERM
	}
	f.editInode(id).ctime = f.now
	return nil
}

// Special values of a time in Utimes, as in struct timespec's tv_nsec of utimensat(2).
const (
	UTIME_NOW  = 1<<30 - 1
	UTIME_OMIT = 1<<30 - 2
)

// A TimeSetting is a new time for a file: Now, Omit (leave it) or At, in ns since 1970.
type TimeSetting struct {
	Now, Omit bool
	At        int64
}

// Utimes sets the times of the file at path, or of the one open as dirfd when path is empty and flags has AT_EMPTY_PATH.
func (f *Files) Utimes(dirfd int, path string, atime, mtime TimeSetting, flags uint32) error {
	id, err := f.target(dirfd, path, followIf(flags&AT_SYMLINK_NOFOLLOW == 0), flags)
	if err != nil {
		return err
	}
	if atime.Omit && mtime.Omit {
		return nil
	}
	n := f.inode(id)
	if err := f.mine(id); err != nil {
		if !(err == errno.EPERM && atime.Now && mtime.Now && n.allows(mayWrite)) {
			if err == errno.EPERM && atime.Now && mtime.Now {
				err = errno.EACCES
			}
			return err
		}
	}
	at, mt := n.atime, n.mtime
	for _, x := range [...]struct {
		is *int64
		to TimeSetting
	}{{&at, atime}, {&mt, mtime}} {
		switch {
		case x.to.Now:
			*x.is = f.now
		case !x.to.Omit:
			*x.is = x.to.At
		}
	}
	if !n.is(S_IFLNK) {
		if err := f.hostTimes(id, at, mt); err != nil {
			return err
		}
	}
	n = f.editInode(id)
	n.atime, n.mtime, n.ctime = at, mt, f.now
	return nil
}
