package linux

import "github.com/rt0lab/rt0/emulator/internal/errno"

var limitNames = [numLimits]string{"RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS", "RLIMIT_NPROC",
	"RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE", "RLIMIT_NICE", "RLIMIT_RTPRIO",
	"RLIMIT_RTTIME"}

// resourceName renders a resource of setrlimit.
func resourceName(e *SyscallEvent, i int) string {
	if v := uint32(e.Args[i]); v < numLimits {
		return limitNames[v]
	}
	return Int(e, i)
}

// maxFiles is the most that RLIMIT_NOFILE can be set to (fs.nr_open).
const maxFiles = 1 << 20

// setLimit changes the limit of a resource by the rules for a process without privileges.
func (k *Kernel) setLimit(resource uint32, to rlimit) error {
	l := &k.proc.limits[resource]
	switch {
	case to.soft > to.hard:
		return errno.EINVAL
	case to.hard > l.hard || resource == rlimitNoFile && to.hard > maxFiles:
		return errno.EPERM
	}
	*l = to
	return nil
}

// rlimits does prlimit64: it stores the old limit at oldAddr and sets what newAddr holds, where these are not 0.
func (k *Kernel) rlimits(resource uint32, newAddr, oldAddr uint64) error {
	if resource >= numLimits {
		return errno.EINVAL
	}
	old := k.proc.limits[resource]
	if newAddr != 0 {
		var b [16]byte
		if err := k.copyIn(b[:], newAddr); err != nil {
			return err
		}
		if err := k.setLimit(resource, rlimit{le64(b[:]), le64(b[8:])}); err != nil {
			return err
		}
	}
	if oldAddr != 0 {
		return k.storeWords(oldAddr, old.soft, old.hard)
	}
	return nil
}

func sysGetrlimit(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] == 0 {
		return 0, errno.EFAULT
	}
	return 0, k.rlimits(uint32(a[0]), 0, a[1])
}

func sysSetrlimit(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] == 0 {
		return 0, errno.EFAULT
	}
	return 0, k.rlimits(uint32(a[0]), a[1], 0)
}

func sysPrlimit(k *Kernel, t *Thread, a args) (uint64, error) {
	if pid := a.int32(0); pid != 0 && pid != PID {
		return 0, errno.ESRCH
	}
	return 0, k.rlimits(uint32(a[1]), a[2], a[3])
}
