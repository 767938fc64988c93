package vfs

import (
	"slices"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A descriptor is an entry of the table that file descriptors index.
type descriptor struct {
	file    ID // an openFile; 0 if the number is free
	cloexec bool
}

// MaxFDs is the most descriptors that a process may ever have (/proc/sys/fs/nr_open).
const MaxFDs = 1 << 20

// SetMaxFDs tells below which number new descriptors must be: the soft limit RLIMIT_NOFILE.
func (f *Files) SetMaxFDs(n uint64) { f.maxFDs = int(min(n, MaxFDs)) }

// An openFile is what open makes: a position and flags, shared by all descriptors that dup made ("open file description" in
// POSIX).
type openFile struct {
	header
	refs  uint32 // descriptors and messages in flight that hold it
	flags uint32 // O_ACCMODE and the flags that F_GETFL tells
	kind  kind
	ino   ID    // every open file has an inode, even a socket
	obj   ID    // the pipe, socket, … behind it
	pos   int64 // in bytes; in a directory, the cookie to go on with
	text  []byte
	dir   ID // where it was found, for /proc/self/fd
	name  string
}

// A kind says what an open file does.
type kind uint8

const (
	kindPath kind = iota // O_PATH: names a file, and can do nothing else
	kindRegular
	kindDir
	kindText // content made at open
	kindDevice
	kindPipe
	kindSocket
	kindEvent
	kindTimer
	kindEpoll
)

func (o *openFile) clone() object {
	c := *o
	return &c
}

func (o *openFile) price() int64 { return int64(account.OpenFile + len(o.text) + len(o.name)) }

func (o *openFile) hashTo(h *hasher) {
	h.nums(uint64(o.refs), uint64(o.flags), uint64(o.kind), uint64(o.ino), uint64(o.obj), uint64(o.pos), uint64(o.dir))
	h.bytes(o.text)
	h.str(o.name)
}

func (o *openFile) readable() bool { return o.kind != kindPath && o.flags&O_ACCMODE != O_WRONLY }
func (o *openFile) writable() bool { return o.kind != kindPath && o.flags&O_ACCMODE != O_RDONLY }

// wouldWait is what an operation returns that cannot go on until something happens to id.
func (o *openFile) wouldWait(id ID) error {
	if o.flags&O_NONBLOCK != 0 {
		return errno.EAGAIN
	}
	return Wait{ID: id}
}

// file returns the open file behind fd.
func (f *Files) file(fd int) (*openFile, error) {
	if fd < 0 || fd >= len(f.fds) || f.fds[fd].file == 0 {
		return nil, errno.EBADF
	}
	return look[openFile](&f.heap, f.fds[fd].file), nil
}

// editFile is file for changing.
func (f *Files) editFile(fd int) (*openFile, error) {
	if _, err := f.file(fd); err != nil {
		return nil, err
	}
	return edit[openFile](&f.heap, f.fds[fd].file), nil
}

// install gives the open file the lowest free descriptor ≥ low. It counts as a new reference.
func (f *Files) install(id ID, low int, cloexec bool) (int, error) {
	fd := max(low, f.taken)
	for fd < len(f.fds) && f.fds[fd].file != 0 {
		fd++
	}
	if fd >= f.maxFDs {
		return -1, errno.EMFILE
	}
	if !f.roomFor(fd) {
		return -1, errno.ENOMEM
	}
	f.place(fd, id, cloexec)
	if low <= f.taken {
		f.taken = fd + 1
	}
	return fd, nil
}

// roomFor says whether the table can grow to hold fd.
func (f *Files) roomFor(fd int) bool {
	return fd < len(f.fds) || f.has((fd+1-len(f.fds))*account.Descriptor)
}

// place makes fd, which must be free, lead to the open file.
func (f *Files) place(fd int, id ID, cloexec bool) {
	for fd >= len(f.fds) {
		f.fds = append(f.fds, descriptor{})
	}
	f.fds[fd] = descriptor{id, cloexec}
	edit[openFile](&f.heap, id).refs++
}

// openInode makes o an open file of the inode, with a descriptor. If there is no descriptor left it undoes what it did.
func (f *Files) openInode(o *openFile, cloexec bool) (int, error) {
	o.name = strings.Clone(o.name) // it is part of a path that may be much longer
	f.editInode(o.ino).opens++
	room := f.has(openPrice + len(o.text) + len(o.name))
	id := f.heap.add(o)
	fd, err := -1, error(errno.ENFILE)
	if room {
		fd, err = f.install(id, 0, cloexec)
	}
	if err != nil {
		f.closeFile(id)
	}
	return fd, err
}

// openAnonymous makes o an open file whose inode, of the mode given, has no name.
func (f *Files) openAnonymous(o *openFile, mode uint32, cloexec bool) (int, error) {
	id, n := f.newInode(mode)
	n.ipc = o.obj
	o.ino = id
	return f.openInode(o, cloexec)
}

// Close frees the descriptor.
func (f *Files) Close(fd int) error {
	if _, err := f.file(fd); err != nil {
		return err
	}
	id := f.fds[fd].file
	f.fds[fd] = descriptor{}
	f.taken = min(f.taken, fd)
	f.drop(id)
	return nil
}

// CloseRange closes first to last, or with cloexec marks them to be closed by execve.
func (f *Files) CloseRange(first, last uint32, cloexec bool) error {
	if first > last {
		return errno.EINVAL
	}
	for fd := int(first); fd < len(f.fds) && fd <= int(last); fd++ {
		switch {
		case f.fds[fd].file == 0:
		case cloexec:
			f.fds[fd].cloexec = true
		default:
			f.Close(fd)
		}
	}
	return nil
}

// drop gives up a reference to an open file.
func (f *Files) drop(id ID) {
	o := edit[openFile](&f.heap, id)
	if o.refs--; o.refs == 0 {
		f.closeFile(id)
	}
}

// closeFile ends an open file to which no reference is left.
func (f *Files) closeFile(id ID) {
	o := look[openFile](&f.heap, id)
	f.forgetWatches(id, o)
	f.unlock(id, o.ino)
	f.heap.put(id, nil)
	switch o.kind {
	case kindPipe:
		f.closePipe(o)
	case kindSocket:
		f.closeSocket(o.obj)
	case kindEvent, kindTimer:
		f.heap.put(o.obj, nil)
	case kindEpoll:
		f.closeEpoll(o.obj)
	}
	f.editInode(o.ino).opens--
	f.release(o.ino)
}

// Dup makes a descriptor ≥ low for the same open file.
func (f *Files) Dup(fd, low int, cloexec bool) (int, error) {
	if _, err := f.file(fd); err != nil {
		return -1, err
	}
	if low < 0 || low >= f.maxFDs {
		return -1, errno.EINVAL
	}
	return f.install(f.fds[fd].file, low, cloexec)
}

// DupTo makes to lead to the open file of fd, closing what it led to before. The two may be equal only for dup2.
func (f *Files) DupTo(fd, to int, cloexec, dup3 bool) (int, error) {
	if _, err := f.file(fd); err != nil {
		return -1, err
	}
	switch {
	case fd == to && dup3:
		return -1, errno.EINVAL
	case to < 0 || to >= f.maxFDs:
		return -1, errno.EBADF
	case fd == to:
		return to, nil
	}
	if !f.roomFor(to) {
		return -1, errno.ENOMEM
	}
	id := f.fds[fd].file
	edit[openFile](&f.heap, id).refs++ // it must outlive the close of to
	f.Close(to)
	f.place(to, id, cloexec)
	edit[openFile](&f.heap, id).refs--
	return to, nil
}

// Cloexec says whether execve would close fd.
func (f *Files) Cloexec(fd int) (bool, error) {
	_, err := f.file(fd)
	return err == nil && f.fds[fd].cloexec, err
}

// SetCloexec sets whether execve would close fd.
func (f *Files) SetCloexec(fd int, on bool) error {
	if _, err := f.file(fd); err != nil {
		return err
	}
	f.fds[fd].cloexec = on
	return nil
}

// Flags returns what F_GETFL tells.
func (f *Files) Flags(fd int) (uint32, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	return o.flags, nil
}

// settable are the flags that F_SETFL may change.
const settable = O_APPEND | O_NONBLOCK | O_ASYNC | O_DIRECT | O_NOATIME

// SetFlags does F_SETFL.
func (f *Files) SetFlags(fd int, flags uint32) error {
	o, err := f.editFile(fd)
	if err != nil {
		return err
	}
	if o.kind == kindPath {
		return errno.EBADF
	}
	o.flags = o.flags&^settable | flags&settable
	return nil
}

// Descriptors returns the numbers in use.
func (f *Files) Descriptors() []int {
	var fds []int
	for fd, d := range f.fds {
		if d.file != 0 {
			fds = append(fds, fd)
		}
	}
	return slices.Clip(fds)
}
