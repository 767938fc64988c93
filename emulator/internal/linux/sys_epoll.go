package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	register(
		supported(213, "epoll_create", newFD(sysEpollCreate), Int),
		supported(291, "epoll_create1", newFD(func(k *Kernel, a args) (int, error) { return k.files.EpollCreate(uint32(a[0])) }), openFlags),
		supported(233, "epoll_ctl", simple(sysEpollCtl), FD, Enum(map[uint64]string{1: "EPOLL_CTL_ADD", 2: "EPOLL_CTL_DEL", 3: "EPOLL_CTL_MOD"}), FD, Ptr),
		supported(232, "epoll_wait", files(sysEpollWait), FD, Ptr, Int, Int),
		supported(281, "epoll_pwait", files(masked(4, sysEpollWait)), FD, Ptr, Int, Int, Ptr, Size),
		supported(441, "epoll_pwait2", files(masked(4, sysEpollPwait2)), FD, Ptr, Int, Timespec, Ptr, Size),
	)
}

// sizeofEpollEvent is the size of struct epoll_event, which is packed on amd64.
const sizeofEpollEvent = 12

func sysEpollCreate(k *Kernel, a args) (int, error) {
	if a.int32(0) <= 0 {
		return -1, errno.EINVAL
	}
	return k.files.EpollCreate(0)
}

func sysEpollCtl(k *Kernel, a args) error {
	var b [sizeofEpollEvent]byte
	if a[1] != vfs.EPOLL_CTL_DEL {
		if err := k.copyIn(b[:], a[3]); err != nil {
			return err
		}
	}
	return k.files.EpollCtl(a.fd(0), int(a.int32(1)), a.fd(2), le32(b[:]), le64(b[4:]))
}

func sysEpollWait(k *Kernel, t *Thread, a args) (uint64, error) {
	timeout := int64(a.int32(3))
	if timeout >= 0 {
		timeout *= 1_000_000
	}
	return k.epollWait(t, a.fd(0), a[1], int(a.int32(2)), timeout)
}

func sysEpollPwait2(k *Kernel, t *Thread, a args) (uint64, error) {
	timeout := int64(-1)
	if a[3] != 0 {
		var err error
		if timeout, err = k.loadTime(a[3], 1_000_000_000); err != nil {
			return 0, err
		}
	}
	return k.epollWait(t, a.fd(0), a[1], int(a.int32(2)), timeout)
}

// epollWait waits for up to n events, at most timeout ns, or for ever if that is negative.
func (k *Kernel) epollWait(t *Thread, fd int, addr uint64, n int, timeout int64) (uint64, error) {
	const most = (1<<31 - 1) / sizeofEpollEvent
	if n <= 0 || n > most {
		return 0, errno.EINVAL
	}
	events, err := k.files.EpollWait(fd, n)
	if w, ok := err.(vfs.Wait); ok {
		return k.pollAgain(t, timeout, w.Until, errno.EINTR, fileKeys+Key(w.ID))
	}
	if err != nil {
		return 0, err
	}
	var b []byte
	for _, e := range events {
		b = binary.LittleEndian.AppendUint32(b, e.Events)
		b = binary.LittleEndian.AppendUint64(b, e.Data)
	}
	return uint64(len(events)), k.copyOut(addr, b)
}

// pollAgain makes a thread that found nothing ready wait for one of the keys, for at most timeout ns from the call's first
// run (negative: for ever), and at most until the moment until, when something becomes ready by itself (0: never). If the
// time is over the call returns 0; if a signal came, interrupted.
func (k *Kernel) pollAgain(t *Thread, timeout, until int64, interrupted error, keys ...Key) (uint64, error) {
	if timeout == 0 {
		return 0, nil
	}
	// The deadline that block keeps may be that of a timer. The call's own is in t.progress.
	end := int64(t.progress)
	if timeout > 0 {
		if end == 0 {
			end = k.deadlineIn(t, timeout)
		}
		if k.Now() >= end {
			return 0, nil
		}
	}
	if t.wake == wokenBySignal {
		return 0, interrupted
	}
	t.progress = uint64(end)
	if end == 0 || until != 0 && until < end {
		end = until
	}
	return k.block(t, end, keys...)
}
