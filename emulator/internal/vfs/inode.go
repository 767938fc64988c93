package vfs

import (
	"maps"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/account"
)

// An inode is a file of any type, whatever names lead to it.
type inode struct {
	header
	mode   uint32 // S_IFMT and permissions
	uid    uint32
	gid    uint32
	nlink  uint32
	opens  uint32 // open files; an inode goes when it has neither links nor open files, and is not mapped
	mapped bool   // there are shared mappings of it, see Mapper
	rdev   uint64
	// Times are in ns since 1970, in the guest's time.
	atime, mtime, ctime, btime int64

	data    content  // of a regular file
	target  string   // of a symbolic link
	dir     *dirData // of a directory
	dev     device   // of a character device
	dynamic Dynamic  // of a file whose content is made when it is opened
	flocks  []flock  // see Flock
	ipc     ID       // the pipe of a FIFO, the socket bound to a socket's name
	host    *hostRef // of a file that came from a mounted host directory
}

// dirData is what only directories have.
type dirData struct {
	parent ID
	// entries are in the order in which they were made. A cookie is never used twice, so that a reader who stopped at
	// one goes on behind it whatever was removed meanwhile.
	entries []dirent
	byName  map[string]uint64 // cookie
	cookie  uint64            // the last one given
	names   int               // bytes of all names
	peak    int               // the most entries since byName was made: a map keeps the room that it once needed
}

type dirent struct {
	name   string
	id     ID
	cookie uint64
}

// Cookies 1 and 2 are "." and "..".
const firstCookie = 3

func (n *inode) clone() object {
	c := *n
	c.data, c.flocks = n.data.clone(), slices.Clone(n.flocks)
	if n.dir != nil {
		d := *n.dir
		d.entries, d.byName = slices.Clone(d.entries), maps.Clone(d.byName)
		c.dir = &d
	}
	if n.host != nil {
		h := *n.host
		c.host = &h
	}
	return &c
}

func (n *inode) price() int64 {
	p := int64(account.Inode+len(n.target)+len(n.flocks)*account.Lock) + n.data.held
	if n.dir != nil {
		p += int64(account.Dir + len(n.dir.entries)*account.Name + n.dir.names)
	}
	if n.host != nil {
		p += account.Host
	}
	return p
}

func (n *inode) hashTo(h *hasher) {
	h.nums(uint64(n.mode), uint64(n.uid), uint64(n.gid), uint64(n.nlink), uint64(n.opens), n.rdev)
	h.nums(uint64(n.atime), uint64(n.mtime), uint64(n.ctime), uint64(n.btime))
	h.nums(uint64(n.dev), uint64(n.dynamic), uint64(n.ipc))
	h.flag(n.mapped)
	n.data.hashTo(h)
	for _, l := range n.flocks {
		h.num(uint64(l.file))
		h.flag(l.exclusive)
	}
	h.str(n.target)
	h.flag(n.dir != nil)
	if d := n.dir; d != nil {
		h.nums(uint64(d.parent), d.cookie, uint64(len(d.entries)))
		for _, e := range d.entries {
			h.str(e.name)
			h.nums(uint64(e.id), e.cookie)
		}
	}
	h.flag(n.host != nil)
	if n.host != nil {
		n.host.hashTo(h)
	}
}

func (n *inode) is(format uint32) bool { return n.mode&S_IFMT == format }

// lookup returns the inode named name in the directory.
func (d *dirData) lookup(name string) (ID, bool) {
	c, ok := d.byName[name]
	if !ok {
		return 0, false
	}
	return d.entries[d.index(c)].id, true
}

// index returns the position of the first entry with at least the cookie.
func (d *dirData) index(cookie uint64) int {
	i, _ := slices.BinarySearchFunc(d.entries, cookie, func(e dirent, c uint64) int {
		switch {
		case e.cookie < c:
			return -1
		case e.cookie > c:
			return 1
		}
		return 0
	})
	return i
}

// set makes name lead to id, in its old place if there was one.
func (d *dirData) set(name string, id ID) {
	if c, ok := d.byName[name]; ok {
		d.entries[d.index(c)].id = id
		return
	}
	if d.byName == nil {
		d.byName, d.cookie = make(map[string]uint64), firstCookie-1
	}
	d.cookie++
	name = strings.Clone(name) // it is part of a path that may be much longer
	d.byName[name] = d.cookie
	d.entries = append(d.entries, dirent{name, id, d.cookie})
	d.names += len(name)
	d.peak = max(d.peak, len(d.entries))
}

func (d *dirData) remove(name string) {
	c := d.byName[name]
	delete(d.byName, name)
	i := d.index(c)
	d.entries = shrunk(slices.Delete(d.entries, i, i+1))
	d.names -= len(name)
	if d.peak > 32 && d.peak > 4*len(d.entries) {
		byName := make(map[string]uint64, len(d.entries))
		maps.Copy(byName, d.byName)
		d.byName, d.peak = byName, len(d.entries)
	}
}

// A Stat is what stat tells of a file. Times are in ns since 1970.
type Stat struct {
	Dev, Ino                   uint64
	Mode, UID, GID, Nlink      uint32
	Rdev                       uint64
	Size, Blocks               int64 // in bytes; in units of 512 bytes
	Atime, Mtime, Ctime, Btime int64
}

// Minor device numbers of file systems (st_dev), as /proc/self/mountinfo has them: the tree itself is 1, and the mounted
// host directories follow what is mounted always.
const (
	rootDevice      = 1
	firstHostDevice = 6
)

// BlockSize is the preferred size of reads and writes in bytes (st_blksize).
const BlockSize = 4096

func (n *inode) stat(id ID) Stat {
	s := Stat{
		Dev: rootDevice, Ino: uint64(id), Mode: n.mode, UID: n.uid, GID: n.gid, Nlink: n.nlink, Rdev: n.rdev, Size: n.data.size,
		Atime: n.atime, Mtime: n.mtime, Ctime: n.ctime, Btime: n.btime,
	}
	if n.host != nil {
		s.Dev = firstHostDevice + uint64(n.host.mount)
	}
	switch n.mode & S_IFMT {
	case S_IFLNK:
		s.Size = int64(len(n.target))
	case S_IFDIR:
		s.Size = BlockSize
	case S_IFREG:
		s.Blocks = (n.data.stored() + 511) / 512
	}
	return s
}

// Rights asked of access, with the values of R_OK, W_OK and X_OK.
const (
	mayExec  = 1
	mayWrite = 2
	mayRead  = 4
)

// allows says whether the guest's user has all of the rights.
func (n *inode) allows(rights uint32) bool {
	bits := n.mode
	switch {
	case n.uid == UID:
		bits >>= 6
	case n.gid == GID:
		bits >>= 3
	}
	return bits&rights == rights
}
