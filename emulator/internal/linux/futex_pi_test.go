package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// TestLockPI takes a lock, makes two threads wait for it, and hands it from one to the next.
func TestLockPI(t *testing.T) {
	k := newGuest(t, forever)
	first, b, c := k.current, k.newThread(), k.newThread()
	word := func() uint32 { v, _ := k.load32(dataAt); return v }
	lock := func(th *Thread, op uint64) error { _, err := sysFutex(k, th, args{dataAt, op}); return err }
	tid := func(th *Thread) uint32 { return uint32(th.TID) }
	for _, s := range []struct {
		name string
		err  error
		by   *Thread
		op   uint64
		word uint32
	}{
		{"unlock what nobody holds", errno.EPERM, first, FUTEX_UNLOCK_PI, 0},
		{"lock", nil, first, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, tid(first)},
		{"again", errno.EDEADLK, first, FUTEX_LOCK_PI, tid(first)},
		{"try", errno.EAGAIN, b, FUTEX_TRYLOCK_PI, tid(first)},
		{"wait", errBlocked, b, FUTEX_LOCK_PI, tid(first) | FUTEX_WAITERS},
		{"wait too", errBlocked, c, FUTEX_LOCK_PI2, tid(first) | FUTEX_WAITERS},
		{"unlock another's", errno.EPERM, b, FUTEX_UNLOCK_PI, tid(first) | FUTEX_WAITERS},
		{"hand over", nil, first, FUTEX_UNLOCK_PI, tid(b) | FUTEX_WAITERS},
		{"have", nil, b, FUTEX_LOCK_PI, tid(b) | FUTEX_WAITERS},
		{"wake does not concern them", nil, first, FUTEX_WAKE, tid(b) | FUTEX_WAITERS},
		{"hand over to the last", nil, b, FUTEX_UNLOCK_PI, tid(c)},
		{"have at last", nil, c, FUTEX_LOCK_PI2, tid(c)},
		{"unlock", nil, c, FUTEX_UNLOCK_PI, 0},
		{"try what is free", nil, b, FUTEX_TRYLOCK_PI, tid(b)},
	} {
		err := lock(s.by, s.op)
		if s.err != errBlocked {
			s.by.wake = notWoken
		}
		if err != s.err || word() != s.word {
			t.Errorf("%s: %v, the word is %#x; want %v, %#x", s.name, err, word(), s.err, s.word)
		}
	}
	k.store32(dataAt, 99)
	if err := lock(b, FUTEX_LOCK_PI); err != errno.ESRCH {
		t.Errorf("waiting for a thread that is not there: %v", err)
	}
}

// TestRobustList lets a thread die with three locks in its list, one of them just being taken, and one of another's.
func TestRobustList(t *testing.T) {
	const head, inWait, inPI, pending, others = dataAt, dataAt + 0x40, dataAt + 0x80, dataAt + 0xc0, dataAt + 0x100
	const distance = 8
	k := newGuest(t, forever)
	dying, waits, inherits := k.newThread(), k.newThread(), k.newThread()
	me := uint64(dying.TID)
	poke(t, k, head, inWait, distance, pending)
	poke(t, k, inWait, inPI|1, me|FUTEX_WAITERS)
	poke(t, k, inPI, others, me)
	poke(t, k, others, head, PID)
	poke(t, k, pending, 0, me)
	step{"set", sysSetRobustList, args{head, 23}, 0, errno.EINVAL}.do(t, k)
	if _, err := sysSetRobustList(k, dying, args{head, robustHeadSize}); err != nil {
		t.Fatal(err)
	}
	step{"get", sysGetRobustList, args{me, dataAt + 0x200, dataAt + 0x208}, 0, nil}.do(t, k)
	if got := peek(t, k, dataAt+0x200); got != head {
		t.Errorf("the head is %#x", got)
	}
	step{"get nobody's", sysGetRobustList, args{77, dataAt + 0x200, dataAt + 0x208}, 0, errno.ESRCH}.do(t, k)
	if _, err := k.futexWait(waits, inWait+distance, uint32(me)|FUTEX_WAITERS, futexAnyBit, 0, false, false); err != errBlocked {
		t.Fatal(err)
	}
	if _, err := k.lockPI(inherits, inPI+distance, 0, false); err != errBlocked {
		t.Fatal(err)
	}
	sysExit(k, dying, args{})
	for _, c := range []struct {
		name string
		at   uint64
		want uint64
	}{
		{"waited for", inWait, FUTEX_OWNER_DIED | FUTEX_WAITERS},
		{"inheriting", inPI, FUTEX_OWNER_DIED | uint64(inherits.TID)},
		{"being taken", pending, FUTEX_OWNER_DIED},
		{"another's", others, PID},
	} {
		if got := peek(t, k, c.at+distance); got != c.want {
			t.Errorf("the lock %s holds %#x, want %#x", c.name, got, c.want)
		}
	}
	if waits.wake != wokenByKey || inherits.wake != wokenByKey {
		t.Errorf("woken: %v and %v", waits.wake, inherits.wake)
	}
}

// TestHostileRobustList: a list that never ends, and one that is not there.
func TestHostileRobustList(t *testing.T) {
	for _, head := range []uint64{dataAt, 0x7000_0000_0000, ^uint64(7)} {
		k := newGuest(t, forever)
		th := k.newThread()
		poke(t, k, dataAt, dataAt+0x40, 8, 0)
		poke(t, k, dataAt+0x40, dataAt+0x80, uint64(th.TID))
		poke(t, k, dataAt+0x80, dataAt+0x40, ^uint64(0))
		th.robust = head
		sysExit(k, th, args{})
		if k.thread(th.TID) != nil {
			t.Errorf("list at %#x: the thread is still there", head)
		}
	}
}
