package vfs

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Clocks of timerfd_create and flags of timerfd_settime.
const (
	CLOCK_REALTIME          = 0
	CLOCK_MONOTONIC         = 1
	CLOCK_BOOTTIME          = 7
	TFD_TIMER_ABSTIME       = 1
	TFD_TIMER_CANCEL_ON_SET = 2
	clockRealtimeAlarm      = 8
	clockBoottimeAlarm      = 9
)

// A timer is the state of a timerfd. It does nothing by itself: whether it has expired follows from the time.
type timer struct {
	header
	watchers
	realtime bool
	next     int64 // when it expires next, in ns of the monotonic clock; 0 if it is not set
	interval int64 // in ns; 0 if it expires once
	// told says that the epoll sets have been told of the expiration at next.
	told bool
}

func (t *timer) clone() object {
	c := *t
	c.watchers = t.watchers.clone()
	return &c
}

func (t *timer) price() int64 { return account.Timer }

func (t *timer) hashTo(h *hasher) {
	t.watchers.hashTo(h)
	h.nums(uint64(t.next), uint64(t.interval))
	h.flag(t.realtime)
	h.flag(t.told)
}

// Timerfd makes a timer that is not set.
func (f *Files) Timerfd(clock int, flags uint32) (int, error) {
	switch {
	case flags&^(O_CLOEXEC|O_NONBLOCK) != 0:
		return -1, errno.EINVAL
	case clock == clockRealtimeAlarm || clock == clockBoottimeAlarm:
		return -1, errno.EPERM
	case clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME:
		return -1, errno.EINVAL
	}
	if !f.has(objectPrice) {
		return -1, errno.ENOMEM
	}
	id := f.heap.add(&timer{realtime: clock == CLOCK_REALTIME})
	return f.openAnonymous(&openFile{kind: kindTimer, obj: id, flags: O_RDWR | flags&O_NONBLOCK}, 0o600, flags&O_CLOEXEC != 0)
}

// A Timer is what timerfd_gettime tells and timerfd_settime sets, in ns.
type Timer struct{ Value, Interval int64 }

// SetTimer does timerfd_settime and returns what was set before.
func (f *Files) SetTimer(fd int, flags uint32, to Timer) (Timer, error) {
	old, err := f.GetTimer(fd)
	if err != nil {
		return old, err
	}
	if flags&^(TFD_TIMER_ABSTIME|TFD_TIMER_CANCEL_ON_SET) != 0 || to.Value < 0 || to.Interval < 0 {
		return old, errno.EINVAL
	}
	o, _ := f.file(fd)
	t := edit[timer](&f.heap, o.obj)
	t.next, t.interval, t.told = 0, to.Interval, false
	if to.Value != 0 {
		t.next = f.mono + to.Value
		if flags&TFD_TIMER_ABSTIME != 0 {
			t.next = to.Value
			if t.realtime {
				t.next -= f.now - f.mono
			}
		}
		t.next = max(t.next, 1)
	}
	f.notify(o.obj, 0)
	return old, nil
}

// GetTimer does timerfd_gettime.
func (f *Files) GetTimer(fd int) (Timer, error) {
	o, err := f.file(fd)
	if err != nil {
		return Timer{}, err
	}
	if o.kind != kindTimer {
		return Timer{}, errno.EINVAL
	}
	t := look[timer](&f.heap, o.obj)
	if t.next == 0 {
		return Timer{Interval: t.interval}, nil
	}
	left := t.next - f.mono
	if left <= 0 && t.interval > 0 {
		left = t.interval - -left%t.interval
	}
	return Timer{max(left, 0), t.interval}, nil
}

func (f *Files) readTimer(o *openFile, b []byte) (int, error) {
	if len(b) < 8 {
		return 0, errno.EINVAL
	}
	if !f.expired(o.obj) {
		err := o.wouldWait(o.obj)
		if w, ok := err.(Wait); ok {
			w.Until = f.deadline(o)
			err = w
		}
		return 0, err
	}
	t := edit[timer](&f.heap, o.obj)
	n := int64(1)
	if t.interval > 0 {
		n += (f.mono - t.next) / t.interval
		t.next += n * t.interval
	} else {
		t.next = 0
	}
	t.told = false
	binary.LittleEndian.PutUint64(b, uint64(n))
	return 8, nil
}

func (f *Files) expired(id ID) bool {
	t := look[timer](&f.heap, id)
	return t.next != 0 && t.next <= f.mono
}

// Deadline returns when the timer open as fd expires next, in ns of the monotonic clock, or 0: whoever waits for the
// descriptor must not wait longer.
func (f *Files) Deadline(fd int) int64 {
	o, err := f.file(fd)
	if err != nil {
		return 0
	}
	return f.deadline(o)
}

// deadline returns the next moment at which o becomes ready by the passing of time alone, 0 for never.
func (f *Files) deadline(o *openFile) (next int64) {
	switch o.kind {
	case kindTimer:
		if t := look[timer](&f.heap, o.obj); t.next > f.mono {
			next = t.next
		}
	case kindEpoll:
		e := look[epoll](&f.heap, o.obj)
		if e.timed == 0 {
			return 0
		}
		for _, i := range e.items {
			next = sooner(next, f.deadline(look[openFile](&f.heap, i.file)))
		}
	}
	return next
}

// sooner returns the lower of two deadlines, of which 0 is never.
func sooner(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
