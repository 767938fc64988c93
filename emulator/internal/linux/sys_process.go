package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

func init() {
	const alone = "The process has neither parent nor children nor other processes around it."
	const ids = "The process can take on its own ID only."
	const prio = "Threads take turns of random length whatever their priority."
	is := func(v uint64) handler { return func(*Kernel, *Thread, args) (uint64, error) { return v, nil } }
	register(
		supported(24, "sched_yield", sysSchedYield),
		supported(39, "getpid", is(PID)),
		refused(61, "wait4", errno.ECHILD, alone, Int, Ptr, Hex, Ptr),
		supported(63, "uname", sysUname, Ptr),
		supported(95, "umask", sysUmask, Oct),
		supported(97, "getrlimit", sysGetrlimit, resourceName, Ptr),
		partial(98, "getrusage", sysGetrusage, "It tells of CPU time and memory; all else is 0.", Int, Ptr),
		partial(99, "sysinfo", sysSysinfo, "There is no load and no swap.", Ptr),
		partial(100, "times", sysTimes, "All CPU time counts as the user's.", Ptr),
		refused(101, "ptrace", errno.EPERM, alone, Long, Int, Ptr, Ptr),
		supported(102, "getuid", is(UID)),
		supported(104, "getgid", is(GID)),
		partial(105, "setuid", sysSetID(UID), ids, Int),
		partial(106, "setgid", sysSetID(GID), ids, Int),
		supported(107, "geteuid", is(UID)),
		supported(108, "getegid", is(GID)),
		partial(109, "setpgid", sysSetpgid, alone, Int, Int),
		partial(110, "getppid", is(1), alone),
		supported(111, "getpgrp", is(PID)),
		refused(112, "setsid", errno.EPERM, "The process leads its session already."),
		partial(113, "setreuid", sysSetIDs(UID, 2), ids, Int, Int),
		partial(114, "setregid", sysSetIDs(GID, 2), ids, Int, Int),
		partial(115, "getgroups", is(0), "There are no supplementary groups.", Int, Ptr),
		refused(116, "setgroups", errno.EPERM, ids, Int, Ptr),
		partial(117, "setresuid", sysSetIDs(UID, 3), ids, Int, Int, Int),
		partial(118, "getresuid", sysGetIDs(UID), ids, Ptr, Ptr, Ptr),
		partial(119, "setresgid", sysSetIDs(GID, 3), ids, Int, Int, Int),
		partial(120, "getresgid", sysGetIDs(GID), ids, Ptr, Ptr, Ptr),
		partial(121, "getpgid", sysOwnID, alone, Int),
		partial(124, "getsid", sysOwnID, alone, Int),
		partial(125, "capget", sysCapget, "The process has no capabilities.", Ptr, Ptr),
		refused(126, "capset", errno.EPERM, "The process has no capabilities.", Ptr, Ptr),
		partial(135, "personality", sysPersonality, "It is kept; of what it can ask for only STICKY_TIMEOUTS has an effect.", Hex),
		partial(140, "getpriority", is(20), prio, Int, Int), // 20 - nice
		partial(141, "setpriority", is(0), prio, Int, Int, Int),
		partial(142, "sched_setparam", is(0), prio, Int, Ptr),
		partial(143, "sched_getparam", sysSchedGetparam, prio, Int, Ptr),
		partial(144, "sched_setscheduler", is(0), prio, Int, Int, Ptr),
		partial(145, "sched_getscheduler", is(0), prio, Int),
		partial(146, "sched_get_priority_max", is(0), prio, Int),
		partial(147, "sched_get_priority_min", is(0), prio, Int),
		partial(157, "prctl", sysPrctl, "It knows names, death signals, dumpability, no_new_privs and huge pages; a kernel without anonymous VMA names refuses PR_SET_VMA alike.", prctlName, Hex, Hex, Hex, Hex),
		supported(158, "arch_prctl", sysArchPrctl, archPrctlName, Hex),
		partial(160, "setrlimit", sysSetrlimit, "Only RLIMIT_NOFILE and RLIMIT_SIGPENDING have an effect.", resourceName, Ptr),
		supported(186, "gettid", sysGettid),
		partial(203, "sched_setaffinity", sysSetaffinity, "The mask is kept, but a thread runs on no processor in particular.", Int, Size, Ptr),
		supported(204, "sched_getaffinity", sysGetaffinity, Int, Size, Ptr),
		refused(247, "waitid", errno.ECHILD, alone, Int, Int, Ptr, Hex, Ptr),
		refused(298, "perf_event_open", errno.EACCES, "There are no hardware counters.", Ptr, Int, Int, FD, Hex),
		partial(302, "prlimit64", sysPrlimit, "Only RLIMIT_NOFILE and RLIMIT_SIGPENDING have an effect.", Int, resourceName, Ptr, Ptr),
		partial(309, "getcpu", sysGetcpu, "The processor is chosen by the thread's ID.", Ptr, Ptr),
		refused(317, "seccomp", errno.EINVAL, "No filter can be installed.", Int, Hex, Ptr),
		supported(318, "getrandom", sysGetrandom, OutBuf, Size, Hex),
		refused(321, "bpf", errno.EPERM, "There is no BPF.", Int, Ptr, Size),
		partial(324, "membarrier", sysMembarrier, "One thread runs at a time and sees memory in order, so that every barrier holds already.", Int, Hex, Int),
		refused(424, "pidfd_send_signal", errno.ENOSYS, alone, FD, Signal, Ptr, Hex),
		refused(425, "io_uring_setup", errno.ENOSYS, "Rings are not implemented; libraries fall back on plain calls.", Int, Ptr),
		refused(434, "pidfd_open", errno.ENOSYS, alone, Int, Hex),
	)
}

// maxCPUs is the most processors that a guest may see.
const maxCPUs = 1024

func sysUmask(k *Kernel, t *Thread, a args) (uint64, error) {
	old := k.proc.umask
	k.proc.umask = uint32(a[0]) & 0o777
	return uint64(old), nil
}

func sysGettid(k *Kernel, t *Thread, a args) (uint64, error) { return uint64(t.TID), nil }

func sysUname(k *Kernel, t *Thread, a args) (uint64, error) {
	const field = 65 // __NEW_UTS_LEN + 1
	var b [6 * field]byte
	for i, s := range []string{"Linux", hostname, kernelRelease, "#1 SMP rt0", "x86_64", "(none)"} {
		copy(b[i*field:], s)
	}
	return 0, k.copyOut(a[0], b[:])
}

func sysSetID(own uint32) handler { return sysSetIDs(own, 1) }

// sysSetIDs is for calls that set n IDs, each of which may be -1 for no change.
func sysSetIDs(own uint32, n int) handler {
	return func(k *Kernel, t *Thread, a args) (uint64, error) {
		for _, v := range a[:n] {
			if uint32(v) != own && (uint32(v) != ^uint32(0) || n == 1) {
				return 0, errno.EPERM
			}
		}
		return 0, nil
	}
}

func sysGetIDs(own uint32) handler {
	return func(k *Kernel, t *Thread, a args) (uint64, error) {
		for _, p := range a[:3] {
			if err := k.store32(p, own); err != nil {
				return 0, err
			}
		}
		return 0, nil
	}
}

func sysSetpgid(k *Kernel, t *Thread, a args) (uint64, error) {
	pid, group := a.int32(0), a.int32(1)
	switch {
	case group < 0:
		return 0, errno.EINVAL
	case pid != 0 && pid != PID:
		return 0, errno.ESRCH
	}
	return 0, errno.EPERM // a session leader stays in its group
}

func sysOwnID(k *Kernel, t *Thread, a args) (uint64, error) {
	if id := a.int32(0); id != 0 && id != PID {
		return 0, errno.ESRCH
	}
	return PID, nil
}

func sysCapget(k *Kernel, t *Thread, a args) (uint64, error) {
	const version3 = 0x20080522
	v, err := k.load32(a[0])
	if err != nil {
		return 0, err
	}
	if v != version3 {
		if err := k.store32(a[0], version3); err != nil || a[1] == 0 {
			return 0, err
		}
		return 0, errno.EINVAL
	}
	if a[1] == 0 {
		return 0, nil
	}
	return 0, k.storeWords(a[1], 0, 0, 0)
}

func flag(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// randomChunk is how many bytes getrandom makes at a time.
const randomChunk = 4096

func sysGetrandom(k *Kernel, t *Thread, a args) (uint64, error) {
	const flags = 1 | 2 | 4 // GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE
	if a[2]&^flags != 0 || a[2]&6 == 6 {
		return 0, errno.EINVAL
	}
	want := min(a[1], 1<<31-4096)
	done := t.progress
	for n := 0; done < want; n++ {
		if n == sliceBytes/randomChunk && t.slice(done) {
			return 0, errSliced
		}
		b := make([]byte, min(want-done, randomChunk))
		k.entropy.fill(b)
		if err := k.copyOut(a[0]+done, b); err != nil {
			if done == 0 {
				return 0, err
			}
			break
		}
		done += uint64(len(b))
	}
	return done, nil
}

func sysSysinfo(k *Kernel, t *Thread, a args) (uint64, error) {
	total := k.Mem.Limit()
	var b [112]byte
	put := binary.LittleEndian.PutUint64
	put(b[0:], uint64(k.Now()/nsPerSecond))
	put(b[32:], total)
	put(b[40:], k.account.Room())
	binary.LittleEndian.PutUint16(b[80:], uint16(len(k.threads)))
	binary.LittleEndian.PutUint32(b[104:], 1) // mem_unit
	return 0, k.copyOut(a[0], b[:])
}

func sysGetrusage(k *Kernel, t *Thread, a args) (uint64, error) {
	const self, children, thread = 0, -1, 1
	var ns uint64
	switch a.int32(0) {
	case self:
		ns = k.Tick
	case thread:
		ns = t.ticks
	case children:
	default:
		return 0, errno.EINVAL
	}
	var w [18]uint64
	w[0], w[1] = ns/nsPerSecond, ns%nsPerSecond/1000
	w[4] = uint64(k.Mem.Pages()) * 4 // ru_maxrss, KiB
	return 0, k.storeWords(a[1], w[:]...)
}

func sysTimes(k *Kernel, t *Thread, a args) (uint64, error) {
	const perTick = nsPerSecond / 100 // USER_HZ
	if a[0] != 0 {
		if err := k.storeWords(a[0], k.Tick/perTick, 0, 0, 0); err != nil {
			return 0, err
		}
	}
	return uint64(k.Now() / perTick), nil
}

// stickyTimeouts is STICKY_TIMEOUTS (include/uapi/linux/personality.h): select and its like leave the timeout as it is.
const stickyTimeouts = 0x4000000

// sysPersonality sets the personality and returns the one before; 0xffffffff sets none.
func sysPersonality(k *Kernel, _ *Thread, a args) (uint64, error) {
	old := k.proc.personality
	if p := uint32(a[0]); p != 1<<32-1 {
		k.proc.personality = p
	}
	return uint64(old), nil
}
