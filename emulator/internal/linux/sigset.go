package linux

import (
	"fmt"
	"math/bits"
)

// The signals that the kernel itself sends or treats apart (include/uapi/asm/signal.h).
const (
	SIGILL    = 4
	SIGTRAP   = 5
	SIGBUS    = 7
	SIGFPE    = 8
	SIGKILL   = 9
	SIGSEGV   = 11
	SIGPIPE   = 13
	SIGALRM   = 14
	SIGCHLD   = 17
	SIGCONT   = 18
	SIGSTOP   = 19
	SIGTSTP   = 20
	SIGTTIN   = 21
	SIGTTOU   = 22
	SIGURG    = 23
	SIGVTALRM = 26
	SIGPROF   = 27
	SIGWINCH  = 28

	numSignals = 64
	firstRT    = 32 // from here on signals queue instead of merging
)

var signalNames = [...]string{
	"", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
	"SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN",
	"SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
}

// SignalName returns the name of a signal: SIGSEGV, SIGRT_2.
func SignalName(sig int) string {
	switch {
	case sig > 0 && sig < len(signalNames):
		return signalNames[sig]
	case sig >= firstRT && sig <= numSignals:
		return fmt.Sprintf("SIGRT_%d", sig-firstRT)
	}
	return fmt.Sprintf("signal %d", sig)
}

// A sigset is a set of signals: bit n-1 for signal n, as the guest has it.
type sigset uint64

func sigbit(sig int) sigset { return 1 << uint(sig-1) }

func (s sigset) has(sig int) bool { return s&sigbit(sig) != 0 }

// first returns the lowest signal of the set, or 0.
func (s sigset) first() int {
	if s == 0 {
		return 0
	}
	return bits.TrailingZeros64(uint64(s)) + 1
}

const (
	// unblockable are the signals that no mask and no handler can stop.
	unblockable sigset = 1<<(SIGKILL-1) | 1<<(SIGSTOP-1)
	// synchronous are those that an instruction raises: taken before all others.
	synchronous sigset = 1<<(SIGSEGV-1) | 1<<(SIGBUS-1) | 1<<(SIGILL-1) | 1<<(SIGTRAP-1) | 1<<(SIGFPE-1) | 1<<(31-1)
	// ignoredByDefault are those whose default action is to do nothing.
	ignoredByDefault sigset = 1<<(SIGCHLD-1) | 1<<(SIGCONT-1) | 1<<(SIGURG-1) | 1<<(SIGWINCH-1)
	// stopping are those whose default action is to stop the process until SIGCONT. Nobody outside the process could
	// send that, so they do nothing here.
	stopping sigset = 1<<(SIGSTOP-1) | 1<<(SIGTSTP-1) | 1<<(SIGTTIN-1) | 1<<(SIGTTOU-1)
)
