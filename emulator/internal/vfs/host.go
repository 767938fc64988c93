package vfs

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A Mount shows the host's directory Host at the guest's path Guest.
type Mount struct {
	Host, Guest string
	Writable    bool
}

// A mount is an open host directory.
type mount struct {
	root     hostDir
	writable bool
}

// A hostRef ties an inode to a host file. Its path follows from the directories above it, so that renaming one is cheap.
type hostRef struct {
	mount int
	dir   ID     // 0 for the mounted directory itself
	name  string // in dir
	gone  bool   // it has no name on the host any more: what happens to it concerns only the guest
	// listed says that a directory's entries have been read.
	listed bool
	// size is up to where a regular file's missing chunks are the host's and not holes.
	size int64
}

func (r *hostRef) hashTo(h *hasher) {
	h.nums(uint64(r.mount), uint64(r.dir), uint64(r.size))
	h.str(r.name)
	h.flag(r.gone)
	h.flag(r.listed)
}

// A hostEntry is what the host tells of a directory's entry.
type hostEntry struct {
	name   string
	mode   uint32
	size   int64
	mtime  int64
	target string
}

type chunkKey struct {
	id ID
	i  int64
}

type hostChunk struct {
	data []byte
	err  error
}

// Mount shows a host directory at a path of the guest, in place of what was there.
func (f *Files) Mount(m Mount) error {
	root, info, err := openHostDir(m.Host)
	if err != nil {
		return fmt.Errorf("mount %s: %w", m.Host, err)
	}
	if !path.IsAbs(m.Guest) {
		return fmt.Errorf("mount %s: guest path %q is not absolute", m.Host, m.Guest)
	}
	f.out.mounts = append(f.out.mounts, &mount{root, m.Writable})
	guest := path.Clean(m.Guest)
	e := entryOf(info)
	id, n := f.newInode(e.mode)
	n.mtime, n.ctime = e.mtime, e.mtime
	n.host = &hostRef{mount: len(f.out.mounts) - 1}
	if guest == "/" {
		f.root, f.cwd = id, id
		n.nlink, n.dir.parent = 2, id
		return nil
	}
	dir := f.mkdirAll(path.Dir(guest))
	f.link(dir, path.Base(guest), id)
	return nil
}

// writable says whether the guest may change the host file.
func (x *Outside) writable(r *hostRef) bool { return x.mounts[r.mount].writable }

// hostPath returns the path of a host file below its mount.
func (f *Files) hostPath(r *hostRef) string {
	if r.dir == 0 {
		return "."
	}
	return path.Join(f.hostPath(f.inode(r.dir).host), r.name)
}

// loadDir reads the entries of a host directory when they are needed first.
func (f *Files) loadDir(dir ID) error {
	r := f.inode(dir).host
	if r == nil || r.listed || r.gone {
		return nil
	}
	entries := f.out.list(dir, r.mount, f.hostPath(r))
	if !f.has(len(entries) * (account.Inode + account.Host + account.Name + account.Leaf/leafSize)) {
		return errno.ENOMEM
	}
	d := f.editInode(dir)
	d.host.listed = true
	mtime, ctime := d.mtime, d.ctime
	for _, e := range entries {
		id, n := f.newInode(e.mode)
		n.mtime, n.ctime, n.atime, n.btime = e.mtime, e.mtime, e.mtime, e.mtime
		n.target = e.target
		n.host = &hostRef{mount: r.mount, dir: dir, name: e.name}
		if n.is(S_IFREG) {
			n.host.size, n.data.size = e.size, e.size
		}
		f.link(dir, e.name, id)
		n.ctime = e.mtime
	}
	d.mtime, d.ctime = mtime, ctime
	return nil
}

// list returns the entries of a host directory, sorted by name. What cannot be read is not there.
func (x *Outside) list(id ID, m int, dir string) []hostEntry {
	x.mu.Lock()
	defer x.mu.Unlock()
	if l, ok := x.listing[id]; ok {
		return l
	}
	var out []hostEntry
	root := x.mounts[m].root
	infos, _ := root.List(dir)
	for _, i := range infos {
		e := entryOf(i)
		switch e.mode & S_IFMT {
		case S_IFLNK:
			e.target, _ = root.Readlink(path.Join(dir, e.name))
			e.target = strings.ReplaceAll(e.target, "\\", "/") // Windows
		case S_IFREG, S_IFDIR:
		default:
			continue // devices, sockets and pipes of the host mean nothing to the guest
		}
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	x.listing[id] = out
	return out
}

func entryOf(i fs.FileInfo) hostEntry {
	mode := uint32(i.Mode().Perm())
	switch t := i.Mode().Type(); t {
	case 0:
		mode |= S_IFREG
	case fs.ModeDir:
		mode |= S_IFDIR
	case fs.ModeSymlink:
		mode |= S_IFLNK | 0o777
	}
	if i.Mode()&fs.ModeSticky != 0 {
		mode |= S_ISVTX
	}
	return hostEntry{name: i.Name(), mode: mode, size: i.Size(), mtime: i.ModTime().UnixNano()}
}

// loadChunks reads what the host holds of the file in [off, off+n) and the guest has not read yet.
func (f *Files) loadChunks(id ID, off, n int64) error {
	node := f.inode(id)
	r := node.host
	if r == nil || n == 0 {
		return nil
	}
	for i := off / chunkSize; i*chunkSize < min(off+n, r.size); i++ {
		if node.data.chunks[i] != nil {
			continue
		}
		size := min(chunkSize, r.size-i*chunkSize)
		if !f.has(account.Chunk + int(size)) {
			return errno.ENOMEM
		}
		b, err := f.out.chunk(chunkKey{id, i}, r.mount, f.hostPath(r), size)
		if err != nil {
			return err
		}
		node = f.editInode(id)
		if node.data.chunks == nil {
			node.data.chunks = make(map[int64]*chunk)
		}
		node.data.chunks[i] = &chunk{data: b}
		f.cached += account.Chunk + int64(len(b))
	}
	return nil
}

// chunk returns size bytes of chunk k.i of the host file, or fewer if it has become shorter.
func (x *Outside) chunk(k chunkKey, m int, name string, size int64) ([]byte, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if c, ok := x.chunks[k]; ok {
		return c.data, c.err
	}
	var c hostChunk
	b := make([]byte, size)
	n, err := x.mounts[m].root.ReadAt(name, b, k.i*chunkSize)
	c.data, c.err = b[:n:n], hostErrno(err)
	x.chunks[k] = c
	return c.data, c.err
}

// hostErrno turns the host's error into the guest's: the host may have other numbers, or none.
func hostErrno(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return errno.ENOENT
	case errors.Is(err, fs.ErrExist):
		return errno.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return errno.EACCES
	}
	return errno.EIO
}

// change makes one change to a host directory, once: when the guest runs again it is told what happened the first time.
func (f *Files) change(m int, do func(root hostDir) error) error {
	if !f.has(account.Change) {
		return errno.ENOSPC
	}
	x := f.out
	x.mu.Lock()
	defer x.mu.Unlock()
	i := f.journal
	f.journal++
	if i == len(x.results) {
		x.results = append(x.results, hostErrno(do(x.mounts[m].root)))
	}
	return x.results[i]
}

// hostOf returns the host file behind the inode if changes to it are to be made on the host too.
func (f *Files) hostOf(id ID) *hostRef {
	if r := f.inode(id).host; r != nil && !r.gone && f.out.writable(r) {
		return r
	}
	return nil
}

// hostCreate makes a file, directory or (with a target) symbolic link on the host, if the place is in a mounted directory,
// and returns what ties an inode to it. Pipes and sockets are the guest's alone even there: the host could not use them.
func (f *Files) hostCreate(at place, mode uint32, target string) (*hostRef, error) {
	d := f.hostOf(at.dir)
	if d == nil || mode&S_IFMT == S_IFIFO || mode&S_IFMT == S_IFSOCK {
		return nil, nil
	}
	r := &hostRef{mount: d.mount, dir: at.dir, name: at.name, listed: true}
	name, perm := f.hostPath(r), fs.FileMode(mode&0o777)
	return r, f.change(d.mount, func(root hostDir) error {
		switch mode & S_IFMT {
		case S_IFDIR:
			return root.Mkdir(name, perm)
		case S_IFLNK:
			return root.Symlink(target, name)
		}
		return root.Create(name, perm)
	})
}

func (f *Files) hostWrite(id ID, b []byte, off int64) error {
	return f.changeFile(id, func(root hostDir, name string) error { return root.WriteAt(name, b, off) })
}

func (f *Files) hostTruncate(id ID, size int64) error {
	return f.changeFile(id, func(root hostDir, name string) error { return root.Truncate(name, size) })
}

// changeFile makes a change to the host file behind the inode, if there is one.
func (f *Files) changeFile(id ID, do func(root hostDir, name string) error) error {
	r := f.hostOf(id)
	if r == nil {
		return nil
	}
	name := f.hostPath(r)
	return f.change(r.mount, func(root hostDir) error { return do(root, name) })
}

// hostRemove removes the host's name of the inode. What the guest has not read of it is read first, for it may be open.
func (f *Files) hostRemove(at place) error {
	d := f.hostOf(at.dir)
	n := f.inode(at.id)
	if d == nil || n.host == nil {
		return nil
	}
	if (n.opens > 0 || n.nlink > 1 || n.mapped) && n.is(S_IFREG) {
		if err := f.loadChunks(at.id, 0, n.data.size); err != nil {
			return err
		}
	}
	name := path.Join(f.hostPath(d), at.name)
	if err := f.change(d.mount, func(root hostDir) error { return root.Remove(name) }); err != nil {
		return err
	}
	if r := f.inode(at.id).host; r != nil && r.dir == at.dir && r.name == at.name {
		f.editInode(at.id).host.gone = true
	}
	return nil
}

// hostRename moves a file within one mount; between mounts, and in or out of them, rename is EXDEV like between file systems.
func (f *Files) hostRename(from, to place) error {
	a, b := f.inode(from.dir).host, f.inode(to.dir).host
	if a == nil && b == nil {
		return nil
	}
	if a == nil || b == nil || a.mount != b.mount {
		return errno.EXDEV
	}
	if f.inode(from.id).host == nil { // the host knows only what is replaced
		if to.id != 0 {
			return f.hostRemove(to)
		}
		return nil
	}
	was, is := path.Join(f.hostPath(a), from.name), path.Join(f.hostPath(b), to.name)
	if err := f.change(a.mount, func(root hostDir) error { return root.Rename(was, is) }); err != nil {
		return err
	}
	r := f.editInode(from.id).host
	r.dir, r.name = to.dir, to.name
	if to.id != 0 && f.inode(to.id).host != nil {
		f.editInode(to.id).host.gone = true
	}
	return nil
}

func (f *Files) hostLink(id ID, to place) error {
	r, d := f.inode(id).host, f.inode(to.dir).host
	if r == nil && d == nil {
		return nil
	}
	if r == nil || d == nil || r.mount != d.mount || r.gone {
		return errno.EXDEV
	}
	was, is := f.hostPath(r), path.Join(f.hostPath(d), to.name)
	return f.change(r.mount, func(root hostDir) error { return root.Link(was, is) })
}

func (f *Files) hostChmod(id ID, mode uint32) error {
	return f.changeFile(id, func(root hostDir, name string) error { return root.Chmod(name, fs.FileMode(mode&0o777)) })
}

func (f *Files) hostTimes(id ID, atime, mtime int64) error {
	return f.changeFile(id, func(root hostDir, name string) error { return root.Chtimes(name, atime, mtime) })
}
