package linux

import "errors"

// errBlocked is what a system call's handler returns after it called block.
var errBlocked = errors.New("blocked")

// errNoReturn is what a handler returns when the registers already are what they have to be, or the thread is no more:
// rt_sigreturn, exit, exit_group. The result is not written to RAX.
var errNoReturn = errors.New("does not return")

// A restart is what a handler returns when a signal cut its waiting short. The guest never sees it: what it sees is decided
// when the signal is delivered, as in Linux (include/linux/errno.h).
type restart uint8

const (
	// restartSys (ERESTARTSYS): runs again if the handler has SA_RESTART or there is none; else EINTR.
	restartSys restart = iota
	// restartNoHand (ERESTARTNOHAND): runs again only if no handler runs; else EINTR.
	restartNoHand
)

func (r restart) Error() string {
	return [...]string{"ERESTARTSYS", "ERESTARTNOHAND"}[r]
}

func isRestart(err error) bool {
	_, ok := err.(restart)
	return ok
}
