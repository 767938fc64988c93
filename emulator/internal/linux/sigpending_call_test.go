package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// TestSigpendingCalls sends with RLIMIT_SIGPENDING 2, which prlimit64 has set, while two real-time signals wait. All is done
// by a guest's system calls.
func TestSigpendingCalls(t *testing.T) {
	const limit, info, event, id, mask = dataAt, dataAt + 0x40, dataAt + 0x100, dataAt + 0x140, dataAt + 0x180
	const (
		timerCreate = 222
		gettid      = 186
	)
	eagain := negative(errno.EAGAIN)
	queueinfo := func(sig uint64) []byte { return call(129, PID, sig, info) }
	tgqueueinfo := func(sig uint64) []byte { return call(297, PID, PID, sig, info) }
	for _, c := range []struct {
		name    string
		code    []byte
		ret     uint64
		pending sigset // for the thread and the process afterwards
		queued  int
	}{
		{"kill, standard", call(62, PID, 10), 0, sigbit(10), 3},
		{"kill, real-time: without siginfo", call(62, PID, 41), 0, sigbit(41), 2},
		{"tkill, real-time", call(200, PID, 41), eagain, 0, 2},
		{"tkill, standard: without siginfo", call(200, PID, 10), 0, sigbit(10), 2},
		{"tgkill, real-time", call(234, PID, PID, 41), eagain, 0, 2},
		{"tgkill, standard: without siginfo", call(234, PID, PID, 10), 0, sigbit(10), 2},
		{"rt_sigqueueinfo, real-time", queueinfo(41), eagain, 0, 2},
		{"rt_sigqueueinfo, standard: without siginfo", queueinfo(10), 0, sigbit(10), 2},
		{"rt_tgsigqueueinfo, real-time", tgqueueinfo(41), eagain, 0, 2},
		{"rt_tgsigqueueinfo, standard: without siginfo", tgqueueinfo(10), 0, sigbit(10), 2},
		{"timer_create", call(timerCreate, CLOCK_MONOTONIC, event, id), eagain, 0, 2},
		{"timer_create without a signal", call(timerCreate, CLOCK_MONOTONIC, event+0x20, id), eagain, 0, 2},
		{"timer_create of nothing Linux knows", call(timerCreate, 99, event, id), negative(errno.EINVAL), 0, 2},
		{"timer_create of an event that is none", call(timerCreate, CLOCK_MONOTONIC, event+0x10, id), eagain, 0, 2},
	} {
		k := newGuest(t,
			call(14, 0, mask, 0, 8),                    // rt_sigprocmask: all are blocked
			call(302, 0, rlimitSigpending, limit, 0),   // prlimit64
			call(234, PID, PID, 40), call(62, PID, 40), // one for the thread, one for the process
			c.code, forever)
		poke(t, k, mask, ^uint64(0))
		poke(t, k, limit, 2, maxPending)
		poke(t, k, info, 0, uint64(1<<32-1)) // si_code -1, SI_QUEUE
		poke(t, k, event, 0xabc, 41|sigevSignal<<32)
		poke(t, k, event+0x10, 0xabc, 41|77<<32)
		poke(t, k, event+0x20, 0xabc, 41|sigevNone<<32)
		k.Run(nil, 1000)
		th := k.current
		if th.pending.len != 1 && c.queued == 2 || !th.pending.set.has(40) || !k.signals.pending.set.has(40) {
			t.Fatalf("%s: no two signals wait", c.name)
		}
		pending := (th.pending.set | k.signals.pending.set) &^ sigbit(40)
		if ret := k.CPU.R[0]; ret != c.ret || pending != c.pending || k.pendingSignals() != c.queued || len(k.timers.posix) != 0 {
			t.Errorf("%s = %d, pending %x, %d wait; want %d, %x, %d", c.name, int64(ret), pending, k.pendingSignals(), int64(c.ret), c.pending, c.queued)
		}
		// Unblocked, a signal that found no room is delivered all the same, as from a user who is not known.
		if c.pending != 0 && c.queued == 2 {
			got, ok := k.takeSignal(th, c.pending)
			if want := (siginfo{Signo: int32(c.pending.first()), Code: SI_USER}); !ok || got != want {
				t.Errorf("%s: took %+v, %v", c.name, got, ok)
			}
		}
	}
}

// A timer counts from its creation to its deletion, and once while its signal is pending.
func TestTimersCountAsPending(t *testing.T) {
	const id, spec, mask, event = dataAt, dataAt + 64, dataAt + 128, dataAt + 192
	k := newGuest(t, forever)
	poke(t, k, mask, ^uint64(0))
	poke(t, k, event, 0, 41)
	poke(t, k, spec, 0, 0, 0, 1) // once, in 1 ns
	k.proc.limits[rlimitSigpending].soft = 3
	create := args{CLOCK_MONOTONIC, event, id}
	send := func(name string, err error) step {
		return step{name, sysTgkill, args{PID, PID, 40}, 0, err}
	}
	for i, s := range []step{
		{"block all", sysRtSigprocmask, args{0, mask, 0, 8}, 0, nil},
		{"a timer", sysTimerCreate, create, 0, nil},
		{"another", sysTimerCreate, create, 0, nil},
		send("a signal is the third", nil),
		send("a signal is one too many", errno.EAGAIN),
		{"a timer too", sysTimerCreate, create, 0, errno.EAGAIN},
		{"set", sysTimerSettime, args{0, 0, spec, 0}, 0, nil}, // expires before the next step
		send("a signal: what is pending was reserved", errno.EAGAIN),
		{"set again while its signal is pending", sysTimerSettime, args{0, 0, spec, 0}, 0, nil}, // expires again
		send("a signal: it is still one", errno.EAGAIN),
		{"delete the other", sysTimerDelete, args{1}, 0, nil},
		send("there is room for a signal", nil),
		send("for one", errno.EAGAIN),
		{"delete the timer, not its signal", sysTimerDelete, args{0}, 0, nil},
		send("which goes on counting", errno.EAGAIN),
		{"ignore it: it is dropped", func(k *Kernel, t *Thread, a args) (uint64, error) {
			k.setAction(41, sigaction{handler: sigIgnore})
			return 0, nil
		}, args{}, 0, nil},
		send("room again", nil),
		send("no more", errno.EAGAIN),
	} {
		s.do(t, k)
		k.Run(nil, uint64(100*(i+1)))
	}
}

// A timer whose pending signal was dropped sends it again.
func TestTimerAfterDroppedSignal(t *testing.T) {
	const id, spec, event = dataAt, dataAt + 64, dataAt + 192
	ignore := func(k *Kernel) { k.setAction(41, sigaction{handler: sigIgnore}) }
	k := newGuest(t, forever)
	k.current.mask = ^sigset(0)
	poke(t, k, event, 0, 41)
	poke(t, k, spec, 0, 10, 0, 10) // every 10 ns
	step{"create", sysTimerCreate, args{CLOCK_MONOTONIC, event, id}, 0, nil}.do(t, k)
	step{"set", sysTimerSettime, args{0, 0, spec, 0}, 0, nil}.do(t, k)
	k.Run(nil, 15)
	ignore(k)
	k.setAction(41, sigaction{handler: handlerAt})
	if n := k.pendingSignals(); n != 0 {
		t.Fatalf("%d signals are pending", n)
	}
	k.Run(nil, 25)
	if n := k.pendingSignals(); n != 1 {
		t.Errorf("%d signals are pending, want 1", n)
	}
}
