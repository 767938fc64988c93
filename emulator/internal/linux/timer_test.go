package linux

import (
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A timer's signal arrives at the very instruction at which it is due.
func TestIntervalTimers(t *testing.T) {
	for _, c := range []struct {
		which uint64
		sig   int
	}{{itimerReal, SIGALRM}, {itimerVirtual, SIGVTALRM}, {itimerProf, SIGPROF}} {
		k := catching(t, c.sig, 0, 0, ret, call(38, c.which, dataAt, dataAt+64), forever)
		poke(t, k, dataAt, 0, 7, 0, 3) // in 3 µs, then every 7
		const set = 6 + 5              // the tick at which the timer is set
		for _, due := range []uint64{set + 3000, set + 10_000, set + 17_000} {
			until(t, k, handlerAt)
			if k.Tick != due {
				t.Errorf("%s at tick %d, want %d", SignalName(c.sig), k.Tick, due)
			}
			k.Run(nil, k.Tick+1)
		}
		step{"getitimer", sysGetitimer, args{c.which, dataAt + 64}, 0, nil}.do(t, k)
		if left := peek(t, k, dataAt+64+24); left != 6 || peek(t, k, dataAt+64+8) != 7 {
			t.Errorf("%s: %d µs are left", SignalName(c.sig), left)
		}
	}
}

// CPU time stands still while everybody sleeps.
func TestCPUTimersDoNotLeap(t *testing.T) {
	k := catching(t, SIGPROF, 0, 0, ret, call(38, itimerProf, dataAt, 0), call(35, dataAt+32, 0), forever)
	poke(t, k, dataAt, 0, 0, 0, 3)
	poke(t, k, dataAt+32, 5, 0)
	until(t, k, handlerAt)
	if k.Tick != 11+3000 || k.Now() < 5*nsPerSecond {
		t.Errorf("tick %d, now %d", k.Tick, k.Now())
	}
}

func TestPosixTimers(t *testing.T) {
	const event, id, spec, old = dataAt, dataAt + 64, dataAt + 128, dataAt + 256
	for _, c := range []struct {
		name  string
		clock uint64
	}{{"monotonic", CLOCK_MONOTONIC}, {"realtime", CLOCK_REALTIME}, {"process", CLOCK_PROCESS_CPUTIME_ID}, {"thread", CLOCK_THREAD_CPUTIME_ID}} {
		k := newGuest(t, times(200, nop), forever)
		k.signals.actions[40] = sigaction{handler: handlerAt, flags: SA_RESTORER, restorer: restorerAt}
		th := k.current
		th.mask = sigbit(40)
		poke(t, k, event, 0xabc, 40|sigevThreadID<<32, PID)
		poke(t, k, spec, 0, 10, 0, 25) // in 25 ns, then every 10
		for _, s := range []step{
			{"create", sysTimerCreate, args{c.clock, event, id}, 0, nil},
			{"set", sysTimerSettime, args{0, 0, spec, 0}, 0, nil},
		} {
			s.do(t, k)
		}
		k.Run(nil, 24)
		if th.pending.set != 0 {
			t.Errorf("%s: too early", c.name)
		}
		k.Run(nil, 61) // fires at 25, 35, 45, 55
		step{"get", sysTimerGettime, args{0, old}, 0, nil}.do(t, k)
		if left := peek(t, k, old+24); left != 4 {
			t.Errorf("%s: %d ns left, want 4", c.name, left)
		}
		info, ok := k.takeSignal(th, ^sigset(0))
		if !ok || info.Signo != 40 || info.Code != SI_TIMER || info.Fields[0] != 3<<32 || info.Fields[1] != 0xabc {
			t.Errorf("%s: %+v, %v", c.name, info, ok)
		}
		for _, s := range []step{
			{"overrun", sysTimerGetoverrun, args{0}, 3, nil},
			{"delete", sysTimerDelete, args{0}, 0, nil},
			{"delete again", sysTimerDelete, args{0}, 0, errno.EINVAL},
		} {
			s.do(t, k)
		}
		if k.Run(nil, 150); th.pending.set != 0 {
			t.Errorf("%s: a deleted timer fires", c.name)
		}
	}
}

func TestClocks(t *testing.T) {
	k := newGuest(t, times(100, nop))
	k.Run(nil, 40)
	k.skew = 2 * nsPerSecond
	k.current.ticks = 17
	for _, c := range []struct {
		clock     int32
		sec, nsec uint64
		err       error
	}{
		{CLOCK_REALTIME, Epoch/nsPerSecond + 2, 40, nil},
		{CLOCK_MONOTONIC, 2, 40, nil},
		{CLOCK_BOOTTIME, 2, 40, nil},
		{CLOCK_MONOTONIC_COARSE, 2, 40, nil},
		{CLOCK_PROCESS_CPUTIME_ID, 0, 40, nil},
		{CLOCK_THREAD_CPUTIME_ID, 0, 17, nil},
		{^PID<<3 | 2, 0, 40, nil}, // clock_getcpuclockid
		{^PID<<3 | 6, 0, 17, nil}, // pthread_getcpuclockid
		{^(PID+1)<<3 | 6, 0, 0, errno.EINVAL},
		{10, 0, 0, errno.EINVAL},
	} {
		_, err := sysClockGettime(k, k.current, args{uint64(uint32(c.clock)), dataAt})
		if err != c.err {
			t.Errorf("clock %d: %v, want %v", c.clock, err, c.err)
		} else if err == nil && (peek(t, k, dataAt) != c.sec || peek(t, k, dataAt+8) != c.nsec) {
			t.Errorf("clock %d: %d s %d ns, want %d s %d ns", c.clock, peek(t, k, dataAt), peek(t, k, dataAt+8), c.sec, c.nsec)
		}
	}
}
