package vfs

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Events of epoll and poll, whose numbers agree (include/uapi/linux/eventpoll.h, asm-generic/poll.h).
const (
	EPOLLIN      = 0x1
	EPOLLPRI     = 0x2
	EPOLLOUT     = 0x4
	EPOLLERR     = 0x8
	EPOLLHUP     = 0x10
	POLLNVAL     = 0x20
	EPOLLRDNORM  = 0x40
	EPOLLWRNORM  = 0x100
	EPOLLRDHUP   = 0x2000
	EPOLLONESHOT = 1 << 30
	EPOLLET      = 1 << 31
	// epollFlags are the bits of an interest that name no event.
	epollFlags = EPOLLONESHOT | EPOLLET | 1<<29 | 1<<28
)

// Operations of epoll_ctl.
const (
	EPOLL_CTL_ADD = 1
	EPOLL_CTL_DEL = 2
	EPOLL_CTL_MOD = 3
)

// An epoll is a set of open files of interest. Whatever happens to one of them is noted here when it happens (notify), as
// in Linux; that is what makes edge-triggered interest exact and waiting cheap.
type epoll struct {
	header
	watchers
	items []epollItem // in the order in which they were added
	ready []epollKey  // those to look at, in the order in which something happened to them
	timed int         // how many items are timers or sets, which become ready by the passing of time alone
}

// An epollKey names an item: the same open file can be in a set under several descriptors.
type epollKey struct {
	file ID
	fd   int
}

type epollItem struct {
	epollKey
	events uint32
	data   uint64
}

// A watch is an item of an epoll set, as seen from what is watched.
type watch struct {
	epoll ID
	key   epollKey
}

// watchers is the part of every object that epoll sets can watch.
type watchers struct{ list []watch }

func (w *watchers) clone() watchers    { return watchers{slices.Clone(w.list)} }
func (w *watchers) watching() *[]watch { return &w.list }

func (w *watchers) hashTo(h *hasher) {
	h.num(uint64(len(w.list)))
	for _, x := range w.list {
		h.nums(uint64(x.epoll), uint64(x.key.file), uint64(x.key.fd))
	}
}

// pollable is an object that epoll sets can watch.
type pollable interface {
	object
	watching() *[]watch
}

// notify says that events happened to the object: who waits for it will look again, and the sets that watch it take note.
func (f *Files) notify(id ID, events uint32) {
	p, ok := f.heap.get(id).(pollable)
	if !ok {
		return
	}
	if !slices.Contains(f.woken, id) {
		f.woken = append(f.woken, id)
	}
	for _, w := range *p.watching() {
		e := edit[epoll](&f.heap, w.epoll)
		i := e.find(w.key)
		if e.items[i].events&^uint32(epollFlags) == 0 || events != 0 && e.items[i].events&events == 0 && events&(EPOLLERR|EPOLLHUP) == 0 {
			continue
		}
		if !slices.Contains(e.ready, w.key) {
			e.ready = append(e.ready, w.key)
		}
		f.notify(w.epoll, EPOLLIN)
	}
}

func (e *epoll) clone() object {
	c := *e
	c.watchers, c.items, c.ready = e.watchers.clone(), slices.Clone(e.items), slices.Clone(e.ready)
	return &c
}

func (e *epoll) price() int64 { return account.Epoll + int64(len(e.items))*account.Interest }

func (e *epoll) hashTo(h *hasher) {
	e.watchers.hashTo(h)
	h.nums(uint64(len(e.items)), uint64(len(e.ready)))
	for _, i := range e.items {
		h.nums(uint64(i.file), uint64(i.fd), uint64(i.events), i.data)
	}
	for _, k := range e.ready {
		h.nums(uint64(k.file), uint64(k.fd))
	}
}

func (e *epoll) find(k epollKey) int {
	return slices.IndexFunc(e.items, func(i epollItem) bool { return i.epollKey == k })
}

// EpollCreate makes an empty set.
func (f *Files) EpollCreate(flags uint32) (int, error) {
	if flags&^O_CLOEXEC != 0 {
		return -1, errno.EINVAL
	}
	if !f.has(objectPrice) {
		return -1, errno.ENOMEM
	}
	id := f.heap.add(&epoll{})
	return f.openAnonymous(&openFile{kind: kindEpoll, obj: id, flags: O_RDWR}, 0o600, flags&O_CLOEXEC != 0)
}

// EpollCtl adds, changes or removes the interest of the set epfd in fd.
func (f *Files) EpollCtl(epfd, op, fd int, events uint32, data uint64) error {
	set, err := f.file(epfd)
	if err != nil {
		return err
	}
	o, err := f.file(fd)
	if err != nil {
		return err
	}
	p, ok := f.heap.get(o.obj).(pollable)
	if !ok {
		return errno.EPERM // a file that is always ready
	}
	switch {
	case set.kind != kindEpoll || set == o:
		return errno.EINVAL
	case o.kind == kindEpoll && op == EPOLL_CTL_ADD && f.reaches(o.obj, set.obj, 0):
		return errno.ELOOP
	}
	id := set.obj
	key := epollKey{f.fds[fd].file, fd}
	e := edit[epoll](&f.heap, id)
	i := e.find(key)
	switch {
	case op == EPOLL_CTL_ADD && i >= 0:
		return errno.EEXIST
	case op != EPOLL_CTL_ADD && i < 0:
		return errno.ENOENT
	}
	switch op {
	case EPOLL_CTL_ADD:
		if !f.has(account.Interest) {
			return errno.ENOMEM
		}
		e = edit[epoll](&f.heap, id)
		e.items = append(e.items, epollItem{key, events, data})
		if o.kind == kindTimer || o.kind == kindEpoll {
			e.timed++
		}
		p = f.heap.own(o.obj).(pollable)
		*p.watching() = append(*p.watching(), watch{id, key})
	case EPOLL_CTL_MOD:
		e.items[i].events, e.items[i].data = events, data
	case EPOLL_CTL_DEL:
		f.unwatch(id, key)
		return nil
	default:
		return errno.EINVAL
	}
	// What is ready already counts as having happened now.
	if f.ready(o)&(events|EPOLLERR|EPOLLHUP) != 0 {
		if e = edit[epoll](&f.heap, id); !slices.Contains(e.ready, key) {
			e.ready = append(e.ready, key)
		}
		f.notify(id, EPOLLIN)
	}
	return nil
}

// reaches says whether the set from watches the set to, directly or through others. A chain of more than five is refused too.
func (f *Files) reaches(from, to ID, depth int) bool {
	if from == to || depth > 4 {
		return true
	}
	for _, i := range look[epoll](&f.heap, from).items {
		if o := look[openFile](&f.heap, i.file); o != nil && o.kind == kindEpoll && f.reaches(o.obj, to, depth+1) {
			return true
		}
	}
	return false
}

// unwatch removes an item from a set.
func (f *Files) unwatch(id ID, key epollKey) {
	e := edit[epoll](&f.heap, id)
	same := func(k epollKey) bool { return k == key }
	e.items = shrunk(slices.DeleteFunc(e.items, func(i epollItem) bool { return i.epollKey == key }))
	e.ready = shrunk(slices.DeleteFunc(e.ready, same))
	if o := look[openFile](&f.heap, key.file); o != nil {
		if o.kind == kindTimer || o.kind == kindEpoll {
			e.timed--
		}
		f.forget(o.obj, func(w watch) bool { return w == watch{id, key} })
	}
}

// forget removes watches from the object.
func (f *Files) forget(id ID, drop func(watch) bool) {
	if p, ok := f.heap.own(id).(pollable); ok {
		*p.watching() = shrunk(slices.DeleteFunc(*p.watching(), drop))
	}
}

// forgetWatches takes the open file, which is being closed, out of all sets.
func (f *Files) forgetWatches(id ID, o *openFile) {
	p, ok := f.heap.get(o.obj).(pollable)
	if !ok {
		return
	}
	for _, w := range slices.Clone(*p.watching()) {
		if w.key.file == id {
			f.unwatch(w.epoll, w.key)
		}
	}
}

// closeEpoll ends a set.
func (f *Files) closeEpoll(id ID) {
	for _, i := range slices.Clone(look[epoll](&f.heap, id).items) {
		f.unwatch(id, i.epollKey)
	}
	f.heap.put(id, nil)
}

// An EpollEvent is what epoll_wait reports of an item.
type EpollEvent struct {
	Events uint32
	Data   uint64
}

// EpollWait returns up to n events of the set. When there is none it returns a Wait, whatever the flags of the descriptor.
func (f *Files) EpollWait(epfd, n int) ([]EpollEvent, error) {
	set, err := f.file(epfd)
	switch {
	case err != nil:
		return nil, err
	case set.kind != kindEpoll || n <= 0:
		return nil, errno.EINVAL
	}
	f.tellTimers(set.obj)
	if len(look[epoll](&f.heap, set.obj).ready) == 0 {
		return nil, Wait{set.obj, f.deadline(set)}
	}
	e := edit[epoll](&f.heap, set.obj)
	var out []EpollEvent
	var again []epollKey // level-triggered items stay, behind the others
	for len(e.ready) > 0 && len(out) < n {
		k := e.ready[0]
		e.ready = e.ready[1:]
		i := &e.items[e.find(k)]
		got := f.ready(look[openFile](&f.heap, k.file)) & (i.events&^epollFlags | EPOLLERR | EPOLLHUP)
		if got == 0 || i.events&^epollFlags == 0 {
			continue
		}
		out = append(out, EpollEvent{got, i.data})
		switch {
		case i.events&EPOLLONESHOT != 0:
			i.events &= epollFlags // disabled until EPOLL_CTL_MOD
		case i.events&EPOLLET == 0:
			again = append(again, k)
		}
	}
	e.ready = append(slices.Clone(e.ready), again...)
	if len(out) == 0 {
		return nil, Wait{set.obj, f.deadline(set)}
	}
	return out, nil
}

// tellTimers notes in the set which of its timers have expired by now.
func (f *Files) tellTimers(id ID) {
	if look[epoll](&f.heap, id).timed == 0 {
		return
	}
	for _, i := range slices.Clone(look[epoll](&f.heap, id).items) {
		o := look[openFile](&f.heap, i.file)
		switch o.kind {
		case kindTimer:
			if f.expired(o.obj) && !look[timer](&f.heap, o.obj).told {
				edit[timer](&f.heap, o.obj).told = true
				f.notify(o.obj, EPOLLIN)
			}
		case kindEpoll:
			f.tellTimers(o.obj)
		}
	}
}

// epollReady says whether the set has an event, without taking it.
func (f *Files) epollReady(id ID) uint32 {
	f.tellTimers(id)
	e := look[epoll](&f.heap, id)
	for _, k := range e.ready {
		i := e.items[e.find(k)]
		if i.events&^epollFlags != 0 && f.ready(look[openFile](&f.heap, k.file))&(i.events|EPOLLERR|EPOLLHUP) != 0 {
			return EPOLLIN | EPOLLRDNORM
		}
	}
	return 0
}
