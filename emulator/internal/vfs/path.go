package vfs

import (
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A place is where a path leads.
type place struct {
	dir  ID     // the directory of the last component
	name string // the last component; "." or ".." or "/" if the path ends so
	id   ID     // the file there; 0 if there is none
	// magic says that the place is a link in /proc/self/fd, which leads to the open file fd itself and not to a path.
	magic bool
	fd    int
	slash bool // the path ended in a slash, so that only a directory will do
}

// start returns the directory from which path is walked.
func (f *Files) start(dirfd int, path string) (ID, error) {
	if strings.HasPrefix(path, "/") {
		return f.root, nil
	}
	if dirfd == AT_FDCWD {
		return f.cwd, nil
	}
	o, err := f.file(dirfd)
	if err != nil {
		return 0, err
	}
	if n := f.inode(o.ino); n == nil || !n.is(S_IFDIR) {
		return 0, errno.ENOTDIR
	}
	return o.ino, nil
}

// A following says what becomes of a symbolic link in the last component of a path.
type following uint8

const (
	// stay: the link itself is meant, unless a slash comes behind it.
	stay following = iota
	// follow: what it leads to is meant.
	follow
	// stayAlways: the link itself is meant, slash or not. That is so for calls that make or remove names
	// (filename_parentat in fs/namei.c).
	stayAlways
)

// followIf returns follow or stay.
func followIf(on bool) following {
	if on {
		return follow
	}
	return stay
}

// walk resolves path. That the last component is missing is not an error; see place.id. The rules are those of
// path_resolution(7).
func (f *Files) walk(dirfd int, path string, links following) (place, error) {
	if path == "" {
		return place{}, errno.ENOENT
	}
	if len(path) >= PATH_MAX {
		return place{}, errno.ENAMETOOLONG
	}
	dir, err := f.start(dirfd, path)
	if err != nil {
		return place{}, err
	}
	at := place{dir: dir, name: "/", id: dir}
	rest := path
	for met := 0; ; {
		trimmed := strings.TrimLeft(rest, "/")
		if trimmed == "" {
			at.slash = rest != ""
			if n := f.inode(at.id); n != nil && at.slash && !n.is(S_IFDIR) {
				return at, errno.ENOTDIR
			}
			return at, nil
		}
		// What the walk has reached so far must be a directory that may be searched.
		n := f.inode(at.id)
		switch {
		case at.magic:
			return at, errno.ENOTDIR
		case n == nil:
			return at, errno.ENOENT
		case !n.is(S_IFDIR):
			return at, errno.ENOTDIR
		case !n.allows(mayExec):
			return at, errno.EACCES
		}
		name := trimmed
		rest = ""
		if i := strings.IndexByte(trimmed, '/'); i >= 0 {
			name, rest = trimmed[:i], trimmed[i:]
		}
		if len(name) > NAME_MAX {
			return at, errno.ENAMETOOLONG
		}
		dir := at.id
		at = place{dir: dir, name: name}
		switch name {
		case ".":
			at.id = dir
			continue
		case "..":
			at.id = n.dir.parent
			continue
		}
		last := strings.Trim(rest, "/") == ""
		through := !last || links == follow || links == stay && rest != ""
		if n.dev == devFDs {
			fd, err := strconv.Atoi(name)
			if o, bad := f.file(fd); err == nil && bad == nil {
				if through {
					at.id = o.ino
				} else {
					at.magic, at.fd = true, fd
				}
			}
			continue
		}
		if at.id, err = f.child(dir, name); err != nil {
			return at, err
		}
		if c := f.inode(at.id); c != nil && c.is(S_IFLNK) && through {
			if met++; met > maxSymlinks {
				return at, errno.ELOOP
			}
			if c.target == "" {
				return at, errno.ENOENT
			}
			if len(c.target)+len(rest) >= PATH_MAX {
				return at, errno.ENAMETOOLONG
			}
			rest = c.target + rest
			at = place{dir: dir, name: ".", id: dir}
			if rest[0] == '/' {
				at = place{dir: f.root, name: "/", id: f.root}
			}
		}
	}
}

// child returns the file called name in the directory dir, 0 if there is none.
func (f *Files) child(dir ID, name string) (ID, error) {
	if err := f.loadDir(dir); err != nil {
		return 0, err
	}
	id, _ := f.inode(dir).dir.lookup(name)
	return id, nil
}

// find is walk for what must exist.
func (f *Files) find(dirfd int, path string, links following) (place, error) {
	at, err := f.walk(dirfd, path, links)
	if err == nil && at.id == 0 && !at.magic {
		err = errno.ENOENT
	}
	return at, err
}

// fresh is walk for what must not exist yet and is to be made; the directory must let the guest write.
func (f *Files) fresh(dirfd int, path string) (place, error) {
	at, err := f.walk(dirfd, path, stayAlways)
	switch {
	case err != nil && !(err == errno.ENOTDIR && at.id != 0 && at.slash):
		return at, err
	case at.id != 0 || at.magic:
		return at, errno.EEXIST
	}
	return at, f.mayChange(at.dir)
}

// mayChange says whether the guest may add names to the directory and remove them.
func (f *Files) mayChange(dir ID) error {
	n := f.inode(dir)
	switch {
	case n.nlink == 0:
		return errno.ENOENT
	case n.dev == devFDs || n.dynamic != 0 || n.host != nil && !f.out.writable(n.host):
		return errno.EROFS
	case !n.allows(mayWrite | mayExec):
		return errno.EACCES
	}
	return nil
}

// mayRemove says whether the guest may take the entry that leads to id out of the directory. In a sticky directory such as
// /tmp only the owner of either may.
func (f *Files) mayRemove(dir, id ID) error {
	if err := f.mayChange(dir); err != nil {
		return err
	}
	d, n := f.inode(dir), f.inode(id)
	if d.mode&S_ISVTX != 0 && d.uid != UID && n.uid != UID {
		return errno.EPERM
	}
	return nil
}

// pathOf returns the absolute path of a directory; ok is false when it has been removed.
func (f *Files) pathOf(dir ID) (path string, ok bool) {
	for dir != f.root {
		n := f.inode(dir)
		if n == nil || n.nlink == 0 {
			return path, false
		}
		up := f.inode(n.dir.parent)
		name := ""
		for _, e := range up.dir.entries {
			if e.id == dir {
				name = e.name
			}
		}
		path = "/" + name + path
		dir = n.dir.parent
	}
	if path == "" {
		path = "/"
	}
	return path, true
}

// join returns the path of the entry name of a directory whose path is dir.
func join(dir, name string) string {
	if dir == "/" {
		return dir + name
	}
	return dir + "/" + name
}

// Getcwd returns the path of the working directory.
func (f *Files) Getcwd() (string, error) {
	path, ok := f.pathOf(f.cwd)
	if !ok {
		return "", errno.ENOENT
	}
	return path, nil
}

// Chdir makes the directory at path the working directory.
func (f *Files) Chdir(path string) error {
	at, err := f.find(AT_FDCWD, path, follow)
	if err != nil {
		return err
	}
	return f.enter(at.id)
}

// Fchdir makes the directory that is open as fd the working directory.
func (f *Files) Fchdir(fd int) error {
	o, err := f.file(fd)
	if err != nil {
		return err
	}
	return f.enter(o.ino)
}

func (f *Files) enter(dir ID) error {
	n := f.inode(dir)
	if n == nil || !n.is(S_IFDIR) {
		return errno.ENOTDIR
	}
	if !n.allows(mayExec) {
		return errno.EACCES
	}
	old := f.cwd
	f.cwd = dir
	f.release(old)
	return nil
}
