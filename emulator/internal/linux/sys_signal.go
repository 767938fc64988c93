package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

func init() {
	register(
		supported(13, "rt_sigaction", sysRtSigaction, Signal, Ptr, Ptr, Size),
		supported(14, "rt_sigprocmask", sysRtSigprocmask, Enum(map[uint64]string{0: "SIG_BLOCK", 1: "SIG_UNBLOCK", 2: "SIG_SETMASK"}), Sigset, Ptr, Size),
		supported(15, "rt_sigreturn", sysRtSigreturn),
		supported(34, "pause", sysPause),
		partial(62, "kill", sysKill, "There is one process: its own ID and its group reach it, all others do not exist.", Int, Signal),
		supported(127, "rt_sigpending", sysRtSigpending, Ptr, Size),
		supported(128, "rt_sigtimedwait", sysRtSigtimedwait, Sigset, Ptr, Timespec, Size),
		supported(129, "rt_sigqueueinfo", sysRtSigqueueinfo, Int, Signal, Ptr),
		supported(130, "rt_sigsuspend", sysRtSigsuspend, Sigset, Size),
		supported(131, "sigaltstack", sysSigaltstack, Ptr, Ptr),
		supported(200, "tkill", sysTkill, Int, Signal),
		supported(234, "tgkill", sysTgkill, Int, Int, Signal),
		supported(297, "rt_tgsigqueueinfo", sysRtTgsigqueueinfo, Int, Int, Signal, Ptr),
	)
}

// Signal renders a signal's number.
func Signal(e *SyscallEvent, i int) string { return SignalName(int(int32(e.Args[i]))) }

// Sigset renders the set of signals at the address.
func Sigset(e *SyscallEvent, i int) string {
	var b [8]byte
	if e.Args[i] == 0 || !e.k.Mem.Peek(b[:], e.Args[i]) {
		return Ptr(e, i)
	}
	s := sigset(le64(b[:]))
	if s == ^sigset(0) {
		return "~[]"
	}
	out := "["
	for sep := ""; s != 0; sep = " " {
		sig := s.first()
		out += sep + SignalName(sig)
		s &^= sigbit(sig)
	}
	return out + "]"
}

// sigsetSize is what the guest must give as the size of a set.
const sigsetSize = 8

func sysRtSigaction(k *Kernel, t *Thread, a args) (uint64, error) {
	sig := int(a.int32(0))
	if a[3] != sigsetSize || sig < 1 || sig > numSignals || a[1] != 0 && unblockable.has(sig) {
		return 0, errno.EINVAL
	}
	old := k.signals.actions[sig]
	if a[1] != 0 {
		var b [32]byte
		if err := k.copyIn(b[:], a[1]); err != nil {
			return 0, err
		}
		k.setAction(sig, sigaction{le64(b[:]), le64(b[8:]), le64(b[16:]), sigset(le64(b[24:])) &^ unblockable})
	}
	if a[2] != 0 {
		return 0, k.storeWords(a[2], old.handler, old.flags, old.restorer, uint64(old.mask))
	}
	return 0, nil
}

func sysRtSigprocmask(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[3] != sigsetSize {
		return 0, errno.EINVAL
	}
	old := t.mask
	if a[1] != 0 {
		v, err := k.load64(a[1])
		if err != nil {
			return 0, err
		}
		s := sigset(v) &^ unblockable
		switch a.int32(0) {
		case 0:
			t.mask |= s
		case 1:
			t.mask &^= s
		case 2:
			t.mask = s
		default:
			return 0, errno.EINVAL
		}
	}
	if a[2] != 0 {
		return 0, k.store64(a[2], uint64(old))
	}
	return 0, nil
}

func sysPause(k *Kernel, t *Thread, a args) (uint64, error) {
	if t.wake == wokenBySignal {
		return 0, restartNoHand
	}
	return k.block(t, 0)
}

func sysRtSigsuspend(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] != sigsetSize {
		return 0, errno.EINVAL
	}
	mask, err := k.load64(a[0])
	if err != nil {
		return 0, err
	}
	t.suspendMask(sigset(mask))
	if t.wake == wokenBySignal {
		return 0, restartNoHand
	}
	return k.block(t, 0)
}

func sysRtSigpending(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[1] > sigsetSize {
		return 0, errno.EINVAL
	}
	var b [8]byte
	set := (t.pending.set | k.signals.pending.set) & t.mask
	for i := range b {
		b[i] = byte(set >> (8 * i))
	}
	return 0, k.copyOut(a[0], b[:a[1]])
}

func sysRtSigtimedwait(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[3] != sigsetSize {
		return 0, errno.EINVAL
	}
	v, err := k.load64(a[0])
	if err != nil {
		return 0, err
	}
	set := sigset(v) &^ unblockable
	deadline := int64(0)
	if a[2] != 0 {
		d, err := k.loadTimespec(a[2])
		if err != nil {
			return 0, err
		}
		deadline = k.deadlineIn(t, d)
	}
	t.awaited = 0
	if info, ok := k.takeSignal(t, set); ok {
		if a[1] != 0 {
			if err := k.storeWords(a[1], info.words()...); err != nil {
				return 0, err
			}
		}
		return uint64(info.Signo), nil
	}
	switch {
	case t.wake == wokenBySignal:
		return 0, errno.EINTR
	case deadline != 0 && k.Now() >= deadline:
		return 0, errno.EAGAIN
	}
	t.awaited = set
	return k.block(t, deadline)
}

func sysSigaltstack(k *Kernel, t *Thread, a args) (uint64, error) {
	old := t.alt
	sp := k.CPU.R[x86.RSP]
	oldFlags := old.status(sp) | old.flags&SS_AUTODISARM
	if a[0] != 0 {
		var b [24]byte
		if err := k.copyIn(b[:], a[0]); err != nil {
			return 0, err
		}
		if err := k.setAltStack(t, altStack{sp: le64(b[:]), flags: le32(b[8:]), size: le64(b[16:])}); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		return 0, k.storeWords(a[1], old.sp, uint64(oldFlags), old.size)
	}
	return 0, nil
}

// userInfo is the siginfo of a signal that the process sends to itself.
func userInfo(sig, code int32) siginfo {
	return siginfo{Signo: sig, Code: code, Fields: [14]uint64{PID | UID<<32}}
}

func sysKill(k *Kernel, t *Thread, a args) (uint64, error) {
	pid, sig := a.int32(0), a.int32(1)
	if sig < 0 || sig > numSignals {
		return 0, errno.EINVAL
	}
	if pid != PID && pid != 0 && pid != -PID && pid != -1 {
		return 0, errno.ESRCH
	}
	if pid == -1 {
		return 0, errno.ESRCH // kill(-1) spares the caller, and there is nobody else
	}
	if sig != 0 {
		k.send(nil, userInfo(sig, SI_USER))
	}
	return 0, nil
}

// sendTo does what tkill, tgkill and rt_tgsigqueueinfo have in common.
func (k *Kernel) sendTo(tid, sig int32, info siginfo) (uint64, error) {
	if tid <= 0 || sig < 0 || sig > numSignals {
		return 0, errno.EINVAL
	}
	to := k.thread(int(tid))
	if to == nil {
		return 0, errno.ESRCH
	}
	if sig != 0 {
		if _, err := k.trySend(to, info, false); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

func sysTkill(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.sendTo(a.int32(0), a.int32(1), userInfo(a.int32(1), SI_TKILL))
}

func sysTgkill(k *Kernel, t *Thread, a args) (uint64, error) {
	if a.int32(0) <= 0 {
		return 0, errno.EINVAL
	}
	if a.int32(0) != PID {
		return 0, errno.ESRCH
	}
	return k.sendTo(a.int32(1), a.int32(2), userInfo(a.int32(2), SI_TKILL))
}

// loadSiginfo reads the siginfo that a thread made up itself.
func (k *Kernel) loadSiginfo(addr uint64, sig int32) (siginfo, error) {
	var b [128]byte
	if err := k.copyIn(b[:], addr); err != nil {
		return siginfo{}, err
	}
	info := siginfo{Signo: sig, Errno: int32(le32(b[4:])), Code: int32(le32(b[8:]))}
	for i := range info.Fields {
		info.Fields[i] = le64(b[16+8*i:])
	}
	return info, nil
}

func sysRtSigqueueinfo(k *Kernel, t *Thread, a args) (uint64, error) {
	sig := a.int32(1)
	info, err := k.loadSiginfo(a[2], sig)
	switch {
	case err != nil:
		return 0, err
	case sig < 0 || sig > numSignals:
		return 0, errno.EINVAL
	case a.int32(0) != PID:
		return 0, errno.ESRCH
	}
	if sig != 0 {
		_, err = k.trySend(nil, info, false)
	}
	return 0, err
}

func sysRtTgsigqueueinfo(k *Kernel, t *Thread, a args) (uint64, error) {
	info, err := k.loadSiginfo(a[3], a.int32(2))
	switch {
	case err != nil:
		return 0, err
	case a.int32(0) <= 0:
		return 0, errno.EINVAL
	case a.int32(0) != PID:
		return 0, errno.ESRCH
	}
	return k.sendTo(a.int32(1), a.int32(2), info)
}
