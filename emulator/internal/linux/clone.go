package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// exitThread ends t: it clears its TID word and wakes who waits for that (CLONE_CHILD_CLEARTID). The last thread's exit is
// the process's, with the code given.
func (k *Kernel) exitThread(t *Thread, code int) {
	if t.clearTID != 0 && len(k.threads) > 1 {
		if k.store32(t.clearTID, 0) == nil {
			k.wakeFutex(t.clearTID, 1, ^uint32(0))
		}
	}
	k.remove(t)
	if len(k.threads) == 0 {
		k.exit(ExitStatus{Code: code})
	}
}

// The flags of clone (include/uapi/linux/sched.h).
const (
	CLONE_VM             = 0x100
	CLONE_FS             = 0x200
	CLONE_FILES          = 0x400
	CLONE_SIGHAND        = 0x800
	CLONE_THREAD         = 0x10000
	CLONE_SYSVSEM        = 0x40000
	CLONE_SETTLS         = 0x80000
	CLONE_PARENT_SETTID  = 0x100000
	CLONE_CHILD_CLEARTID = 0x200000
	CLONE_DETACHED       = 0x400000
	CLONE_CHILD_SETTID   = 0x1000000

	cloneThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
)

func sysClone(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.clone(t, a[0], a[1], a[2], a[3], a[4])
}

// clone makes a thread that goes on where t is, on the stack given.
func (k *Kernel) clone(t *Thread, flags, stack, parentTID, childTID, tls uint64) (uint64, error) {
	const known = cloneThread | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED |
		CLONE_CHILD_SETTID | 0xff
	if flags&cloneThread != cloneThread {
		if flags&CLONE_THREAD != 0 {
			return 0, errno.EINVAL
		}
		return 0, errno.ENOSYS // a second process
	}
	if flags&^known != 0 {
		return 0, errno.EINVAL
	}
	tid := uint32(k.lastTID + 1)
	if flags&CLONE_PARENT_SETTID != 0 {
		if err := k.store32(parentTID, tid); err != nil {
			return 0, err
		}
	}
	if flags&CLONE_CHILD_SETTID != 0 {
		if err := k.store32(childTID, tid); err != nil {
			return 0, err
		}
	}
	if len(k.threads) >= maxThreads {
		return 0, errno.EAGAIN
	}
	n := k.newThread()
	n.Ctx = k.CPU.Context
	n.Ctx.R[x86.RAX] = 0
	if stack != 0 {
		n.Ctx.R[x86.RSP] = stack
	}
	if flags&CLONE_SETTLS != 0 {
		n.Ctx.R[x86.FSBase] = tls
	}
	if flags&CLONE_CHILD_CLEARTID != 0 {
		n.clearTID = childTID
	}
	n.name = t.name
	return uint64(n.TID), nil
}

// sysClone3 reads struct clone_args (include/uapi/linux/sched.h).
func sysClone3(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] < 64 {
		return 0, errno.EINVAL
	}
	var w [8]uint64 // flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls
	for i := range w {
		v, err := k.load64(a[0] + 8*uint64(i))
		if err != nil {
			return 0, err
		}
		w[i] = v
	}
	stack := w[5]
	if stack != 0 {
		stack += w[6]
	}
	return k.clone(t, w[0], stack, w[3], w[2], w[7])
}

func sysExit(k *Kernel, t *Thread, a args) (uint64, error) {
	k.exitThread(t, int(a[0]&0xff))
	return 0, errNoReturn
}

func sysExitGroup(k *Kernel, t *Thread, a args) (uint64, error) {
	k.exit(ExitStatus{Code: int(a[0] & 0xff)})
	return 0, errNoReturn
}

func init() {
	register(
		partial(56, "clone", sysClone, "makes threads only: without CLONE_VM, FS, FILES, SIGHAND and THREAD it is ENOSYS, because there is one process.",
			CloneFlags, Ptr, Ptr, Ptr, Ptr),
		partial(435, "clone3", sysClone3, "makes threads only, as clone does.", Ptr, Size),
		supported(60, "exit", sysExit, Int),
		supported(231, "exit_group", sysExitGroup, Int),
	)
}

// CloneFlags formats the flags of clone.
var CloneFlags = Flags(bit(CLONE_VM, "CLONE_VM"), bit(CLONE_FS, "CLONE_FS"), bit(CLONE_FILES, "CLONE_FILES"),
	bit(CLONE_SIGHAND, "CLONE_SIGHAND"), bit(CLONE_THREAD, "CLONE_THREAD"), bit(CLONE_SYSVSEM, "CLONE_SYSVSEM"),
	bit(CLONE_SETTLS, "CLONE_SETTLS"), bit(CLONE_PARENT_SETTID, "CLONE_PARENT_SETTID"),
	bit(CLONE_CHILD_CLEARTID, "CLONE_CHILD_CLEARTID"), bit(CLONE_CHILD_SETTID, "CLONE_CHILD_SETTID"))
