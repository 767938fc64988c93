package vfs

import (
	"encoding/binary"
	"math"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Flags of eventfd2.
const EFD_SEMAPHORE = 1

// An event is the counter of an eventfd.
type event struct {
	header
	watchers
	count     uint64
	semaphore bool
}

func (e *event) clone() object {
	c := *e
	c.watchers = e.watchers.clone()
	return &c
}

func (e *event) price() int64 { return account.Event }

func (e *event) hashTo(h *hasher) {
	e.watchers.hashTo(h)
	h.num(e.count)
	h.flag(e.semaphore)
}

// Eventfd makes an event counter that begins at count.
func (f *Files) Eventfd(count uint32, flags uint32) (int, error) {
	if flags&^(EFD_SEMAPHORE|O_CLOEXEC|O_NONBLOCK) != 0 {
		return -1, errno.EINVAL
	}
	if !f.has(objectPrice) {
		return -1, errno.ENOMEM
	}
	id := f.heap.add(&event{count: uint64(count), semaphore: flags&EFD_SEMAPHORE != 0})
	return f.openAnonymous(&openFile{kind: kindEvent, obj: id, flags: O_RDWR | flags&O_NONBLOCK}, 0o600, flags&O_CLOEXEC != 0)
}

func (f *Files) readEvent(o *openFile, b []byte) (int, error) {
	if len(b) < 8 {
		return 0, errno.EINVAL
	}
	if look[event](&f.heap, o.obj).count == 0 {
		return 0, o.wouldWait(o.obj)
	}
	e := edit[event](&f.heap, o.obj)
	n := e.count
	if e.semaphore {
		n = 1
	}
	e.count -= n
	binary.LittleEndian.PutUint64(b, n)
	f.notify(o.obj, EPOLLOUT)
	return 8, nil
}

func (f *Files) writeEvent(o *openFile, b []byte) (int, error) {
	if len(b) < 8 {
		return 0, errno.EINVAL
	}
	n := binary.LittleEndian.Uint64(b)
	switch count := look[event](&f.heap, o.obj).count; {
	case n == math.MaxUint64:
		return 0, errno.EINVAL
	case count > math.MaxUint64-1-n:
		return 0, o.wouldWait(o.obj)
	}
	edit[event](&f.heap, o.obj).count += n
	f.notify(o.obj, EPOLLIN)
	return 8, nil
}

func (f *Files) eventReady(o *openFile) (events uint32) {
	e := look[event](&f.heap, o.obj)
	if e.count > 0 {
		events |= EPOLLIN
	}
	if e.count < math.MaxUint64-1 {
		events |= EPOLLOUT
	}
	return events
}
