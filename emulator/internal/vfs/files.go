package vfs

import (
	"hash"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
)

// A Files is everything that the guest process reaches through paths and descriptors.
type Files struct {
	heap heap
	out  *Outside

	fds    []descriptor // by number
	taken  int          // below this number none is free
	maxFDs int
	root   ID
	cwd    ID
	umask  uint32
	// inFlight counts the descriptors in messages that nobody has received yet.
	inFlight int
	net      ID // the loopback network

	// now is the guest's time of day in ns since 1970, and mono its monotonic clock in ns, as SetNow told last.
	now, mono int64

	cached int64  // bytes of the host's that are kept for a replay: standard input, files of mounted folders
	random uint64 // state of /dev/urandom

	account *account.Account // shared with the rest of the guest; no state
	base    int64            // what the heap held before the guest did anything

	stdin   stdinPos
	written [2]int64 // bytes that the guest has written to stdout and stderr
	journal int      // changes that the guest has made to host directories

	woken []ID // what became ready since TakeWoken

	mapper Mapper // of the process whose files they are; no state
}

// Clone returns a copy that the original's future does not touch, nor the other way round. It takes a time that depends
// only on the number of open descriptors. The two share Outside.
func (f *Files) Clone() *Files {
	c := *f
	c.heap = f.heap.fork()
	c.fds = slices.Clone(f.fds)
	c.woken = slices.Clone(f.woken)
	c.mapper, c.account = nil, nil
	return &c
}

// Reseed makes /dev/urandom go on from another seed.
func (f *Files) Reseed(seed uint64) { f.random = seed }

// HashTo writes everything that the guest could tell of its files into h.
func (f *Files) HashTo(h hash.Hash) {
	to := &hasher{Hash: h}
	to.nums(uint64(f.root), uint64(f.cwd), uint64(f.umask), uint64(f.net), uint64(f.cached), f.random)
	to.nums(uint64(f.stdin.entry), uint64(f.stdin.off), uint64(f.written[0]), uint64(f.written[1]), uint64(f.journal))
	to.num(uint64(len(f.fds)))
	for _, d := range f.fds {
		to.num(uint64(d.file))
		to.flag(d.cloexec)
	}
	f.heap.hashTo(to)
}

// SetNow tells the guest's time: of day in ns since 1970, and monotonic in ns. It is to be called before each operation.
func (f *Files) SetNow(realtime, monotonic int64) { f.now, f.mono = realtime, monotonic }

// A Wait is the error of an operation that has to wait until something happens to the object ID, or until the moment Until
// (ns of the monotonic clock, 0 for never) makes it ready. It has changed nothing.
type Wait struct {
	ID    ID
	Until int64
}

func (Wait) Error() string { return "would have to wait" }

// TakeWoken returns the objects to which something happened since it was called last.
func (f *Files) TakeWoken() []ID {
	w := f.woken
	f.woken = f.woken[:0]
	return w
}

// Umask sets the mask of permissions that new files do not get, and returns the old one.
func (f *Files) Umask(mask uint32) uint32 {
	old := f.umask
	f.umask = mask & 0o777
	return old
}

func (f *Files) inode(id ID) *inode     { return look[inode](&f.heap, id) }
func (f *Files) editInode(id ID) *inode { return edit[inode](&f.heap, id) }

// newInode makes an inode of the mode, owned by the guest's user, with no name yet.
func (f *Files) newInode(mode uint32) (ID, *inode) {
	n := &inode{mode: mode, uid: UID, gid: GID, atime: f.now, mtime: f.now, ctime: f.now, btime: f.now}
	if n.is(S_IFDIR) {
		n.dir = &dirData{}
	}
	return f.heap.add(n), n
}

// release forgets the inode if nothing leads to it any more.
func (f *Files) release(id ID) {
	n := f.inode(id)
	if n == nil || n.nlink > 0 || n.opens > 0 || n.mapped || id == f.cwd {
		return
	}
	if n.is(S_IFIFO) && n.ipc != 0 {
		f.heap.put(n.ipc, nil)
	}
	f.heap.put(id, nil)
}
