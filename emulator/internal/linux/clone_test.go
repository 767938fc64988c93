package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

func TestClone(t *testing.T) {
	const parentTID, childTID = dataAt + 8, dataAt + 16
	k := newGuest(t, forever)
	th := k.current
	th.mask, th.alt, th.name = sigbit(10), altStack{sp: dataAt, size: 4096}, "worker"
	k.CPU.R[x86.R12] = 77
	tid, err := sysClone(k, th, args{cloneThread | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
		stackTop - 64, parentTID, childTID, dataAt + 0x100})
	if err != nil || tid != PID+1 {
		t.Fatalf("clone: %d, %v", tid, err)
	}
	n := k.thread(PID + 1)
	c := n.Ctx
	if c.R[x86.RAX] != 0 || c.R[x86.RSP] != stackTop-64 || c.R[x86.FSBase] != dataAt+0x100 || c.R[x86.R12] != 77 || c.RIP != codeAt {
		t.Errorf("registers %+v", c)
	}
	if n.mask != th.mask || n.alt != (altStack{}) || n.name != "worker" || n.clearTID != childTID {
		t.Errorf("thread %+v", n)
	}
	if a, b := peek(t, k, parentTID), peek(t, k, childTID); a != PID+1 || b != PID+1 {
		t.Errorf("TIDs stored: %d and %d", a, b)
	}
	// Its exit clears the word and wakes who waits there.
	if _, err := k.futexWait(th, childTID, PID+1, futexAnyBit, 0, false, false); err != errBlocked {
		t.Fatal(err)
	}
	k.switchTo(n)
	sysExit(k, n, args{3})
	if peek(t, k, childTID) != 0 || th.blocked || th.wake != wokenByKey || len(k.threads) != 1 {
		t.Errorf("after exit: word %d, waiter %+v", peek(t, k, childTID), th.waiting)
	}
}

func TestCloneRefuses(t *testing.T) {
	for _, s := range []step{
		{"fork", sysClone, args{17}, 0, errno.ENOSYS},
		{"vfork", sysClone, args{CLONE_VM | CLONE_VFORK | 17}, 0, errno.ENOSYS},
		{"thread without handlers", sysClone, args{CLONE_VM | CLONE_THREAD}, 0, errno.EINVAL},
		{"handlers without memory", sysClone, args{CLONE_SIGHAND}, 0, errno.EINVAL},
		{"thread in a namespace", sysClone, args{cloneThread | CLONE_NEWNS}, 0, errno.EINVAL},
		{"TID to nowhere", sysClone, args{cloneThread | CLONE_PARENT_SETTID, 0, 8}, 0, errno.EFAULT},
		{"clone3 too small", sysClone3, args{dataAt, 56}, 0, errno.EINVAL},
		{"clone3 too big", sysClone3, args{dataAt, 8192}, 0, errno.E2BIG},
	} {
		k := newGuest(t, forever)
		s.do(t, k)
		if len(k.threads) != 1 {
			t.Errorf("%s: there are %d threads", s.name, len(k.threads))
		}
	}
}

// exit ends a thread, exit_group the process; the process's code is the first thread's.
func TestExit(t *testing.T) {
	k := newGuest(t, call(56, cloneThread, stackTop-0x3000, 0, 0, 0), []byte{0x85, 0xc0, 0x74, byte(len(call(60, 5)))}, call(60, 5), call(60, 6))
	if s := finish(t, k); s.Code != 5 || s.Signal != 0 {
		t.Errorf("status %+v, want 5", s)
	}
	if s := finish(t, newGuest(t, call(231, 0x1ff))); s.Code != 0xff {
		t.Errorf("exit_group(0x1ff): %+v", s)
	}
}
