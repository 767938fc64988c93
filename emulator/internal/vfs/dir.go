package vfs

import (
	"strconv"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Mkdir makes a directory.
func (f *Files) Mkdir(dirfd int, path string, mode uint32) error {
	at, err := f.fresh(dirfd, path)
	if err != nil {
		return err
	}
	_, err = f.create(at, S_IFDIR|mode&0o1777&^f.umask)
	return err
}

// Mknod makes a regular file, FIFO or socket name. Devices are for root alone.
func (f *Files) Mknod(dirfd int, path string, mode uint32) error {
	if mode&S_IFMT == 0 {
		mode |= S_IFREG
	}
	at, err := f.fresh(dirfd, path)
	switch {
	case err != nil:
		return err
	case at.slash:
		return errno.ENOENT
	}
	switch mode & S_IFMT {
	case S_IFREG, S_IFIFO, S_IFSOCK:
	case S_IFDIR:
		return errno.EPERM
	case S_IFCHR, S_IFBLK:
		return errno.EPERM
	default:
		return errno.EINVAL
	}
	_, err = f.create(at, mode&(S_IFMT|0o7777)&^f.umask)
	return err
}

// Symlink makes a symbolic link.
func (f *Files) Symlink(target string, dirfd int, path string) error {
	if target == "" {
		return errno.ENOENT
	}
	if len(target) >= PATH_MAX {
		return errno.ENAMETOOLONG
	}
	at, err := f.fresh(dirfd, path)
	switch {
	case err != nil:
		return err
	case at.slash:
		return errno.ENOENT
	}
	if !f.has(filePrice + len(at.name) + len(target)) {
		return errno.ENOSPC
	}
	host, err := f.hostCreate(at, S_IFLNK|0o777, target)
	if err != nil {
		return err
	}
	id, n := f.newInode(S_IFLNK | 0o777)
	n.target, n.host = target, host
	f.link(at.dir, at.name, id)
	return nil
}

// Link gives the file at path another name. It follows a link in the last component with AT_SYMLINK_FOLLOW.
func (f *Files) Link(olddir int, oldpath string, newdir int, newpath string, flags uint32) error {
	if flags&^(AT_SYMLINK_FOLLOW|AT_EMPTY_PATH) != 0 {
		return errno.EINVAL
	}
	id, err := f.target(olddir, oldpath, followIf(flags&AT_SYMLINK_FOLLOW != 0), flags)
	if err != nil {
		return err
	}
	at, err := f.fresh(newdir, newpath)
	switch {
	case err != nil:
		return err
	case at.slash:
		return errno.ENOENT
	}
	n := f.inode(id)
	switch {
	case n.is(S_IFDIR):
		return errno.EPERM
	case n.nlink == 0 && n.is(S_IFIFO|S_IFSOCK):
		return errno.ENOENT
	}
	if !f.has(account.Name + len(at.name)) {
		return errno.ENOSPC
	}
	if err := f.hostLink(id, at); err != nil {
		return err
	}
	f.link(at.dir, at.name, id)
	return nil
}

// Readlink returns where a symbolic link leads. An empty path means the link open as dirfd.
func (f *Files) Readlink(dirfd int, path string) (string, error) {
	var id ID
	if path == "" && dirfd != AT_FDCWD {
		o, err := f.file(dirfd)
		if err != nil {
			return "", err
		}
		id = o.ino
	} else {
		at, err := f.find(dirfd, path, stay)
		if err != nil {
			return "", err
		}
		if at.magic {
			return f.describe(at.fd), nil
		}
		id = at.id
	}
	n := f.inode(id)
	if !n.is(S_IFLNK) {
		return "", errno.EINVAL
	}
	return n.target, nil
}

// describe returns what the link /proc/self/fd/N says.
func (f *Files) describe(fd int) string {
	o, _ := f.file(fd)
	n := f.inode(o.ino)
	ino := "[" + strconv.Itoa(int(o.ino)) + "]"
	switch o.kind {
	case kindSocket:
		return "socket:" + ino
	case kindEvent:
		return "anon_inode:[eventfd]"
	case kindTimer:
		return "anon_inode:[timerfd]"
	case kindEpoll:
		return "anon_inode:[eventpoll]"
	}
	if o.dir == 0 {
		return "pipe:" + ino
	}
	dir, ok := f.pathOf(o.dir)
	if o.name != "" {
		dir = join(dir, o.name)
	}
	if !ok || n.nlink == 0 {
		dir += " (deleted)"
	}
	return dir
}

// Unlink removes a name of a file that is not a directory.
func (f *Files) Unlink(dirfd int, path string) error {
	at, err := f.walk(dirfd, path, stayAlways)
	if err != nil {
		return err
	}
	if at.magic {
		return errno.EPERM
	}
	if at.id == 0 {
		return errno.ENOENT
	}
	if at.name == "." || at.name == ".." || at.name == "/" || f.inode(at.id).is(S_IFDIR) {
		return errno.EISDIR
	}
	return f.remove(at)
}

// Rmdir removes an empty directory.
func (f *Files) Rmdir(dirfd int, path string) error {
	at, err := f.find(dirfd, path, stayAlways)
	if err != nil {
		return err
	}
	switch at.name {
	case ".":
		return errno.EINVAL
	case "..":
		return errno.ENOTEMPTY
	case "/":
		return errno.EBUSY
	}
	if at.magic || !f.inode(at.id).is(S_IFDIR) {
		return errno.ENOTDIR
	}
	if err := f.mayRemove(at.dir, at.id); err != nil {
		return err
	}
	if err := f.vacant(at.id); err != nil {
		return err
	}
	return f.remove(at)
}

// vacant says whether a directory is empty and not the root of a mount.
func (f *Files) vacant(id ID) error {
	if err := f.loadDir(id); err != nil {
		return err
	}
	n := f.inode(id)
	switch {
	case n.host != nil && n.host.dir == 0 && !n.host.gone:
		return errno.EBUSY
	case len(n.dir.entries) > 0 || n.dev != devNone:
		return errno.ENOTEMPTY
	}
	return nil
}

// remove takes away the name, and the file with it if that was all that led to it.
func (f *Files) remove(at place) error {
	if err := f.mayRemove(at.dir, at.id); err != nil {
		return err
	}
	if err := f.hostRemove(at); err != nil {
		return err
	}
	d := f.editInode(at.dir)
	d.dir.remove(at.name)
	d.mtime, d.ctime = f.now, f.now
	f.unlinked(at.dir, at.id)
	return nil
}

// unlinked counts one name less for id, which was in dir.
func (f *Files) unlinked(dir, id ID) {
	n := f.editInode(id)
	n.ctime = f.now
	n.nlink--
	if n.dir != nil {
		n.nlink = 0
		f.editInode(dir).nlink--
	}
	f.release(id)
}

// Rename moves a file to another name, in place of what is there. The rules are those of rename(2).
func (f *Files) Rename(olddir int, oldpath string, newdir int, newpath string, flags uint32) error {
	if flags&^(RENAME_NOREPLACE|RENAME_EXCHANGE) != 0 || flags == RENAME_NOREPLACE|RENAME_EXCHANGE {
		return errno.EINVAL
	}
	from, err := f.find(olddir, oldpath, stayAlways)
	if err != nil {
		return err
	}
	to, err := f.walk(newdir, newpath, stayAlways)
	if err != nil {
		return err
	}
	for _, at := range [...]place{from, to} {
		if at.magic || at.name == "." || at.name == ".." || at.name == "/" {
			return errno.EBUSY
		}
	}
	n := f.inode(from.id)
	switch {
	case to.id != 0 && flags == RENAME_NOREPLACE:
		return errno.EEXIST
	case to.id == 0 && flags == RENAME_EXCHANGE:
		return errno.ENOENT
	case to.slash && !n.is(S_IFDIR):
		return errno.ENOTDIR
	}
	if err := f.mayRemove(from.dir, from.id); err != nil {
		return err
	}
	if err := f.mayChange(to.dir); err != nil {
		return err
	}
	if n.is(S_IFDIR) && (from.id == to.dir || f.above(from.id, to.dir)) {
		return errno.EINVAL // into itself
	}
	if flags == RENAME_EXCHANGE {
		return f.exchange(from, to)
	}
	if n.host != nil && n.host.dir == 0 {
		return errno.EBUSY
	}
	if to.id == from.id {
		return nil
	}
	if to.id != 0 {
		t := f.inode(to.id)
		switch {
		case n.is(S_IFDIR) && !t.is(S_IFDIR):
			return errno.ENOTDIR
		case !n.is(S_IFDIR) && t.is(S_IFDIR):
			return errno.EISDIR
		}
		if err := f.mayRemove(to.dir, to.id); err != nil {
			return err
		}
		if t.is(S_IFDIR) {
			if err := f.vacant(to.id); err != nil {
				return err
			}
		}
	}
	if !f.has(account.Name + len(to.name)) {
		return errno.ENOSPC
	}
	if err := f.hostRename(from, to); err != nil {
		return err
	}
	f.move(from, to)
	return nil
}

// move does a rename that is allowed.
func (f *Files) move(from, to place) {
	a := f.editInode(from.dir)
	a.dir.remove(from.name)
	a.mtime, a.ctime = f.now, f.now
	b := f.editInode(to.dir)
	b.dir.set(to.name, from.id)
	b.mtime, b.ctime = f.now, f.now
	n := f.editInode(from.id)
	n.ctime = f.now
	if n.dir != nil {
		a.nlink--
		b.nlink++
		n.dir.parent = to.dir
	}
	if to.id != 0 {
		f.unlinked(to.dir, to.id)
	}
}

// exchange swaps two files (RENAME_EXCHANGE).
func (f *Files) exchange(from, to place) error {
	a, b := f.inode(from.id), f.inode(to.id)
	if b.is(S_IFDIR) && (to.id == from.dir || f.above(to.id, from.dir)) {
		return errno.EINVAL
	}
	if a.host != nil || b.host != nil {
		return errno.EINVAL
	}
	for _, x := range [...]struct {
		at ID
		as place
	}{{from.id, to}, {to.id, from}} {
		d := f.editInode(x.as.dir)
		d.dir.set(x.as.name, x.at)
		d.mtime, d.ctime = f.now, f.now
		n := f.editInode(x.at)
		n.ctime = f.now
		if n.dir != nil {
			f.editInode(n.dir.parent).nlink--
			n.dir.parent = x.as.dir
			f.editInode(x.as.dir).nlink++
		}
	}
	return nil
}

// above says whether the directory dir lies somewhere below top.
func (f *Files) above(top, dir ID) bool {
	for dir != f.root {
		if dir = f.inode(dir).dir.parent; dir == top {
			return true
		}
	}
	return false
}

// A Dirent is an entry of a directory.
type Dirent struct {
	Name   string
	Ino    uint64
	Type   uint8 // DT_ constant: S_IFMT of the mode, shifted down by 12
	Cookie int64 // where to go on after this entry
}

// ReadDir calls yield for the entries from the descriptor's position on until yield returns false. The position is then that
// of the entry refused.
func (f *Files) ReadDir(fd int, yield func(Dirent) bool) error {
	o, err := f.file(fd)
	switch {
	case err != nil:
		return err
	case o.kind != kindDir:
		if o.kind == kindPath {
			return errno.EBADF
		}
		return errno.ENOTDIR
	}
	n := f.inode(o.ino)
	if n.nlink == 0 {
		return errno.ENOENT
	}
	o, _ = f.editFile(fd)
	if o.pos == 0 {
		if !yield(Dirent{".", uint64(o.ino), S_IFDIR >> 12, 1}) {
			return nil
		}
		o.pos = 1
	}
	if o.pos == 1 {
		if !yield(Dirent{"..", uint64(n.dir.parent), S_IFDIR >> 12, 2}) {
			return nil
		}
		o.pos = 2
	}
	if n.dev == devFDs {
		for _, fd := range f.Descriptors() {
			if int64(fd)+2 < o.pos {
				continue
			}
			if !yield(Dirent{strconv.Itoa(fd), uint64(f.fds[fd].file), S_IFLNK >> 12, int64(fd) + 3}) {
				return nil
			}
			o.pos = int64(fd) + 3
		}
		return nil
	}
	for _, e := range n.dir.entries[n.dir.index(uint64(o.pos)+1):] {
		if !yield(Dirent{e.name, uint64(e.id), uint8(f.inode(e.id).mode & S_IFMT >> 12), int64(e.cookie)}) {
			return nil
		}
		o.pos = int64(e.cookie)
	}
	return nil
}
