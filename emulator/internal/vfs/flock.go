package vfs

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Operations of flock.
const (
	LOCK_SH = 1
	LOCK_EX = 2
	LOCK_NB = 4
	LOCK_UN = 8
)

// A flock is a lock that an open file holds on an inode. Two open files of one process exclude each other too; only the
// locks of fcntl, which belong to processes, cannot conflict here.
type flock struct {
	file      ID
	exclusive bool
}

// Flock locks or unlocks the file open as fd.
func (f *Files) Flock(fd, op int) error {
	o, err := f.file(fd)
	if err != nil {
		return err
	}
	if o.kind == kindPath {
		return errno.EBADF
	}
	id := f.fds[fd].file
	want := flock{id, op&^LOCK_NB == LOCK_EX}
	switch op &^ LOCK_NB {
	case LOCK_UN:
		f.unlock(id, o.ino)
		return nil
	case LOCK_SH, LOCK_EX:
	default:
		return errno.EINVAL
	}
	for _, l := range f.inode(o.ino).flocks {
		if l.file != id && (l.exclusive || want.exclusive) {
			if op&LOCK_NB != 0 {
				return errno.EAGAIN
			}
			return Wait{ID: o.ino}
		}
	}
	if !f.has(account.Lock) {
		return errno.ENOLCK
	}
	f.unlock(id, o.ino)
	n := f.editInode(o.ino)
	n.flocks = append(n.flocks, want)
	return nil
}

// unlock removes the lock of an open file, if it holds one.
func (f *Files) unlock(file, ino ID) {
	mine := func(l flock) bool { return l.file == file }
	if !slices.ContainsFunc(f.inode(ino).flocks, mine) {
		return
	}
	n := f.editInode(ino)
	n.flocks = shrunk(slices.DeleteFunc(n.flocks, mine))
	f.woken = append(f.woken, ino)
}
