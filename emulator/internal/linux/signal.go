package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Special values of sigaction.handler.
const (
	sigDefault = 0
	sigIgnore  = 1
)

// Flags of sigaction (include/uapi/asm-generic/signal-defs.h).
const (
	SA_RESTORER  = 0x04000000
	SA_ONSTACK   = 0x08000000
	SA_RESTART   = 0x10000000
	SA_NODEFER   = 0x40000000
	SA_RESETHAND = 0x80000000
)

// Values of si_code.
const (
	SI_USER   = 0
	SI_KERNEL = 0x80
	SI_TIMER  = -2
	SI_TKILL  = -6

	SEGV_MAPERR = 1
	SEGV_ACCERR = 2
	ILL_ILLOPN  = 2
	TRAP_TRACE  = 2
	FPE_INTDIV  = 1
	FPE_FLTDIV  = 3
	FPE_FLTOVF  = 4
	FPE_FLTUND  = 5
	FPE_FLTRES  = 6
	FPE_FLTINV  = 7
)

// A sigaction is what happens when a signal arrives, in the order of the kernel's struct sigaction.
type sigaction struct {
	handler, flags, restorer uint64
	mask                     sigset
}

// signalState is what the process's threads share of signals.
type signalState struct {
	actions [numSignals + 1]sigaction
	pending sigqueue // for whichever thread takes them first
	ignored sigset   // those that nothing would happen for
}

// threadSignals is what each thread has of its own.
type threadSignals struct {
	mask    sigset
	pending sigqueue
	// saved is the mask to return to after the signal that ends rt_sigsuspend, ppoll or the like, if hasSaved.
	saved    sigset
	hasSaved bool
	// awaited are the signals that rt_sigtimedwait waits for.
	awaited sigset
	alt     altStack
	// trapno, errcode and cr2 tell of the last exception, for the next frame's sigcontext.
	trapno, errcode, cr2 uint64
}

// An altStack is what sigaltstack sets.
type altStack struct {
	sp, size uint64
	flags    uint32
}

// setAction changes what happens for sig.
func (k *Kernel) setAction(sig int, act sigaction) {
	s := &k.signals
	s.actions[sig] = act
	s.ignored &^= sigbit(sig)
	if act.handler == sigIgnore || act.handler == sigDefault && (ignoredByDefault|stopping).has(sig) {
		s.ignored |= sigbit(sig)
		// What is pending vanishes, blocked or not (POSIX, sigaction).
		s.pending.drop(sigbit(sig))
		for _, t := range k.threads {
			t.pending.drop(sigbit(sig))
		}
		k.timers.dropped(func(p *posixTimer) bool { return int(p.sig) == sig })
	}
}

// send makes the signal pending for t, or for the whole process if t is nil. It says whether it is pending now because of
// this call.
func (k *Kernel) send(t *Thread, info siginfo) bool {
	sent, _ := k.trySend(t, info, false)
	return sent
}

// canQueue says whether RLIMIT_SIGPENDING lets one more siginfo wait. Each timer has reserved one, which may wait already
// (__sigqueue_alloc in kernel/signal.c).
func (k *Kernel) canQueue() bool {
	n := k.pendingSignals() + len(k.timers.posix) - k.timers.queued
	return uint64(n) < k.proc.limits[rlimitSigpending].soft
}

// pendingSignals returns how many siginfos wait for the process and for its threads.
func (k *Kernel) pendingSignals() int {
	n := k.signals.pending.len
	for _, t := range k.threads {
		n += t.pending.len
	}
	return n
}

// trySend is send with the error EAGAIN of a real-time signal that finds no room. Where the sender is not told of a lack
// of room, the signal becomes pending without its siginfo (__send_signal_locked in kernel/signal.c). A reserved siginfo
// always has room.
func (k *Kernel) trySend(t *Thread, info siginfo, reserved bool) (bool, error) {
	sig := int(info.Signo)
	q := &k.signals.pending
	blocked := ^sigset(0)
	if t != nil {
		q = &t.pending
		blocked = t.mask | t.awaited
	} else {
		for _, o := range k.threads {
			blocked &= o.mask | o.awaited
		}
	}
	if k.signals.ignored.has(sig) && !blocked.has(sig) {
		return false, nil
	}
	if sig < firstRT && q.set.has(sig) {
		return false, nil
	}
	if !reserved && (sig >= firstRT || info.Code < 0) && !(k.canQueue() && k.has(account.Signal)) {
		if sig >= firstRT && info.Code != SI_USER {
			return false, errno.EAGAIN
		}
		if q.set.has(sig) {
			return false, nil
		}
		q.set |= sigbit(sig)
	} else if !q.add(info) {
		return false, nil
	}
	for _, o := range k.threads {
		if (t == nil || o == t) && o.blocked && o.awaited.has(sig) {
			o.rouse(wokenByKey)
			break
		}
	}
	return true, nil
}

// force sends a signal that the thread caused itself by an instruction. It cannot be ignored or put off: a thread that
// tries dies of it (force_sig_info in kernel/signal.c).
func (k *Kernel) force(t *Thread, info siginfo) {
	sig := int(info.Signo)
	if t.mask.has(sig) || k.signals.actions[sig].handler == sigIgnore {
		k.setAction(sig, sigaction{})
		t.mask &^= sigbit(sig)
	}
	if t.pending.set.has(sig) {
		t.pending.drop(sigbit(sig))
		k.timers.dropped(func(p *posixTimer) bool { return int(p.sig) == sig && p.target == t.TID })
	}
	t.pending.add(info)
}

// pendingFor returns the signals that the thread could take now.
func (k *Kernel) pendingFor(t *Thread) sigset {
	return (t.pending.set | k.signals.pending.set) &^ (t.mask &^ unblockable)
}

// signalDue says whether there is something for deliver to do. Signals that would be ignored do not end a waiting.
func (k *Kernel) signalDue(t *Thread) bool {
	if t.blocked {
		return k.pendingFor(t)&^k.signals.ignored != 0
	}
	return k.pendingFor(t) != 0 || t.restarting || t.hasSaved
}

// takeSignal removes the next signal of the set that is pending for the thread.
func (k *Kernel) takeSignal(t *Thread, from sigset) (siginfo, bool) {
	info, ok := t.pending.take(from)
	if !ok {
		info, ok = k.signals.pending.take(from)
	}
	if ok && info.Code == SI_TIMER {
		k.timerTaken(&info)
	}
	return info, ok
}

// deliver makes the thread take its pending signals, until one has a handler or ends the process. Where a signal cut a
// system call short it decides whether the call runs again (arch_do_signal_or_restart in arch/x86/kernel/signal.c).
func (k *Kernel) deliver(t *Thread) {
	for {
		info, ok := k.takeSignal(t, k.pendingFor(t))
		if !ok {
			break
		}
		sig := int(info.Signo)
		act := k.signals.actions[sig]
		if k.signals.ignored.has(sig) {
			if stopping.has(sig) && act.handler == sigDefault {
				k.reportOnce("stop", SignalName(sig)+" would stop the process: ignored, as nobody could continue it")
			}
			continue
		}
		if act.handler == sigDefault {
			k.exit(ExitStatus{Signal: sig})
			return
		}
		k.endRestart(t, act.flags&SA_RESTART != 0 && t.restart == restartSys)
		k.enterHandler(t, act, &info)
		return
	}
	k.endRestart(t, true)
	if t.hasSaved {
		t.mask, t.hasSaved = t.saved, false
	}
}

// endRestart decides what becomes of a system call that a signal cut short: it runs again, by going back to the SYSCALL
// instruction (RAX still holds its number), or fails with EINTR.
func (k *Kernel) endRestart(t *Thread, again bool) {
	if !t.restarting {
		return
	}
	t.restarting = false
	if again {
		k.CPU.RIP -= syscallLen
	} else {
		k.CPU.R[x86.RAX] = negative(errno.EINTR)
	}
}

// suspendMask blocks the signals of mask instead of the thread's own until the current system call ends, or until the
// handler of the signal that ends it is entered (rt_sigsuspend, ppoll, pselect6, epoll_pwait).
func (t *Thread) suspendMask(mask sigset) {
	if t.wake == notWoken {
		t.saved, t.hasSaved = t.mask, true
		t.mask = mask &^ unblockable
	}
}
