package linux

import (
	"cmp"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Operations of futex (include/uapi/linux/futex.h).
const (
	FUTEX_WAIT        = 0
	FUTEX_WAKE        = 1
	FUTEX_REQUEUE     = 3
	FUTEX_CMP_REQUEUE = 4
	FUTEX_WAKE_OP     = 5
	FUTEX_WAIT_BITSET = 9
	FUTEX_WAKE_BITSET = 10

	FUTEX_PRIVATE_FLAG   = 128
	FUTEX_CLOCK_REALTIME = 256
)

// futexWait is what a thread waits for in futex. With one process there is no difference between shared and private ones.
type futexWait struct {
	addr   uint64 // 0 for none
	bitset uint32
}

func sysFutex(k *Kernel, t *Thread, a args) (uint64, error) {
	addr, op, val := a[0], a[1], uint32(a[2])
	cmd := op &^ (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
	if addr&3 != 0 {
		return 0, errno.EINVAL
	}
	switch cmd {
	case FUTEX_WAIT:
		return k.waitFutex(t, addr, val, a[3], false, false, ^uint32(0))
	case FUTEX_WAIT_BITSET:
		return k.waitFutex(t, addr, val, a[3], true, op&FUTEX_CLOCK_REALTIME != 0, uint32(a[5]))
	case FUTEX_WAKE:
		return k.wakeFutex(addr, uint64(max(int32(val), 1)), ^uint32(0)), nil
	case FUTEX_WAKE_BITSET:
		if uint32(a[5]) == 0 {
			return 0, errno.EINVAL
		}
		return k.wakeFutex(addr, uint64(max(int32(val), 1)), uint32(a[5])), nil
	case FUTEX_REQUEUE, FUTEX_CMP_REQUEUE:
		if cmd == FUTEX_CMP_REQUEUE {
			v, err := k.load32(addr)
			if err != nil {
				return 0, err
			}
			if v != uint32(a[5]) {
				return 0, errno.EAGAIN
			}
		}
		if int32(val) < 0 || int32(a[3]) < 0 {
			return 0, errno.EINVAL
		}
		woken := k.wakeFutex(addr, uint64(val), ^uint32(0))
		moved := k.requeueFutex(addr, a[4], uint64(uint32(a[3])))
		if cmd == FUTEX_CMP_REQUEUE {
			woken += moved
		}
		return woken, nil
	case FUTEX_WAKE_OP:
		return k.futexWakeOp(addr, a[4], val, uint32(a[3]), uint32(a[5]))
	}
	return 0, errno.ENOSYS
}

// waitFutex waits on the word at addr if it holds val. timeout points to a timespec: relative, or, if absolute is set, a
// time of the monotonic or the wall clock.
func (k *Kernel) waitFutex(t *Thread, addr uint64, val uint32, timeout uint64, absolute, realtime bool, bitset uint32) (uint64, error) {
	switch t.wake {
	case wokenByKey:
		return 0, nil
	case wokenByTime:
		return 0, errno.ETIMEDOUT
	case wokenBySignal:
		if timeout != 0 && !absolute {
			return 0, restartNoHand // ERESTART_RESTARTBLOCK: the deadline is kept
		}
		return 0, restartSys
	}
	if bitset == 0 {
		return 0, errno.EINVAL
	}
	var deadline int64
	if timeout != 0 {
		at, err := k.timespec(timeout)
		if err != nil {
			return 0, err
		}
		switch {
		case !absolute:
			at = addTime(at, k.Now())
		case realtime:
			at -= Epoch
		}
		if at <= k.Now() {
			v, err := k.load32(addr)
			if err != nil {
				return 0, err
			}
			if v != val {
				return 0, errno.EAGAIN
			}
			return 0, errno.ETIMEDOUT
		}
		deadline = at
	}
	v, err := k.load32(addr)
	if err != nil {
		return 0, err
	}
	if v != val {
		return 0, errno.EAGAIN
	}
	t.futex = futexWait{addr, bitset}
	return k.block(t, deadline)
}

// waiters returns the threads that wait for the futex at addr, first come first.
func (k *Kernel) waiters(addr uint64) []*Thread {
	var out []*Thread
	for _, t := range k.threads {
		if t.blocked && t.futex.addr == addr {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *Thread) int { return cmp.Compare(a.order, b.order) })
	return out
}

// wakeFutex wakes up to n threads that wait at addr with a bit of bitset, and returns how many.
func (k *Kernel) wakeFutex(addr, n uint64, bitset uint32) (woken uint64) {
	for _, t := range k.waiters(addr) {
		if woken == n {
			break
		}
		if t.futex.bitset&bitset != 0 {
			t.rouse(wokenByKey)
			woken++
		}
	}
	return woken
}

// requeueFutex makes up to n threads that wait at from wait at to instead, and returns how many.
func (k *Kernel) requeueFutex(from, to, n uint64) (moved uint64) {
	for _, t := range k.waiters(from) {
		if moved == n {
			break
		}
		t.futex.addr = to
		moved++
	}
	return moved
}

// futexWakeOp changes the word at addr2, wakes val at addr, and val2 at addr2 if the old word compares as op says.
func (k *Kernel) futexWakeOp(addr, addr2 uint64, val, val2, op uint32) (uint64, error) {
	old, err := k.load32(addr2)
	if err != nil {
		return 0, err
	}
	arg := uint32(int32(op<<8) >> 20)
	if op>>31 != 0 { // FUTEX_OP_OPARG_SHIFT
		arg = 1 << (arg & 31)
	}
	v := arg
	switch op >> 28 & 7 {
	case 0:
	case 1:
		v = old + arg
	case 2:
		v = old | arg
	case 3:
		v = old &^ arg
	case 4:
		v = old ^ arg
	default:
		return 0, errno.ENOSYS
	}
	if err := k.store32(addr2, v); err != nil {
		return 0, err
	}
	woken := k.wakeFutex(addr, uint64(val), ^uint32(0))
	a, b := int32(old), int32(op<<20)>>20
	var yes bool
	switch op >> 24 & 15 {
	case 0:
		yes = a == b
	case 1:
		yes = a != b
	case 2:
		yes = a < b
	case 3:
		yes = a <= b
	case 4:
		yes = a > b
	case 5:
		yes = a >= b
	default:
		return 0, errno.ENOSYS
	}
	if yes {
		woken += k.wakeFutex(addr2, uint64(val2), ^uint32(0))
	}
	return woken, nil
}

func init() {
	register(
		partial(202, "futex", sysFutex, "lacks priority inheritance (FUTEX_LOCK_PI and its like) and FUTEX_FD.", Ptr, FutexOp, Int, Ptr, Ptr, Hex),
		partial(273, "set_robust_list", nothing, "is accepted and has no effect: a thread that dies holding a robust mutex takes the process with it.", Ptr, Size),
	)
}

// FutexOp formats futex's operation.
func FutexOp(e *SyscallEvent, i int) string {
	op := e.Args[i]
	s := Enum(map[uint64]string{FUTEX_WAIT: "FUTEX_WAIT", FUTEX_WAKE: "FUTEX_WAKE", FUTEX_REQUEUE: "FUTEX_REQUEUE",
		FUTEX_CMP_REQUEUE: "FUTEX_CMP_REQUEUE", FUTEX_WAKE_OP: "FUTEX_WAKE_OP", FUTEX_WAIT_BITSET: "FUTEX_WAIT_BITSET",
		FUTEX_WAKE_BITSET: "FUTEX_WAKE_BITSET"})
	masked := *e
	masked.Args[i] = op &^ (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)
	out := s(&masked, i)
	if op&FUTEX_PRIVATE_FLAG != 0 {
		out += "|FUTEX_PRIVATE_FLAG"
	}
	if op&FUTEX_CLOCK_REALTIME != 0 {
		out += "|FUTEX_CLOCK_REALTIME"
	}
	return out
}
