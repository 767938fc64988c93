package linux

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Parts of the word of a futex that names its owner: a priority-inheriting one (futex(2)) or a robust one
// (Documentation/locking/robust-futex-ABI.rst).
const (
	FUTEX_WAITERS    = 0x8000_0000
	FUTEX_OWNER_DIED = 0x4000_0000
	FUTEX_TID_MASK   = 0x3fff_ffff
)

// lockPI does FUTEX_LOCK_PI and FUTEX_LOCK_PI2: the caller becomes the owner or waits until unlockPI makes it so. Priorities
// are not inherited, as threads have none: they take turns. timeout is the address of an absolute time, or 0.
func (k *Kernel) lockPI(t *Thread, addr, timeout uint64, realtime bool) (uint64, error) {
	var deadline int64
	if timeout != 0 {
		d, err := k.loadTimespec(timeout)
		if err != nil {
			return 0, err
		}
		now := k.Now()
		if realtime {
			now = k.realtime()
		}
		deadline = k.deadlineIn(t, d-now)
	}
	switch t.wake {
	case wokenByKey:
		return 0, nil // unlockPI has stored the caller's TID
	case wokenByTime:
		return 0, errno.ETIMEDOUT
	case wokenBySignal:
		return 0, restartSys
	}
	word, err := k.tryPI(t, addr)
	if err != errno.EAGAIN {
		return 0, err
	}
	if deadline != 0 && deadline <= k.Now() {
		return 0, errno.ETIMEDOUT
	}
	if err := k.store32(addr, word|FUTEX_WAITERS); err != nil {
		return 0, err
	}
	t.futex = futexWait{addr: addr}
	return k.block(t, deadline)
}

// tryPI makes the caller the owner of a futex that has none, or whose owner died. If there is one it returns the futex's
// word and EAGAIN, EDEADLK where that is the caller itself, ESRCH where there is no such thread.
func (k *Kernel) tryPI(t *Thread, addr uint64) (word uint32, err error) {
	if word, err = k.load32(addr); err != nil {
		return 0, err
	}
	owner := int(word & FUTEX_TID_MASK)
	switch {
	case owner == t.TID:
		return word, errno.EDEADLK
	case owner == 0 || word&FUTEX_OWNER_DIED != 0:
		return word, k.store32(addr, uint32(t.TID)|word&^FUTEX_TID_MASK)
	case k.thread(owner) == nil:
		return word, errno.ESRCH
	}
	return word, errno.EAGAIN
}

// unlockPI does FUTEX_UNLOCK_PI: who has waited longest becomes the owner.
func (k *Kernel) unlockPI(t *Thread, addr uint64) (uint64, error) {
	word, err := k.load32(addr)
	switch {
	case err != nil:
		return 0, err
	case int(word&FUTEX_TID_MASK) != t.TID:
		return 0, errno.EPERM
	}
	return 0, k.handOver(addr, 0)
}

// handOver makes the first of those who wait in lockPI the owner of the futex, or nobody, with the flags in its word.
func (k *Kernel) handOver(addr uint64, flags uint32) error {
	var waiters []*Thread
	for _, t := range k.threads {
		if t.blocked && t.futex.addr == addr && t.futex.bitset == 0 {
			waiters = append(waiters, t)
		}
	}
	if len(waiters) == 0 {
		return k.store32(addr, flags)
	}
	first := slices.MinFunc(waiters, func(a, b *Thread) int {
		if a.order < b.order {
			return -1
		}
		return 1
	})
	word := uint32(first.TID) | flags
	if len(waiters) > 1 {
		word |= FUTEX_WAITERS
	}
	if err := k.store32(addr, word); err != nil {
		return err
	}
	first.rouse(wokenByKey)
	return nil
}
