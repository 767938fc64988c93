package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	register(
		supported(7, "poll", files(sysPoll), Ptr, Size, Int),
		supported(271, "ppoll", files(masked(3, sysPpoll)), Ptr, Size, Timespec, Ptr, Size),
		supported(23, "select", files(sysSelect), Int, Ptr, Ptr, Ptr, Timeval),
		supported(270, "pselect6", files(sysPselect), Int, Ptr, Ptr, Ptr, Timespec, Ptr),
	)
}

// masked wraps a handler whose arguments i and i+1 are a signal mask for the time of the call, and its size.
func masked(i int, run handler) handler {
	return func(k *Kernel, t *Thread, a args) (uint64, error) {
		if err := k.maskFor(t, a[i], a[i+1]); err != nil {
			return 0, err
		}
		return run(k, t, a)
	}
}

// maskFor blocks the signals of the mask at addr, of size bytes, until the current system call ends. addr may be 0.
func (k *Kernel) maskFor(t *Thread, addr, size uint64) error {
	if addr == 0 {
		return nil
	}
	if size != 8 {
		return errno.EINVAL
	}
	mask, err := k.load64(addr)
	if err == nil {
		t.suspendMask(sigset(mask))
	}
	return err
}

// A pollFD is struct pollfd.
type pollFD struct {
	fd      int
	events  uint32
	revents uint32
}

// poll looks at all of fds and returns how many have events. If none has, it makes the thread wait: then err is not nil.
func (k *Kernel) poll(t *Thread, fds []pollFD, timeout int64) (ready uint64, err error) {
	var keys []Key
	until := int64(0)
	for i := range fds {
		p := &fds[i]
		if p.fd < 0 {
			continue
		}
		var id vfs.ID
		if p.revents, id = k.files.Poll(p.fd, p.events); p.revents != 0 {
			ready++
		} else if id != 0 {
			keys = append(keys, fileKeys+Key(id))
			if d := k.files.Deadline(p.fd); d != 0 && (until == 0 || d < until) {
				until = d
			}
		}
	}
	if ready > 0 {
		return ready, nil
	}
	return k.pollAgain(t, timeout, until, restartNoHand, keys...)
}

func sysPoll(k *Kernel, t *Thread, a args) (uint64, error) {
	timeout := int64(a.int32(2))
	if timeout >= 0 {
		timeout *= 1_000_000
	}
	return k.pollArray(t, a[0], a[1], timeout)
}

func sysPpoll(k *Kernel, t *Thread, a args) (uint64, error) {
	timeout, err := k.optionalTime(a[2], 1_000_000_000)
	if err != nil {
		return 0, err
	}
	ready, err := k.pollArray(t, a[0], a[1], timeout)
	return k.storeTimeLeft(t, a[2], timeout, nsPerSecond, ready, err)
}

// storeTimeLeft ends ppoll, pselect6 and select: what is left of the timeout goes to where the timeout came from, the struct
// timespec (unit 10⁹) or timeval (unit 10⁶) at addr, whatever comes of the call. A timeout of 0 and one of a program with the
// personality STICKY_TIMEOUTS stay. Then, and where the time left cannot be stored, the call must not run again, for it would
// wait too long (poll_select_finish in fs/select.c).
func (k *Kernel) storeTimeLeft(t *Thread, addr uint64, timeout, unit int64, ready uint64, err error) (uint64, error) {
	if err == errBlocked || addr == 0 {
		return ready, err
	}
	if k.proc.personality&stickyTimeouts == 0 {
		if timeout == 0 {
			return ready, err
		}
		end := int64(t.progress) // as pollAgain has kept it
		if end == 0 {
			end = k.deadlineIn(t, timeout)
		}
		left := max(end-k.Now(), 0)
		if k.storeWords(addr, uint64(left/nsPerSecond), uint64(left%nsPerSecond/(nsPerSecond/unit))) == nil {
			return ready, err
		}
	}
	if err == restartNoHand {
		err = errno.EINTR
	}
	return ready, err
}

// optionalTime is loadTime for a pointer that may be NULL: -1, for ever.
func (k *Kernel) optionalTime(addr uint64, unit int64) (int64, error) {
	if addr == 0 {
		return -1, nil
	}
	return k.loadTime(addr, unit)
}

func (k *Kernel) pollArray(t *Thread, addr, n uint64, timeout int64) (uint64, error) {
	if n > vfs.MaxFDs {
		return 0, errno.EINVAL
	}
	b := make([]byte, 8*n)
	if err := k.copyIn(b, addr); err != nil {
		return 0, err
	}
	fds := make([]pollFD, n)
	for i := range fds {
		fds[i] = pollFD{fd: int(int32(le32(b[8*i:]))), events: uint32(binary.LittleEndian.Uint16(b[8*i+4:]))}
	}
	ready, err := k.poll(t, fds, timeout)
	if err != nil {
		return 0, err
	}
	for i, p := range fds {
		binary.LittleEndian.PutUint16(b[8*i+6:], uint16(p.revents))
	}
	return ready, k.copyOut(addr, b)
}

func sysSelect(k *Kernel, t *Thread, a args) (uint64, error) {
	timeout := int64(-1)
	if a[4] != 0 {
		var b [16]byte
		if err := k.copyIn(b[:], a[4]); err != nil {
			return 0, err
		}
		sec, usec := int64(le64(b[:])), int64(le64(b[8:]))
		if sec < 0 || usec < 0 {
			return 0, errno.EINVAL
		}
		var err error
		if timeout, err = nanoseconds(sec+usec/1_000_000, usec%1_000_000, 1_000_000); err != nil {
			return 0, err
		}
	}
	count, err := k.selectSets(t, a, timeout)
	return k.storeTimeLeft(t, a[4], timeout, 1_000_000, count, err)
}

func sysPselect(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[5] != 0 { // there is no seventh register: mask and size are in memory
		var b [16]byte
		if err := k.copyIn(b[:], a[5]); err != nil {
			return 0, err
		}
		if err := k.maskFor(t, le64(b[:]), le64(b[8:])); err != nil {
			return 0, err
		}
	}
	timeout, err := k.optionalTime(a[4], 1_000_000_000)
	if err != nil {
		return 0, err
	}
	count, err := k.selectSets(t, a, timeout)
	return k.storeTimeLeft(t, a[4], timeout, nsPerSecond, count, err)
}

// selectSets does select: arguments 1 to 3 are sets of descriptors below argument 0, a bit each. What the sets stand for in
// terms of poll is in select(2), "Correspondence between select() and poll() notifications".
func (k *Kernel) selectSets(t *Thread, a args, timeout int64) (uint64, error) {
	kinds := [3]uint32{
		vfs.EPOLLIN | vfs.EPOLLRDNORM | vfs.EPOLLHUP | vfs.EPOLLERR,
		vfs.EPOLLOUT | vfs.EPOLLWRNORM | vfs.EPOLLERR,
		vfs.EPOLLPRI,
	}
	n := int(a.int32(0))
	if n < 0 {
		return 0, errno.EINVAL
	}
	n = min(n, vfs.MaxFDs)
	size := (n + 63) / 64 * 8
	var sets [3][]byte
	for i := range sets {
		if a[1+i] == 0 {
			continue
		}
		sets[i] = make([]byte, size)
		if err := k.copyIn(sets[i], a[1+i]); err != nil {
			return 0, err
		}
	}
	has := func(set []byte, fd int) bool { return set != nil && set[fd/8]&(1<<(fd%8)) != 0 }
	var fds []pollFD
	for fd := range n {
		p := pollFD{fd: fd}
		for i, set := range sets {
			if has(set, fd) {
				p.events |= kinds[i]
			}
		}
		if p.events == 0 {
			continue
		}
		if _, err := k.files.Flags(fd); err != nil {
			return 0, errno.EBADF
		}
		fds = append(fds, p)
	}
	// poll counts descriptors, select counts bits.
	if _, err := k.poll(t, fds, timeout); err != nil {
		return 0, err
	}
	count := uint64(0)
	for _, p := range fds {
		for i, set := range sets {
			if !has(set, p.fd) {
				continue
			}
			if p.revents&kinds[i] != 0 {
				count++
			} else {
				set[p.fd/8] &^= 1 << (p.fd % 8)
			}
		}
	}
	for i, set := range sets {
		if set != nil {
			if err := k.copyOut(a[1+i], set); err != nil {
				return 0, err
			}
		}
	}
	return count, nil
}
