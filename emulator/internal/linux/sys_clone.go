package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Flags of clone (include/uapi/linux/sched.h).
const (
	CLONE_VM             = 0x00000100
	CLONE_FS             = 0x00000200
	CLONE_FILES          = 0x00000400
	CLONE_SIGHAND        = 0x00000800
	CLONE_PIDFD          = 0x00001000
	CLONE_VFORK          = 0x00004000
	CLONE_THREAD         = 0x00010000
	CLONE_NEWNS          = 0x00020000
	CLONE_SYSVSEM        = 0x00040000
	CLONE_SETTLS         = 0x00080000
	CLONE_PARENT_SETTID  = 0x00100000
	CLONE_CHILD_CLEARTID = 0x00200000
	CLONE_DETACHED       = 0x00400000
	CLONE_CHILD_SETTID   = 0x01000000

	// cloneThread are the flags that make a thread of this process; without one of them it would be another process, or
	// one of its threads with memory, files or handlers of its own.
	cloneThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
	// cloneKnown are all flags that a thread can be made with.
	cloneKnown = cloneThread | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID
)

func init() {
	flags := Flags(bit(CLONE_VM, "CLONE_VM"), bit(CLONE_FS, "CLONE_FS"), bit(CLONE_FILES, "CLONE_FILES"),
		bit(CLONE_SIGHAND, "CLONE_SIGHAND"), bit(CLONE_PIDFD, "CLONE_PIDFD"), bit(CLONE_VFORK, "CLONE_VFORK"), bit(CLONE_THREAD, "CLONE_THREAD"),
		bit(CLONE_SYSVSEM, "CLONE_SYSVSEM"), bit(CLONE_SETTLS, "CLONE_SETTLS"), bit(CLONE_PARENT_SETTID, "CLONE_PARENT_SETTID"),
		bit(CLONE_CHILD_CLEARTID, "CLONE_CHILD_CLEARTID"), bit(CLONE_CHILD_SETTID, "CLONE_CHILD_SETTID"))
	const one = "The machine holds one process; only threads can be made."
	register(
		partial(56, "clone", sysClone, one, flags, Ptr, Ptr, Ptr, Hex),
		Syscall{Nr: 57, Name: "fork", Level: Refused, Note: one, run: sysFork},
		Syscall{Nr: 58, Name: "vfork", Level: Refused, Note: one, run: sysFork},
		Syscall{Nr: 59, Name: "execve", Level: Refused, Note: one, run: sysFork, formats: []Arg{Path, Ptr, Ptr}},
		Syscall{Nr: 322, Name: "execveat", Level: Refused, Note: one, run: sysFork, formats: []Arg{FD, Path, Ptr, Ptr, Hex}},
		supported(60, "exit", sysExit, Int),
		supported(231, "exit_group", sysExitGroup, Int),
		supported(218, "set_tid_address", sysSetTIDAddress, Ptr),
		supported(273, "set_robust_list", sysSetRobustList, Ptr, Size),
		supported(274, "get_robust_list", sysGetRobustList, Int, Ptr, Ptr),
		refused(334, "rseq", errno.ENOSYS, "No thread is ever moved between processors within a sequence; libraries do without rseq.", Ptr, Size, Hex, Hex),
		partial(435, "clone3", sysClone3, one, Ptr, Size),
	)
}

// sysFork refuses what would make another process or program.
func sysFork(k *Kernel, t *Thread, a args) (uint64, error) {
	k.reportOnce("fork", "the program tries to start another process: ENOSYS, as the machine holds one")
	return 0, errno.ENOSYS
}

// A cloneArgs is what clone and clone3 ask for.
type cloneArgs struct {
	flags, sp, tls      uint64
	parentTID, childTID uint64
}

func sysClone(k *Kernel, t *Thread, a args) (uint64, error) {
	const signalMask = 0xff // the low byte is the signal that tells of the child's end; a thread has none
	return k.clone(t, cloneArgs{flags: a[0] &^ signalMask, sp: a[1], parentTID: a[2], childTID: a[3], tls: a[4]})
}

// Sizes of struct clone_args that Linux accepts.
const (
	cloneArgsMin = 64
	cloneArgsMax = 4096
)

func sysClone3(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] > cloneArgsMax {
		return 0, errno.E2BIG
	}
	if a[1] < cloneArgsMin {
		return 0, errno.EINVAL
	}
	var b [cloneArgsMin]byte
	if err := k.copyIn(b[:], a[0]); err != nil {
		return 0, err
	}
	word := func(i int) uint64 { return le64(b[8*i:]) }
	const flags, childTID, parentTID, stack, stackSize, tls = 0, 2, 3, 5, 6, 7
	c := cloneArgs{flags: word(flags), childTID: word(childTID), parentTID: word(parentTID), tls: word(tls)}
	if (word(stack) == 0) != (word(stackSize) == 0) {
		return 0, errno.EINVAL
	}
	if word(stack) != 0 {
		c.sp = word(stack) + word(stackSize)
	}
	return k.clone(t, c)
}

// clone makes a thread that goes on behind the caller's SYSCALL with 0 in RAX.
func (k *Kernel) clone(t *Thread, c cloneArgs) (uint64, error) {
	switch {
	case c.flags&CLONE_SIGHAND != 0 && c.flags&CLONE_VM == 0, c.flags&CLONE_THREAD != 0 && c.flags&CLONE_SIGHAND == 0:
		return 0, errno.EINVAL
	case c.flags&cloneThread != cloneThread:
		return sysFork(k, t, args{})
	case c.flags&^cloneKnown != 0:
		return 0, errno.EINVAL
	case len(k.threads) >= maxThreads:
		return 0, errno.EAGAIN
	case !k.has(account.Thread):
		return 0, errno.ENOMEM
	}
	tid := uint32(k.lastTID + 1)
	if c.flags&CLONE_PARENT_SETTID != 0 {
		if err := k.store32(c.parentTID, tid); err != nil {
			return 0, err
		}
	}
	n := k.newThread()
	n.Ctx = k.CPU.Context
	n.Ctx.R[x86.RAX] = 0
	if c.sp != 0 {
		n.Ctx.R[x86.RSP] = c.sp
	}
	if c.flags&CLONE_SETTLS != 0 {
		n.Ctx.R[x86.FSBase] = c.tls
	}
	if c.flags&CLONE_CHILD_SETTID != 0 {
		k.store32(c.childTID, tid) // as in Linux, where the child does it, nobody learns of a failure
	}
	if c.flags&CLONE_CHILD_CLEARTID != 0 {
		n.clearTID = c.childTID
	}
	n.name, n.mask, n.affinity, n.keepCaps = t.name, t.mask, t.affinity, t.keepCaps
	return uint64(tid), nil
}

func sysSetTIDAddress(k *Kernel, t *Thread, a args) (uint64, error) {
	t.clearTID = a[0]
	return uint64(t.TID), nil
}

// exitCode is the part of an exit status that a parent gets to see.
func exitCode(a args) int { return int(a[0] & 0xff) }

func sysExit(k *Kernel, t *Thread, a args) (uint64, error) {
	k.releaseRobust(t)
	if t.clearTID != 0 && len(k.threads) > 1 {
		if k.store32(t.clearTID, 0) == nil {
			k.futexWake(t.clearTID, 1, futexAnyBit)
		}
	}
	if t.TID == PID {
		k.proc.exitCode = exitCode(a)
	}
	if len(k.threads) == 1 {
		// The process ends with what its first thread said, whenever that was.
		return k.exitCall(t, ExitStatus{Code: k.proc.exitCode})
	}
	k.remove(t)
	return 0, errNoReturn
}

func sysExitGroup(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.exitCall(t, ExitStatus{Code: exitCode(a)})
}
