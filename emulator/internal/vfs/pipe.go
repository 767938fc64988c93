package vfs

import (
	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Sizes of a pipe in bytes: as made, and the most that F_SETPIPE_SZ may ask for (/proc/sys/fs/pipe-max-size).
const (
	pipeSize    = 1 << 16
	maxPipeSize = 1 << 20
)

// A pipe is the bytes between the ends of a pipe or FIFO.
type pipe struct {
	header
	watchers
	queue   queue
	cap     int
	readers int // open files that can read
	writers int
	// An end of a FIFO opened alone waits until the other is opened. Both may wait at once, and the one that goes on first
	// must not find the other missing: so a waiting end counts as there.
	readerWaits, writerWaits bool
	// An end that came and went while the other waited has been there. Without ever a writer there is no end of file.
	hadReader, hadWriter bool
}

func (p *pipe) clone() object {
	c := *p
	c.watchers, c.queue = p.watchers.clone(), p.queue.clone()
	return &c
}

func (p *pipe) price() int64 { return account.Pipe + p.queue.price() }

func (p *pipe) hashTo(h *hasher) {
	p.watchers.hashTo(h)
	p.queue.hashTo(h)
	h.nums(uint64(p.cap), uint64(p.readers), uint64(p.writers))
	h.flag(p.readerWaits)
	h.flag(p.writerWaits)
	h.flag(p.hadReader)
	h.flag(p.hadWriter)
}

func (p *pipe) opened(o *openFile) {
	if o.readable() {
		p.readers++
		p.readerWaits, p.hadReader = false, true
	}
	if o.writable() {
		p.writers++
		p.writerWaits, p.hadWriter = false, true
	}
}

// Pipe makes a pipe and returns its reading and its writing end.
func (f *Files) Pipe(flags uint32) (r, w int, err error) {
	if flags&^(O_CLOEXEC|O_NONBLOCK|O_DIRECT) != 0 {
		return -1, -1, errno.EINVAL
	}
	if !f.has(objectPrice + openPrice) {
		return -1, -1, errno.ENFILE
	}
	p := &pipe{cap: pipeSize}
	id := f.heap.add(p)
	ino, n := f.newInode(S_IFIFO | 0o600)
	n.ipc = id
	ends := [2]*openFile{
		{kind: kindPipe, ino: ino, obj: id, flags: O_RDONLY | flags&O_NONBLOCK},
		{kind: kindPipe, ino: ino, obj: id, flags: O_WRONLY | flags&O_NONBLOCK},
	}
	for _, o := range ends {
		p.opened(o)
	}
	if r, err = f.openInode(ends[0], flags&O_CLOEXEC != 0); err != nil {
		return -1, -1, err
	}
	if w, err = f.openInode(ends[1], flags&O_CLOEXEC != 0); err != nil {
		f.Close(r)
		return -1, -1, err
	}
	return r, w, nil
}

// openFIFO opens the pipe behind a FIFO. An end opened alone waits for the other, see fifo(7).
func (f *Files) openFIFO(ino ID, flags uint32) (ID, error) {
	id := f.inode(ino).ipc
	if id == 0 {
		if !f.has(account.Pipe + account.Leaf) {
			return 0, errno.ENFILE
		}
		id = f.heap.add(&pipe{cap: pipeSize})
		f.editInode(ino).ipc = id
	}
	o := &openFile{kind: kindPipe, flags: flags}
	p := edit[pipe](&f.heap, id)
	alone := o.readable() && p.writers == 0 && !p.writerWaits && !(p.readerWaits && p.hadWriter)
	if o.writable() {
		alone = p.readers == 0 && !p.readerWaits && !(p.writerWaits && p.hadReader)
	}
	switch {
	case o.readable() && o.writable() || !alone:
	case flags&O_NONBLOCK == 0:
		p.readerWaits = p.readerWaits || o.readable()
		p.writerWaits = p.writerWaits || o.writable()
		f.notify(id, 0)
		return 0, Wait{ID: id}
	case o.writable():
		return 0, errno.ENXIO
	}
	p.opened(o)
	f.notify(id, 0)
	return id, nil
}

func (f *Files) closePipe(o *openFile) {
	p := edit[pipe](&f.heap, o.obj)
	if p == nil {
		return
	}
	if o.readable() {
		p.readers--
	}
	if o.writable() {
		p.writers--
	}
	if p.readers == 0 && p.writers == 0 && !p.readerWaits && !p.writerWaits {
		p.queue = queue{}
		p.hadReader, p.hadWriter = false, false
	}
	f.notify(o.obj, EPOLLIN|EPOLLOUT|EPOLLHUP|EPOLLERR)
}

func (f *Files) readPipe(o *openFile, b []byte) (int, error) {
	p := look[pipe](&f.heap, o.obj)
	switch {
	case len(b) == 0:
		return 0, nil
	case p.queue.size == 0 && p.writers == 0 && !p.writerWaits:
		return 0, nil
	case p.queue.size == 0:
		return 0, o.wouldWait(o.obj)
	}
	p = edit[pipe](&f.heap, o.obj)
	n := p.queue.peek(b)
	p.queue.pop(n)
	f.notify(o.obj, EPOLLOUT)
	return n, nil
}

// writePipe writes as much as fits. Up to PIPE_BUF bytes are written all at once or not at all; see pipe(7).
func (f *Files) writePipe(o *openFile, b []byte) (int, error) {
	p := look[pipe](&f.heap, o.obj)
	switch free := p.cap - p.queue.size; {
	case p.readers == 0 && !p.readerWaits:
		return 0, errno.EPIPE
	case len(b) == 0:
		return 0, nil
	case free == 0 || len(b) <= PIPE_BUF && free < len(b):
		return 0, o.wouldWait(o.obj)
	case free < len(b):
		b = b[:free]
	}
	if !f.has(account.Part + len(b)) {
		return 0, errno.ENOMEM
	}
	edit[pipe](&f.heap, o.obj).queue.push(b)
	f.notify(o.obj, EPOLLIN)
	return len(b), nil
}

// pipeReady returns what poll tells of the end.
func (f *Files) pipeReady(o *openFile) (events uint32) {
	p := look[pipe](&f.heap, o.obj)
	if o.readable() {
		if p.queue.size > 0 {
			events |= EPOLLIN | EPOLLRDNORM
		}
		if p.writers == 0 && p.hadWriter {
			events |= EPOLLHUP
		}
	}
	if o.writable() {
		if p.cap-p.queue.size >= PIPE_BUF {
			events |= EPOLLOUT | EPOLLWRNORM
		}
		if p.readers == 0 {
			events |= EPOLLERR
		}
	}
	return events
}

// PipeSize returns the capacity of the pipe open as fd, after changing it if size is above 0.
func (f *Files) PipeSize(fd, size int) (int, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	if o.kind != kindPipe {
		return 0, errno.EBADF
	}
	if size > 0 {
		p := edit[pipe](&f.heap, o.obj)
		rounded := PIPE_BUF
		for rounded < size && rounded < maxPipeSize {
			rounded *= 2
		}
		switch {
		case size > maxPipeSize:
			return 0, errno.EPERM
		case rounded < p.queue.size:
			return 0, errno.EBUSY
		}
		p.cap = rounded
		f.notify(o.obj, EPOLLOUT)
	}
	return look[pipe](&f.heap, o.obj).cap, nil
}

// Available returns how many bytes a read would get at once (FIONREAD).
func (f *Files) Available(fd int) (int, error) {
	o, err := f.file(fd)
	if err != nil {
		return 0, err
	}
	switch o.kind {
	case kindPipe:
		return look[pipe](&f.heap, o.obj).queue.size, nil
	case kindRegular:
		return int(max(0, f.inode(o.ino).data.size-o.pos)), nil
	case kindSocket:
		return f.socketAvailable(o.obj), nil
	}
	return 0, errno.ENOTTY
}
