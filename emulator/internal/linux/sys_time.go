package linux

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

func init() {
	clock := Enum(clockNames)
	which := Enum(map[uint64]string{itimerReal: "ITIMER_REAL", itimerVirtual: "ITIMER_VIRTUAL", itimerProf: "ITIMER_PROF"})
	abs := Flags(bit(timerAbstime, "TIMER_ABSTIME"), flagName{^uint64(0), 0, "0"})
	const user = "All CPU time counts as the user's, one ns for an instruction."
	const set = "The clock is a function of the tick and cannot be set."
	register(
		supported(35, "nanosleep", sysNanosleep, Timespec, Ptr),
		supported(36, "getitimer", sysGetitimer, which, Ptr),
		supported(37, "alarm", sysAlarm, Size),
		partial(38, "setitimer", sysSetitimer, user, which, Ptr, Ptr),
		supported(96, "gettimeofday", sysGettimeofday, Ptr, Ptr),
		refused(164, "settimeofday", errno.EPERM, set, Ptr, Ptr),
		supported(201, "time", sysTime, Ptr),
		supported(222, "timer_create", sysTimerCreate, clock, Ptr, Ptr),
		supported(223, "timer_settime", sysTimerSettime, Int, abs, Ptr, Ptr),
		supported(224, "timer_gettime", sysTimerGettime, Int, Ptr),
		supported(225, "timer_getoverrun", sysTimerGetoverrun, Int),
		supported(226, "timer_delete", sysTimerDelete, Int),
		refused(227, "clock_settime", errno.EPERM, set, clock, Timespec),
		supported(228, "clock_gettime", sysClockGettime, clock, Ptr),
		supported(229, "clock_getres", sysClockGetres, clock, Ptr),
		partial(230, "clock_nanosleep", sysClockNanosleep, "It cannot sleep on a clock of CPU time.", clock, abs, Timespec, Ptr),
		refused(159, "adjtimex", errno.EPERM, set, Ptr),
		refused(305, "clock_adjtime", errno.EPERM, set, clock, Ptr),
	)
}

const timerAbstime = 1

// sleepUntil waits for the deadline. If a signal ends it, the time left is stored at rem, unless that is 0.
func (k *Kernel) sleepUntil(t *Thread, deadline int64, rem uint64) (uint64, error) {
	left := deadline - k.Now()
	switch {
	case left <= 0:
		if t.wake == notWoken {
			k.yield()
		}
		return 0, nil
	case t.wake == wokenBySignal:
		if rem != 0 {
			if err := k.storeTimespec(rem, left); err != nil {
				return 0, err
			}
		}
		return 0, errno.EINTR // whatever SA_RESTART says: signal(7)
	}
	return k.block(t, deadline)
}

func sysNanosleep(k *Kernel, t *Thread, a args) (uint64, error) {
	d, err := k.loadTimespec(a[0])
	if err != nil {
		return 0, err
	}
	return k.sleepUntil(t, k.deadlineIn(t, d), a[1])
}

func sysClockNanosleep(k *Kernel, t *Thread, a args) (uint64, error) {
	clock := a.int32(0)
	if _, ok := k.cpuClock(t, clock); ok {
		if clock == CLOCK_THREAD_CPUTIME_ID {
			return 0, errno.EINVAL
		}
		return 0, errno.EOPNOTSUPP
	}
	now, err := k.readClock(t, clock)
	if err != nil {
		return 0, err
	}
	if clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW {
		return 0, errno.EOPNOTSUPP
	}
	d, err := k.loadTimespec(a[2])
	if err != nil {
		return 0, err
	}
	if a[1]&timerAbstime == 0 {
		return k.sleepUntil(t, k.deadlineIn(t, d), a[3])
	}
	return k.sleepUntil(t, k.deadlineIn(t, max(d-now, 0)), 0)
}

func sysClockGettime(k *Kernel, t *Thread, a args) (uint64, error) {
	now, err := k.readClock(t, a.int32(0))
	if err != nil {
		return 0, err
	}
	return 0, k.storeTimespec(a[1], now)
}

func sysClockGetres(k *Kernel, t *Thread, a args) (uint64, error) {
	if _, err := k.readClock(t, a.int32(0)); err != nil {
		return 0, err
	}
	if a[1] == 0 {
		return 0, nil
	}
	return 0, k.storeTimespec(a[1], 1)
}

func sysGettimeofday(k *Kernel, t *Thread, a args) (uint64, error) {
	now := k.realtime()
	if a[0] != 0 {
		if err := k.storeWords(a[0], uint64(now/nsPerSecond), uint64(now%nsPerSecond/1000)); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		return 0, k.store64(a[1], 0) // UTC
	}
	return 0, nil
}

func sysTime(k *Kernel, t *Thread, a args) (uint64, error) {
	now := uint64(k.realtime() / nsPerSecond)
	if a[0] != 0 {
		if err := k.store64(a[0], now); err != nil {
			return 0, err
		}
	}
	return now, nil
}

// itimer returns interval timer i, with the clock that it counts on.
func (k *Kernel) itimer(i int32) (*alarm, error) {
	if i < itimerReal || i > itimerProf {
		return nil, errno.EINVAL
	}
	a := &k.timers.itimers[i]
	if i != itimerReal {
		a.clock = processClock
	}
	return a, nil
}

// storeItimer stores the alarm as a struct itimerval (unit 1000) or itimerspec (unit 1).
func (k *Kernel) storeItimer(addr uint64, al *alarm, unit int64) error {
	left := k.left(al)
	return k.storeWords(addr, uint64(al.interval/nsPerSecond), uint64(al.interval%nsPerSecond/unit),
		uint64(left/nsPerSecond), uint64(left%nsPerSecond/unit))
}

func sysGetitimer(k *Kernel, t *Thread, a args) (uint64, error) {
	al, err := k.itimer(a.int32(0))
	if err != nil {
		return 0, err
	}
	return 0, k.storeItimer(a[1], al, 1000)
}

func sysSetitimer(k *Kernel, t *Thread, a args) (uint64, error) {
	al, err := k.itimer(a.int32(0))
	if err != nil {
		return 0, err
	}
	var interval, value int64
	if a[1] != 0 { // Linux takes a null pointer for all zeroes
		if interval, err = k.loadTimeval(a[1]); err != nil {
			return 0, err
		}
		if value, err = k.loadTimeval(a[1] + 16); err != nil {
			return 0, err
		}
	}
	if a[2] != 0 {
		if err := k.storeItimer(a[2], al, 1000); err != nil {
			return 0, err
		}
	}
	k.arm(al, value, interval)
	return 0, nil
}

func sysAlarm(k *Kernel, t *Thread, a args) (uint64, error) {
	al := &k.timers.itimers[itimerReal]
	left := (k.left(al) + nsPerSecond/2) / nsPerSecond
	if left == 0 && al.armed {
		left = 1
	}
	k.arm(al, int64(uint32(a[0]))*nsPerSecond, 0)
	return uint64(left), nil
}

// Values of sigev_notify.
const (
	sigevSignal   = 0
	sigevNone     = 1
	sigevThread   = 2
	sigevThreadID = 4
)

func sysTimerCreate(k *Kernel, t *Thread, a args) (uint64, error) {
	p := posixTimer{id: k.timers.lastID, sig: SIGALRM, value: uint64(k.timers.lastID)}
	var event [20]byte // struct sigevent
	if a[1] != 0 {
		if err := k.copyIn(event[:], a[1]); err != nil {
			return 0, err
		}
	}
	switch clock := a.int32(0); clock {
	case CLOCK_REALTIME, CLOCK_TAI:
		p.realtime = true
	case CLOCK_MONOTONIC, CLOCK_BOOTTIME:
	case CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM:
		return 0, errno.EPERM
	default:
		al, ok := k.cpuClock(t, clock)
		if !ok {
			return 0, errno.EINVAL
		}
		p.alarm = al
	}
	// A timer reserves the siginfo of its signal (alloc_posix_timer in kernel/time/posix-timers.c).
	if !k.canQueue() || !k.has(account.PosixTimer) {
		return 0, errno.EAGAIN
	}
	if a[1] != 0 {
		p.value, p.sig = le64(event[:]), int32(le32(event[8:]))
		switch le32(event[12:]) {
		case sigevSignal, sigevThread:
		case sigevNone:
			p.sig = 0
		case sigevThreadID:
			p.target = int(int32(le32(event[16:])))
			if k.thread(p.target) == nil {
				return 0, errno.EINVAL
			}
		default:
			return 0, errno.EINVAL
		}
		if le32(event[12:]) != sigevNone && (p.sig < 1 || p.sig > numSignals) {
			return 0, errno.EINVAL
		}
	}
	if err := k.store32(a[2], uint32(p.id)); err != nil {
		return 0, err
	}
	k.timers.lastID++
	k.timers.posix = append(k.timers.posix, p)
	return 0, nil
}

func sysTimerSettime(k *Kernel, t *Thread, a args) (uint64, error) {
	p := k.posixTimer(int(a.int32(0)))
	if p == nil || a[2] == 0 {
		return 0, errno.EINVAL
	}
	interval, err := k.loadTimespec(a[2])
	if err != nil {
		return 0, err
	}
	value, err := k.loadTimespec(a[2] + 16)
	if err != nil {
		return 0, err
	}
	old := p.alarm
	d := value
	if a[1]&timerAbstime != 0 && value != 0 {
		now := k.clockNow(&p.alarm)
		if p.realtime {
			now += Epoch
		}
		d = max(value-now, 1)
	}
	if a[3] != 0 {
		if err := k.storeItimer(a[3], &old, 1); err != nil {
			return 0, err
		}
	}
	k.arm(&p.alarm, d, interval)
	p.missed, p.overrun = 0, 0
	return 0, nil
}

func sysTimerGettime(k *Kernel, t *Thread, a args) (uint64, error) {
	p := k.posixTimer(int(a.int32(0)))
	if p == nil {
		return 0, errno.EINVAL
	}
	return 0, k.storeItimer(a[1], &p.alarm, 1)
}

func sysTimerGetoverrun(k *Kernel, t *Thread, a args) (uint64, error) {
	p := k.posixTimer(int(a.int32(0)))
	if p == nil {
		return 0, errno.EINVAL
	}
	return uint64(p.overrun), nil
}

func sysTimerDelete(k *Kernel, t *Thread, a args) (uint64, error) {
	p := k.posixTimer(int(a.int32(0)))
	if p == nil {
		return 0, errno.EINVAL
	}
	k.timers.setQueued(p, false)
	id := p.id
	k.timers.posix = slices.DeleteFunc(k.timers.posix, func(p posixTimer) bool { return p.id == id })
	return 0, nil
}
