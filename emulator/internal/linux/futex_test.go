package linux

import (
	"slices"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// waiters returns a kernel with n threads more, which wait at dataAt in the order of their TIDs, each with its bitset.
func waiters(t *testing.T, bitsets ...uint32) *Kernel {
	t.Helper()
	k := newGuest(t, forever)
	for _, b := range bitsets {
		w := k.newThread()
		if _, err := k.futexWait(w, dataAt, 0, b, 0, false, false); err != errBlocked {
			t.Fatalf("waiting: %v", err)
		}
	}
	return k
}

// waitingAt returns the TIDs of those who wait at addr, longest first, counted from the first thread.
func waitingAt(k *Kernel, addr uint64) (tids []int) {
	for _, w := range k.futexQueue(addr, futexAnyBit) {
		tids = append(tids, w.TID-PID)
	}
	return tids
}

func TestFutexWakes(t *testing.T) {
	const other = dataAt + 8
	const add, eq = 1 << 28, 0 << 24
	for _, c := range []struct {
		step
		left, moved []int
	}{
		{step{"one", sysFutex, args{dataAt, FUTEX_WAKE, 1}, 1, nil}, []int{2, 3}, nil},
		{step{"none is one", sysFutex, args{dataAt, FUTEX_WAKE, 0}, 1, nil}, []int{2, 3}, nil},
		{step{"all", sysFutex, args{dataAt, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1<<31 - 1}, 3, nil}, nil, nil},
		{step{"elsewhere", sysFutex, args{other, FUTEX_WAKE, 9}, 0, nil}, []int{1, 2, 3}, nil},
		{step{"by bits", sysFutex, args{dataAt, FUTEX_WAKE_BITSET, 9, 0, 0, 2}, 2, nil}, []int{1}, nil},
		{step{"by no bits", sysFutex, args{dataAt, FUTEX_WAKE_BITSET, 9, 0, 0, 0}, 0, errno.EINVAL}, []int{1, 2, 3}, nil},
		{step{"requeue", sysFutex, args{dataAt, FUTEX_REQUEUE, 1, 1, other}, 2, nil}, []int{3}, []int{2}},
		{step{"requeue if", sysFutex, args{dataAt, FUTEX_CMP_REQUEUE, 0, 9, other, 0}, 3, nil}, nil, []int{1, 2, 3}},
		{step{"requeue if not", sysFutex, args{dataAt, FUTEX_CMP_REQUEUE, 0, 9, other, 1}, 0, errno.EAGAIN}, []int{1, 2, 3}, nil},
		{step{"change and wake", sysFutex, args{other, FUTEX_WAKE_OP, 1, 2, dataAt, add | 5<<12 | eq | 0}, 2, nil}, []int{3}, nil},
		{step{"change and do not wake", sysFutex, args{other, FUTEX_WAKE_OP, 1, 2, dataAt, add | 5<<12 | eq | 1}, 0, nil}, []int{1, 2, 3}, nil},
		{step{"not aligned", sysFutex, args{dataAt + 1, FUTEX_WAKE, 1}, 0, errno.EINVAL}, []int{1, 2, 3}, nil},
		{step{"requeueing to an inheriting one", sysFutex, args{dataAt, 12, 1}, 0, errno.ENOSYS}, []int{1, 2, 3}, nil},
	} {
		k := waiters(t, 1, 2, 6)
		c.do(t, k)
		if left, moved := waitingAt(k, dataAt), waitingAt(k, other); !slices.Equal(left, c.left) || !slices.Equal(moved, c.moved) {
			t.Errorf("%s: %v wait and %v were moved, want %v and %v", c.name, left, moved, c.left, c.moved)
		}
	}
}

func TestFutexWaits(t *testing.T) {
	const past, future, bad = dataAt + 16, dataAt + 32, dataAt + 48
	for _, c := range []step{
		{"another value", sysFutex, args{dataAt, FUTEX_WAIT, 1}, 0, errno.EAGAIN},
		{"not mapped", sysFutex, args{8, FUTEX_WAIT, 0}, 0, errno.EFAULT},
		{"no bits", sysFutex, args{dataAt, FUTEX_WAIT_BITSET, 0, 0, 0, 0}, 0, errno.EINVAL},
		{"bad time-out", sysFutex, args{dataAt, FUTEX_WAIT, 0, bad}, 0, errno.EINVAL},
		{"time-out of nothing", sysFutex, args{dataAt, FUTEX_WAIT, 0, past}, 0, errno.ETIMEDOUT},
		{"a moment of the monotonic clock", sysFutex, args{dataAt, FUTEX_WAIT_BITSET, 0, future, 0, 1}, 0, errBlocked},
		{"the same moment of the wall clock", sysFutex, args{dataAt, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, future, 0, 1}, 0, errno.ETIMEDOUT},
	} {
		k := newGuest(t, forever)
		k.Tick = 100
		poke(t, k, future, 5, 0)
		poke(t, k, bad, 0, nsPerSecond)
		c.do(t, k)
		if c.err == errBlocked && k.current.deadline != 5*nsPerSecond {
			t.Errorf("%s: deadline %d", c.name, k.current.deadline)
		}
	}
}

func TestFutexTimesOut(t *testing.T) {
	k := newGuest(t, call(202, dataAt, FUTEX_WAIT, 0, dataAt+16), call(231, 5))
	poke(t, k, dataAt+16, 0, 1000)
	until(t, k, codeAt+uint64(len(call(202, 0, 0, 0, 0))))
	if got := k.CPU.R[0]; got != negative(errno.ETIMEDOUT) || k.Now() != 6+1000 {
		t.Errorf("result %#x at %d ns", got, k.Now())
	}
}
