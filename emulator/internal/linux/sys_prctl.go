package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Options of prctl (include/uapi/linux/prctl.h).
const (
	PR_SET_PDEATHSIG    = 1
	PR_GET_PDEATHSIG    = 2
	PR_GET_DUMPABLE     = 3
	PR_SET_DUMPABLE     = 4
	PR_GET_KEEPCAPS     = 7
	PR_SET_KEEPCAPS     = 8
	PR_SET_NAME         = 15
	PR_GET_NAME         = 16
	PR_SET_TIMERSLACK   = 29
	PR_GET_TIMERSLACK   = 30
	PR_SET_NO_NEW_PRIVS = 38
	PR_GET_NO_NEW_PRIVS = 39
	PR_SET_THP_DISABLE  = 41
	PR_SET_VMA          = 0x53564d41
)

var prctlName = Enum(map[uint64]string{PR_SET_PDEATHSIG: "PR_SET_PDEATHSIG", PR_GET_PDEATHSIG: "PR_GET_PDEATHSIG",
	PR_GET_DUMPABLE: "PR_GET_DUMPABLE", PR_SET_DUMPABLE: "PR_SET_DUMPABLE", PR_GET_KEEPCAPS: "PR_GET_KEEPCAPS",
	PR_SET_KEEPCAPS: "PR_SET_KEEPCAPS", PR_SET_NAME: "PR_SET_NAME", PR_GET_NAME: "PR_GET_NAME",
	PR_SET_TIMERSLACK: "PR_SET_TIMERSLACK", PR_GET_TIMERSLACK: "PR_GET_TIMERSLACK", PR_SET_NO_NEW_PRIVS: "PR_SET_NO_NEW_PRIVS",
	PR_GET_NO_NEW_PRIVS: "PR_GET_NO_NEW_PRIVS", PR_SET_THP_DISABLE: "PR_SET_THP_DISABLE", PR_SET_VMA: "PR_SET_VMA"})

func sysPrctl(k *Kernel, t *Thread, a args) (uint64, error) {
	const nameSize = 16
	switch a.int32(0) {
	case PR_SET_NAME:
		var b [nameSize - 1]byte
		n := 0
		for ; n < len(b); n++ {
			if err := k.copyIn(b[n:n+1], a[1]+uint64(n)); err != nil {
				return 0, err
			}
			if b[n] == 0 {
				break
			}
		}
		t.name = string(b[:n])
		return 0, nil
	case PR_GET_NAME:
		var b [nameSize]byte
		copy(b[:], t.name)
		return 0, k.copyOut(a[1], b[:])
	case PR_GET_DUMPABLE:
		return flag(k.proc.dumpable), nil
	case PR_SET_DUMPABLE:
		if a[1] > 1 {
			return 0, errno.EINVAL
		}
		k.proc.dumpable = a[1] == 1
		return 0, nil
	case PR_GET_KEEPCAPS:
		return flag(t.keepCaps), nil
	case PR_SET_KEEPCAPS:
		if a[1] > 1 {
			return 0, errno.EINVAL
		}
		t.keepCaps = a[1] == 1
		return 0, nil
	case PR_SET_NO_NEW_PRIVS:
		if a[1] != 1 {
			return 0, errno.EINVAL
		}
		k.proc.noNewPrivs = true
		return 0, nil
	case PR_GET_NO_NEW_PRIVS:
		return flag(k.proc.noNewPrivs), nil
	case PR_GET_PDEATHSIG:
		return 0, k.store32(a[1], 0)
	case PR_GET_TIMERSLACK:
		return 50_000, nil // ns, Linux's default
	case PR_SET_PDEATHSIG, PR_SET_TIMERSLACK, PR_SET_THP_DISABLE:
		return 0, nil
	}
	return 0, errno.EINVAL
}

// Codes of arch_prctl (arch/x86/include/uapi/asm/prctl.h).
const (
	ARCH_SET_GS = 0x1001
	ARCH_SET_FS = 0x1002
	ARCH_GET_FS = 0x1003
	ARCH_GET_GS = 0x1004
)

var archPrctlName = Enum(map[uint64]string{ARCH_SET_GS: "ARCH_SET_GS", ARCH_SET_FS: "ARCH_SET_FS", ARCH_GET_FS: "ARCH_GET_FS",
	ARCH_GET_GS: "ARCH_GET_GS"})

func sysArchPrctl(k *Kernel, t *Thread, a args) (uint64, error) {
	reg := x86.FSBase
	if code := a.int32(0); code == ARCH_SET_GS || code == ARCH_GET_GS {
		reg = x86.GSBase
	}
	switch a.int32(0) {
	case ARCH_SET_FS, ARCH_SET_GS:
		if a[1] >= memory.MaxAddr+memory.PageSize {
			return 0, errno.EPERM
		}
		k.CPU.R[reg] = a[1]
		return 0, nil
	case ARCH_GET_FS, ARCH_GET_GS:
		return 0, k.store64(a[1], k.CPU.R[reg])
	}
	return 0, errno.EINVAL
}
