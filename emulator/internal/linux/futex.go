package linux

import (
	"sort"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Commands and flags of futex (include/uapi/linux/futex.h).
const (
	FUTEX_WAIT           = 0
	FUTEX_WAKE           = 1
	FUTEX_REQUEUE        = 3
	FUTEX_CMP_REQUEUE    = 4
	FUTEX_WAKE_OP        = 5
	FUTEX_LOCK_PI        = 6
	FUTEX_UNLOCK_PI      = 7
	FUTEX_TRYLOCK_PI     = 8
	FUTEX_WAIT_BITSET    = 9
	FUTEX_WAKE_BITSET    = 10
	FUTEX_LOCK_PI2       = 13
	FUTEX_PRIVATE_FLAG   = 128
	FUTEX_CLOCK_REALTIME = 256

	futexAnyBit = 1<<32 - 1
)

// futexWait is what a thread waits for in futex: a wake-up of addr whose bitset has a bit in common; in lockPI, where the
// bitset is 0, to be made the owner. addr is 0 if it waits for no futex. As all threads share all memory the address alone names the futex.
type futexWait struct {
	addr   uint64
	bitset uint32
}

func init() {
	register(partial(202, "futex", sysFutex,
		"Locks that inherit priority work, but threads have no priorities; FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI fail with ENOSYS. A futex is known by its address, even in shared mappings.",
		Ptr, futexCommand, Size, Ptr, Ptr, Hex))
}

// futexCommand renders the command with its flags.
func futexCommand(e *SyscallEvent, i int) string {
	op := e.Args[i]
	names := map[uint64]string{FUTEX_WAIT: "FUTEX_WAIT", FUTEX_WAKE: "FUTEX_WAKE", FUTEX_REQUEUE: "FUTEX_REQUEUE",
		FUTEX_CMP_REQUEUE: "FUTEX_CMP_REQUEUE", FUTEX_WAKE_OP: "FUTEX_WAKE_OP", FUTEX_WAIT_BITSET: "FUTEX_WAIT_BITSET",
		FUTEX_WAKE_BITSET: "FUTEX_WAKE_BITSET", FUTEX_LOCK_PI: "FUTEX_LOCK_PI", FUTEX_UNLOCK_PI: "FUTEX_UNLOCK_PI",
		FUTEX_TRYLOCK_PI: "FUTEX_TRYLOCK_PI", FUTEX_LOCK_PI2: "FUTEX_LOCK_PI2"}
	name, ok := names[op&^(FUTEX_PRIVATE_FLAG|FUTEX_CLOCK_REALTIME)]
	if !ok {
		return Hex(e, i)
	}
	if op&FUTEX_PRIVATE_FLAG != 0 {
		name += "_PRIVATE"
	}
	if op&FUTEX_CLOCK_REALTIME != 0 {
		name += "|FUTEX_CLOCK_REALTIME"
	}
	return name
}

func sysFutex(k *Kernel, t *Thread, a args) (uint64, error) {
	addr, val := a[0], uint32(a[2])
	if addr&3 != 0 {
		return 0, errno.EINVAL
	}
	op := uint32(a[1])
	realtime := op&FUTEX_CLOCK_REALTIME != 0
	switch op &^ (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME) {
	case FUTEX_WAIT:
		return k.futexWait(t, addr, val, futexAnyBit, a[3], false, realtime)
	case FUTEX_WAIT_BITSET:
		return k.futexWait(t, addr, val, uint32(a[5]), a[3], true, realtime)
	case FUTEX_WAKE:
		return k.futexWakeCall(addr, val, futexAnyBit)
	case FUTEX_WAKE_BITSET:
		return k.futexWakeCall(addr, val, uint32(a[5]))
	case FUTEX_REQUEUE:
		return k.futexRequeue(a, nil)
	case FUTEX_CMP_REQUEUE:
		cmp := uint32(a[5])
		return k.futexRequeue(a, &cmp)
	case FUTEX_WAKE_OP:
		return k.futexWakeOp(a)
	case FUTEX_LOCK_PI:
		return k.lockPI(t, addr, a[3], true)
	case FUTEX_LOCK_PI2:
		return k.lockPI(t, addr, a[3], realtime)
	case FUTEX_TRYLOCK_PI:
		_, err := k.tryPI(t, addr)
		return 0, err
	case FUTEX_UNLOCK_PI:
		return k.unlockPI(t, addr)
	}
	return 0, errno.ENOSYS
}

// futexWait does FUTEX_WAIT (a relative time-out) and FUTEX_WAIT_BITSET (an absolute one). timeout is the address of a
// timespec, or 0.
func (k *Kernel) futexWait(t *Thread, addr uint64, val, bitset uint32, timeout uint64, abs, realtime bool) (uint64, error) {
	if bitset == 0 {
		return 0, errno.EINVAL
	}
	var deadline int64
	if timeout != 0 {
		d, err := k.loadTimespec(timeout)
		if err != nil {
			return 0, err
		}
		if abs {
			now := k.Now()
			if realtime {
				now = k.realtime()
			}
			d -= now
		}
		deadline = k.deadlineIn(t, d)
	}
	switch t.wake {
	case wokenByKey:
		return 0, nil
	case wokenByTime:
		return 0, errno.ETIMEDOUT
	case wokenBySignal:
		if timeout != 0 {
			return 0, errno.EINTR // ERESTART_RESTARTBLOCK: never restarted once a handler has run
		}
		return 0, restartSys
	}
	have, err := k.load32(addr)
	if err != nil {
		return 0, err
	}
	if have != val {
		return 0, errno.EAGAIN
	}
	if deadline != 0 && deadline <= k.Now() {
		return 0, errno.ETIMEDOUT
	}
	t.futex = futexWait{addr, bitset}
	return k.block(t, deadline)
}

// futexQueue returns those who wait for addr, longest first.
func (k *Kernel) futexQueue(addr uint64, bitset uint32) []*Thread {
	var q []*Thread
	for _, t := range k.threads {
		if t.blocked && t.futex.addr == addr && t.futex.bitset&bitset != 0 {
			q = append(q, t)
		}
	}
	sort.Slice(q, func(i, j int) bool { return q[i].order < q[j].order })
	return q
}

// futexWake wakes at most n waiters (at least one, as Linux does for n = 0) and returns how many it woke.
func (k *Kernel) futexWake(addr uint64, n int32, bitset uint32) (woken uint64) {
	if addr == 0 {
		return 0
	}
	for _, t := range k.futexQueue(addr, bitset) {
		t.rouse(wokenByKey)
		woken++
		if int64(woken) >= int64(n) {
			break
		}
	}
	return woken
}

func (k *Kernel) futexWakeCall(addr uint64, n, bitset uint32) (uint64, error) {
	if bitset == 0 {
		return 0, errno.EINVAL
	}
	return k.futexWake(addr, int32(n), bitset), nil
}

// futexRequeue wakes a[2] waiters of a[0] and makes at most a[3] others wait for a[4] instead. With cmp it does so only if
// the futex still holds that, and counts the moved ones too.
func (k *Kernel) futexRequeue(a args, cmp *uint32) (uint64, error) {
	from, wake, move, to := a[0], a.int32(2), a.int32(3), a[4]
	if wake < 0 || move < 0 || to&3 != 0 {
		return 0, errno.EINVAL
	}
	if cmp != nil {
		have, err := k.load32(from)
		if err != nil {
			return 0, err
		}
		if have != *cmp {
			return 0, errno.EAGAIN
		}
	}
	var woken, moved uint64
	for _, t := range k.futexQueue(from, futexAnyBit) {
		switch {
		case woken < uint64(wake):
			t.rouse(wokenByKey)
			woken++
		case moved < uint64(move):
			k.blocks++
			t.futex.addr, t.order = to, k.blocks
			moved++
		}
	}
	return woken + moved, nil
}

// futexWakeOp changes the futex at a[4] as a[5] says, wakes a[2] waiters of a[0], and a[3] of a[4] if the old value compared
// as a[5] says (futex(2), FUTEX_WAKE_OP).
func (k *Kernel) futexWakeOp(a args) (uint64, error) {
	addr, n1, n2, addr2, code := a[0], a.int32(2), a.int32(3), a[4], uint32(a[5])
	if addr2&3 != 0 {
		return 0, errno.EINVAL
	}
	oparg, cmparg := int32(code<<8)>>20, int32(code<<20)>>20
	if code>>31 != 0 { // FUTEX_OP_OPARG_SHIFT
		oparg = 1 << uint(oparg&31)
	}
	old, err := k.load32(addr2)
	if err != nil {
		return 0, err
	}
	v := old
	switch code >> 28 & 7 {
	case 0:
		v = uint32(oparg)
	case 1:
		v += uint32(oparg)
	case 2:
		v |= uint32(oparg)
	case 3:
		v &^= uint32(oparg)
	case 4:
		v ^= uint32(oparg)
	default:
		return 0, errno.ENOSYS
	}
	o := int32(old)
	var hit bool
	switch code >> 24 & 15 {
	case 0:
		hit = o == cmparg
	case 1:
		hit = o != cmparg
	case 2:
		hit = o < cmparg
	case 3:
		hit = o <= cmparg
	case 4:
		hit = o > cmparg
	case 5:
		hit = o >= cmparg
	default:
		return 0, errno.ENOSYS
	}
	if err := k.store32(addr2, v); err != nil {
		return 0, err
	}
	woken := k.futexWake(addr, n1, futexAnyBit)
	if hit {
		woken += k.futexWake(addr2, n2, futexAnyBit)
	}
	return woken, nil
}
