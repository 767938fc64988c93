package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// TestSigpendingLimit: with RLIMIT_SIGPENDING 2 and two signals that wait.
func TestSigpendingLimit(t *testing.T) {
	for _, c := range []struct {
		name     string
		sig      int32
		code     int32
		reserved bool
		queued   int // siginfos that wait afterwards
		pending  bool
		err      error
	}{
		{"tgkill, real-time", 41, SI_TKILL, false, 2, false, errno.EAGAIN},
		{"rt_sigqueueinfo, real-time", 41, -1, false, 2, false, errno.EAGAIN},
		{"kill, real-time: without siginfo", 41, SI_USER, false, 2, true, nil},
		{"rt_sigqueueinfo, standard: without siginfo", 10, -1, false, 2, true, nil},
		{"kill, standard: past the limit", 10, SI_USER, false, 3, true, nil},
		{"a timer's", 41, SI_TIMER, true, 3, true, nil},
		{"a forged timer's", 41, SI_TIMER, false, 2, false, errno.EAGAIN},
	} {
		k := newGuest(t, forever)
		th := k.current
		th.mask = ^sigset(0)
		k.proc.limits[rlimitSigpending].soft = 2
		for range 2 {
			if _, err := k.trySend(th, userInfo(40, SI_TKILL), false); err != nil {
				t.Fatal(err)
			}
		}
		_, err := k.trySend(nil, userInfo(c.sig, c.code), c.reserved)
		queued := th.pending.len + k.signals.pending.len
		if pending := k.signals.pending.set.has(int(c.sig)); err != c.err || queued != c.queued || pending != c.pending {
			t.Errorf("%s: %v, %d queued, pending %v; want %v, %d, %v", c.name, err, queued, pending, c.err, c.queued, c.pending)
		}
		info, ok := k.takeSignal(th, sigbit(int(c.sig)))
		if ok != c.pending || ok && c.queued == 2 && info != (siginfo{Signo: c.sig, Code: SI_USER}) {
			t.Errorf("%s: took %+v, %v", c.name, info, ok)
		}
	}
}
