package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// A rlimit is a resource's soft and hard limit.
type rlimit struct{ soft, hard uint64 }

const (
	numLimits  = 16
	unlimited  = ^uint64(0)
	rlimStack  = 3
	rlimNofile = 7
)

// defaultLimits are those of an ordinary login shell.
var defaultLimits = func() (l [numLimits]rlimit) {
	for i := range l {
		l[i] = rlimit{unlimited, unlimited}
	}
	l[rlimStack] = rlimit{8 << 20, unlimited}
	l[4] = rlimit{0, unlimited}           // CORE
	l[6] = rlimit{95000, 95000}           // NPROC
	l[rlimNofile] = rlimit{1024, 1 << 20} // NOFILE
	l[8] = rlimit{8 << 20, 8 << 20}       // MEMLOCK
	l[11] = rlimit{95000, 95000}          // SIGPENDING
	l[12] = rlimit{819200, 819200}        // MSGQUEUE
	l[13], l[14] = rlimit{0, 0}, rlimit{0, 0}
	return l
}()

func number(n uint64) handler { return func(*Kernel, *Thread, args) (uint64, error) { return n, nil } }

func sysGettid(k *Kernel, t *Thread, a args) (uint64, error) { return uint64(t.TID), nil }

func sysSetTIDAddress(k *Kernel, t *Thread, a args) (uint64, error) {
	t.clearTID = a[0]
	return uint64(t.TID), nil
}

// Codes of arch_prctl (arch/x86/include/uapi/asm/prctl.h).
const (
	ARCH_SET_GS = 0x1001
	ARCH_SET_FS = 0x1002
	ARCH_GET_FS = 0x1003
	ARCH_GET_GS = 0x1004
)

func sysArchPrctl(k *Kernel, t *Thread, a args) (uint64, error) {
	c := &k.CPU.Context
	switch a[0] {
	case ARCH_SET_FS, ARCH_SET_GS:
		if a[1] >= memory.MaxAddr+memory.PageSize {
			return 0, errno.EPERM
		}
		if a[0] == ARCH_SET_FS {
			c.R[x86.FSBase] = a[1]
		} else {
			c.R[x86.GSBase] = a[1]
		}
		return 0, nil
	case ARCH_GET_FS:
		return 0, k.store64(a[1], c.R[x86.FSBase])
	case ARCH_GET_GS:
		return 0, k.store64(a[1], c.R[x86.GSBase])
	}
	return 0, errno.EINVAL
}

func sysPrctl(k *Kernel, t *Thread, a args) (uint64, error) {
	switch a[0] {
	case 15: // PR_SET_NAME
		s, err := k.loadString(a[1], 4096)
		if err != nil && err != errno.ENAMETOOLONG {
			return 0, err
		}
		t.name = s[:min(len(s), 15)]
		return 0, nil
	case 16: // PR_GET_NAME
		return 0, k.copyOut(a[1], append([]byte(t.name), make([]byte, 16-len(t.name))...))
	case 3: // PR_GET_DUMPABLE
		return 1, nil
	case 4, 38: // PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS
		return 0, nil
	case 39: // PR_GET_NO_NEW_PRIVS
		return 0, nil
	}
	return 0, errno.EINVAL
}

// sysGetaffinity tells one bit a CPU, in whole words, as many as the kernel's own mask has.
func sysGetaffinity(k *Kernel, t *Thread, a args) (uint64, error) {
	if pid := int(int32(a[0])); pid != 0 && k.thread(pid) == nil {
		return 0, errno.ESRCH
	}
	size := uint64(k.cpus+63) / 64 * 8
	if a[1] < size || a[1]&7 != 0 {
		return 0, errno.EINVAL
	}
	b := make([]byte, size)
	for i := range k.cpus {
		b[i/8] |= 1 << (i % 8)
	}
	return size, k.copyOut(a[2], b)
}

func sysSchedYield(k *Kernel, t *Thread, a args) (uint64, error) {
	k.yield()
	return 0, nil
}

func sysGetcpu(k *Kernel, t *Thread, a args) (uint64, error) {
	cpu := uint32((t.TID - PID) % k.cpus)
	if a[0] != 0 {
		if err := k.store32(a[0], cpu); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		return 0, k.store32(a[1], 0)
	}
	return 0, nil
}

func sysPrlimit(k *Kernel, t *Thread, a args) (uint64, error) {
	if pid := int(int32(a[0])); pid != 0 && k.thread(pid) == nil {
		return 0, errno.ESRCH
	}
	if a[1] >= numLimits {
		return 0, errno.EINVAL
	}
	l := &k.proc.limits[a[1]]
	old := *l
	if a[2] != 0 {
		soft, err := k.load64(a[2])
		if err != nil {
			return 0, err
		}
		hard, err := k.load64(a[2] + 8)
		if err != nil {
			return 0, err
		}
		switch {
		case soft > hard:
			return 0, errno.EINVAL
		case hard > old.hard:
			return 0, errno.EPERM
		}
		*l = rlimit{soft, hard}
	}
	if a[3] != 0 {
		return 0, k.storeWords(a[3], old.soft, old.hard)
	}
	return 0, nil
}

func sysGetrlimit(k *Kernel, t *Thread, a args) (uint64, error) {
	return sysPrlimit(k, t, args{0, a[0], 0, a[1]})
}

func sysSetrlimit(k *Kernel, t *Thread, a args) (uint64, error) {
	return sysPrlimit(k, t, args{0, a[0], a[1], 0})
}

// sysGetrusage tells the CPU time, all of it as user time, and the peak memory as what is in use.
func sysGetrusage(k *Kernel, t *Thread, a args) (uint64, error) {
	ns := k.Tick
	switch int32(a[0]) {
	case 0:
	case 1: // RUSAGE_THREAD
		ns = t.ticks
	case -1: // RUSAGE_CHILDREN
		ns = 0
	default:
		return 0, errno.EINVAL
	}
	w := make([]uint64, 18)
	w[0], w[1] = ns/1e9, ns%1e9/1e3
	w[4] = uint64(k.Mem.Pages()) * memory.PageSize / 1024
	return 0, k.storeWords(a[1], w...)
}

func sysTimes(k *Kernel, t *Thread, a args) (uint64, error) {
	const perTick = 1e9 / 100 // USER_HZ
	if a[0] != 0 {
		if err := k.storeWords(a[0], k.Tick/perTick, 0, 0, 0); err != nil {
			return 0, err
		}
	}
	return uint64(k.Now()) / perTick, nil
}

func sysUname(k *Kernel, t *Thread, a args) (uint64, error) {
	b := make([]byte, 6*65)
	for i, s := range []string{"Linux", "rt0", "6.1.0-rt0", "#1 SMP PREEMPT_DYNAMIC rt0", "x86_64", "(none)"} {
		copy(b[65*i:], s)
	}
	return 0, k.copyOut(a[0], b)
}

func sysSysinfo(k *Kernel, t *Thread, a args) (uint64, error) {
	total := k.Mem.Limit()
	free := total - min(total, uint64(k.Mem.Pages())*memory.PageSize)
	w := make([]uint64, 14) // 112 bytes
	w[0], w[4], w[5] = uint64(k.Now()/1e9), total, free
	w[10] = uint64(len(k.threads))
	w[13] = 1 // mem_unit
	return 0, k.storeWords(a[0], w...)
}

func sysGetrandom(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[2]&^7 != 0 {
		return 0, errno.EINVAL
	}
	n := min(a[1], 32<<20)
	done := uint64(0)
	var buf [4096]byte
	for done < n {
		b := buf[:min(n-done, uint64(len(buf)))]
		k.entropy.fill(b)
		if err := k.copyOut(a[0]+done, b); err != nil {
			return 0, err
		}
		done += uint64(len(b))
	}
	return n, nil
}

func sysGetresuid(k *Kernel, t *Thread, a args) (uint64, error) {
	for _, p := range a[:3] {
		if err := k.store32(p, UID); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

func sysUmask(k *Kernel, t *Thread, a args) (uint64, error) {
	old := k.proc.umask
	k.proc.umask = uint32(a[0]) & 0o777
	return uint64(old), nil
}

// sysSetID accepts the identity that the process has, and no other.
func sysSetID(k *Kernel, t *Thread, a args) (uint64, error) {
	for _, id := range a[:1] {
		if uint32(id) != UID && uint32(id) != ^uint32(0) {
			return 0, errno.EPERM
		}
	}
	return 0, nil
}

// sysGetgroups tells of one supplementary group, the process's own.
func sysGetgroups(k *Kernel, t *Thread, a args) (uint64, error) {
	if int32(a[0]) == 0 {
		return 1, nil
	}
	return 1, k.store32(a[1], UID)
}

func sysMembarrier(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[0] == 0 { // MEMBARRIER_CMD_QUERY: GLOBAL, PRIVATE_EXPEDITED and its registration
		return 1 | 8 | 16, nil
	}
	return 0, nil // threads take turns: every access is ordered
}

func init() {
	oneProcess := "there is one process: the guest cannot start another."
	register(
		supported(24, "sched_yield", sysSchedYield),
		supported(39, "getpid", number(PID)),
		refused(57, "fork", errno.ENOSYS, oneProcess),
		refused(58, "vfork", errno.ENOSYS, oneProcess),
		refused(59, "execve", errno.ENOSYS, oneProcess, Path, Ptr, Ptr),
		refused(322, "execveat", errno.ENOSYS, oneProcess, FD, Path, Ptr, Ptr, Hex),
		refused(61, "wait4", errno.ECHILD, "there are no children.", Int, Ptr, Hex, Ptr),
		refused(247, "waitid", errno.ECHILD, "there are no children.", Int, Int, Ptr, Hex, Ptr),
		supported(63, "uname", sysUname, Ptr),
		supported(95, "umask", sysUmask, Oct),
		supported(97, "getrlimit", sysGetrlimit, Int, Ptr),
		supported(98, "getrusage", sysGetrusage, Int, Ptr),
		supported(99, "sysinfo", sysSysinfo, Ptr),
		supported(100, "times", sysTimes, Ptr),
		refused(101, "ptrace", errno.EPERM, "the guest cannot debug itself.", Int, Int, Ptr, Ptr),
		supported(102, "getuid", number(UID)),
		supported(104, "getgid", number(UID)),
		supported(105, "setuid", sysSetID, Int),
		supported(106, "setgid", sysSetID, Int),
		supported(107, "geteuid", number(UID)),
		supported(108, "getegid", number(UID)),
		supported(109, "setpgid", nothing, Int, Int),
		supported(110, "getppid", number(1)),
		supported(111, "getpgrp", number(PID)),
		supported(112, "setsid", number(PID)),
		supported(115, "getgroups", sysGetgroups, Int, Ptr),
		supported(118, "getresuid", sysGetresuid, Ptr, Ptr, Ptr),
		supported(120, "getresgid", sysGetresuid, Ptr, Ptr, Ptr),
		supported(121, "getpgid", number(PID), Int),
		supported(124, "getsid", number(PID), Int),
		supported(140, "getpriority", number(20), Int, Int),
		supported(141, "setpriority", nothing, Int, Int, Int),
		supported(145, "sched_getscheduler", number(0), Int),
		supported(157, "prctl", sysPrctl, Int, Hex, Hex, Hex, Hex),
		supported(158, "arch_prctl", sysArchPrctl, Enum(map[uint64]string{ARCH_SET_GS: "ARCH_SET_GS", ARCH_SET_FS: "ARCH_SET_FS", ARCH_GET_FS: "ARCH_GET_FS", ARCH_GET_GS: "ARCH_GET_GS"}), Ptr),
		supported(160, "setrlimit", sysSetrlimit, Int, Ptr),
		supported(186, "gettid", sysGettid),
		partial(203, "sched_setaffinity", nothing, "is accepted and has no effect: threads take turns on one processor.", Int, Size, Ptr),
		supported(204, "sched_getaffinity", sysGetaffinity, Int, Size, Ptr),
		supported(218, "set_tid_address", sysSetTIDAddress, Ptr),
		supported(302, "prlimit64", sysPrlimit, Int, Int, Ptr, Ptr),
		supported(309, "getcpu", sysGetcpu, Ptr, Ptr, Ptr),
		supported(318, "getrandom", sysGetrandom, Ptr, Size, Hex),
		supported(324, "membarrier", sysMembarrier, Int, Hex, Int),
		refused(334, "rseq", errno.ENOSYS, "restartable sequences are not needed where threads take turns.", Ptr, Size, Hex, Hex),
	)
}
