package vfs

import "github.com/rt0lab/rt0/emulator/internal/errno"

// A Dynamic names a file whose content is made from the state of the process at the moment it is opened; 0 is none.
type Dynamic uint8

// The dynamic files, all in /proc.
const (
	ProcMaps Dynamic = iota + 1
	ProcStat
	ProcStatus
	ProcLimits
	ProcUptime
	ProcUUID
	ProcMeminfo
)

// Open opens the file at path, relative to the directory dirfd, and returns its descriptor. mode is that of a file to be
// made. dynamic returns the content of a dynamic file.
func (f *Files) Open(dirfd int, path string, flags, mode uint32, dynamic func(Dynamic) []byte) (int, error) {
	if flags&O_TMPFILE == O_TMPFILE {
		return f.openTemporary(dirfd, path, flags, mode)
	}
	if flags&O_CREAT != 0 && flags&O_DIRECTORY != 0 {
		return -1, errno.EINVAL
	}
	at, err := f.walk(dirfd, path, followIf(flags&O_NOFOLLOW == 0 && flags&(O_CREAT|O_EXCL) != O_CREAT|O_EXCL))
	if err != nil {
		return -1, err
	}
	if at.magic {
		return -1, errno.ELOOP
	}
	made := false
	if at.id == 0 {
		if flags&O_CREAT == 0 || flags&O_PATH != 0 {
			return -1, errno.ENOENT
		}
		if at.slash {
			return -1, errno.EISDIR
		}
		if err := f.mayChange(at.dir); err != nil {
			return -1, err
		}
		if at.id, err = f.create(at, S_IFREG|mode&0o7777&^f.umask); err != nil {
			return -1, err
		}
		made = true
	} else if flags&(O_CREAT|O_EXCL) == O_CREAT|O_EXCL && flags&O_PATH == 0 {
		return -1, errno.EEXIST
	}
	n := f.inode(at.id)
	o := &openFile{ino: at.id, flags: O_LARGEFILE | flags&^(O_CREAT|O_EXCL|O_NOCTTY|O_TRUNC|O_CLOEXEC), dir: at.dir, name: at.name}
	if at.name == "." || at.name == ".." || at.name == "/" {
		o.dir, o.name = at.id, ""
	}
	if flags&O_DIRECTORY != 0 && !n.is(S_IFDIR) {
		return -1, errno.ENOTDIR
	}
	if flags&O_PATH != 0 {
		o.flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW
		return f.openInode(o, flags&O_CLOEXEC != 0)
	}
	if err := f.mayOpen(n, flags, made); err != nil {
		return -1, err
	}
	switch n.mode & S_IFMT {
	case S_IFDIR:
		o.kind = kindDir
		if err := f.loadDir(at.id); err != nil {
			return -1, err
		}
	case S_IFCHR:
		o.kind = kindDevice
		if n.dev == devTTY {
			return -1, errno.ENXIO
		}
	case S_IFIFO:
		if n.dev != devNone { // one of the standard streams
			o.kind = kindDevice
			break
		}
		o.kind = kindPipe
		if o.obj, err = f.openFIFO(at.id, flags); err != nil {
			return -1, err
		}
	case S_IFREG:
		o.kind = kindRegular
		if n.dynamic != 0 {
			o.kind, o.text = kindText, dynamic(n.dynamic)
		}
		if flags&O_TRUNC != 0 && !made {
			if err := f.truncate(at.id, 0); err != nil {
				return -1, err
			}
		}
	}
	return f.openInode(o, flags&O_CLOEXEC != 0)
}

// mayOpen says whether the guest may open the inode with the flags. What it has just made it may, whatever the mode.
func (f *Files) mayOpen(n *inode, flags uint32, made bool) error {
	want := uint32(mayRead)
	switch flags & O_ACCMODE {
	case O_WRONLY:
		want = mayWrite
	case O_RDWR:
		want = mayRead | mayWrite
	}
	if flags&O_TRUNC != 0 {
		want |= mayWrite
	}
	switch {
	case n.is(S_IFLNK):
		return errno.ELOOP
	case n.is(S_IFSOCK):
		return errno.ENXIO
	case n.is(S_IFDIR) && (want&mayWrite != 0 || flags&O_CREAT != 0):
		return errno.EISDIR
	case !made && !n.allows(want):
		return errno.EACCES
	case want&mayWrite != 0 && n.host != nil && !f.out.writable(n.host):
		return errno.EROFS
	}
	return nil
}

// create makes an empty file of the mode at the place, which must be free.
func (f *Files) create(at place, mode uint32) (ID, error) {
	if !f.has(filePrice + len(at.name)) {
		return 0, errno.ENOSPC
	}
	host, err := f.hostCreate(at, mode, "")
	if err != nil {
		return 0, err
	}
	id, n := f.newInode(mode)
	n.host = host
	f.link(at.dir, at.name, id)
	return id, nil
}

// link makes name lead to id and stamps the directory.
func (f *Files) link(dir ID, name string, id ID) {
	d, n := f.editInode(dir), f.editInode(id)
	d.dir.set(name, id)
	d.mtime, d.ctime = f.now, f.now
	n.nlink++
	n.ctime = f.now
	if n.dir != nil {
		n.dir.parent = dir
		n.nlink = max(n.nlink, 2) // "." counts
		d.nlink++                 // and so does ".."
	}
}

// openTemporary does O_TMPFILE: a file without a name.
func (f *Files) openTemporary(dirfd int, path string, flags, mode uint32) (int, error) {
	at, err := f.find(dirfd, path, follow)
	if err != nil {
		return -1, err
	}
	n := f.inode(at.id)
	switch {
	case !n.is(S_IFDIR):
		return -1, errno.ENOTDIR
	case flags&O_ACCMODE == O_RDONLY:
		return -1, errno.EINVAL
	case n.host != nil || n.dynamic != 0 || n.dev != devNone:
		return -1, errno.EOPNOTSUPP
	}
	if err := f.mayChange(at.id); err != nil {
		return -1, err
	}
	if !f.has(objectPrice) {
		return -1, errno.ENOSPC
	}
	id, _ := f.newInode(S_IFREG | mode&0o7777&^f.umask)
	o := &openFile{kind: kindRegular, ino: id, flags: flags &^ (O_TMPFILE&^O_DIRECTORY | O_CLOEXEC | O_EXCL), dir: at.id}
	return f.openInode(o, flags&O_CLOEXEC != 0)
}
