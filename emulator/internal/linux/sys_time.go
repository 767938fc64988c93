package linux

import (
	"math"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Clocks (include/uapi/linux/time.h).
const (
	CLOCK_REALTIME           = 0
	CLOCK_MONOTONIC          = 1
	CLOCK_PROCESS_CPUTIME_ID = 2
	CLOCK_THREAD_CPUTIME_ID  = 3
	CLOCK_BOOTTIME           = 7

	TIMER_ABSTIME = 1
)

// timespec reads a struct timespec as ns.
func (k *Kernel) timespec(addr uint64) (int64, error) {
	sec, err := k.load64(addr)
	if err != nil {
		return 0, err
	}
	ns, err := k.load64(addr + 8)
	if err != nil {
		return 0, err
	}
	if int64(sec) < 0 || ns >= 1e9 {
		return 0, errno.EINVAL
	}
	if int64(sec) > math.MaxInt64/1_000_000_000-1 {
		return math.MaxInt64, nil
	}
	return int64(sec)*1e9 + int64(ns), nil
}

// timeval reads a struct timeval as ns.
func (k *Kernel) timeval(addr uint64) (int64, error) {
	sec, err := k.load64(addr)
	if err != nil {
		return 0, err
	}
	us, err := k.load64(addr + 8)
	if err != nil {
		return 0, err
	}
	if int64(sec) < 0 || us >= 1e6 {
		return 0, errno.EINVAL
	}
	if int64(sec) > math.MaxInt64/1_000_000_000-1 {
		return math.MaxInt64, nil
	}
	return int64(sec)*1e9 + int64(us)*1e3, nil
}

// addTime adds times that are not negative; what would overflow is forever.
func addTime(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// putTimes stores times as structs timespec one behind the other.
func (k *Kernel) putTimes(addr uint64, times ...int64) error {
	var w []uint64
	for _, t := range times {
		w = append(w, uint64(t/1e9), uint64(t%1e9))
	}
	return k.storeWords(addr, w...)
}

// clock returns the time of a clock in ns.
func (k *Kernel) clock(t *Thread, id int32) (int64, error) {
	switch id {
	case CLOCK_REALTIME, 5, 11: // also REALTIME_COARSE, TAI
		return k.realtime(), nil
	case CLOCK_MONOTONIC, 4, 6, CLOCK_BOOTTIME: // also MONOTONIC_RAW, MONOTONIC_COARSE
		return k.Now(), nil
	case CLOCK_PROCESS_CPUTIME_ID:
		return int64(k.Tick), nil
	case CLOCK_THREAD_CPUTIME_ID:
		return int64(t.ticks), nil
	}
	return 0, errno.EINVAL
}

func sysClockGettime(k *Kernel, t *Thread, a args) (uint64, error) {
	now, err := k.clock(t, int32(a[0]))
	if err != nil {
		return 0, err
	}
	return 0, k.putTimes(a[1], now)
}

func sysClockGetres(k *Kernel, t *Thread, a args) (uint64, error) {
	if _, err := k.clock(t, int32(a[0])); err != nil {
		return 0, err
	}
	if a[1] == 0 {
		return 0, nil
	}
	return 0, k.putTimes(a[1], 1)
}

func sysGettimeofday(k *Kernel, t *Thread, a args) (uint64, error) {
	if a[0] != 0 {
		now := k.realtime()
		if err := k.storeWords(a[0], uint64(now/1e9), uint64(now%1e9/1e3)); err != nil {
			return 0, err
		}
	}
	if a[1] != 0 {
		return 0, k.store64(a[1], 0) // struct timezone: UTC
	}
	return 0, nil
}

func sysTime(k *Kernel, t *Thread, a args) (uint64, error) {
	now := uint64(k.realtime() / 1e9)
	if a[0] != 0 {
		if err := k.store64(a[0], now); err != nil {
			return 0, err
		}
	}
	return now, nil
}

func sysNanosleep(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.sleep(t, CLOCK_MONOTONIC, false, a[0], a[1])
}

func sysClockNanosleep(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.sleep(t, int32(a[0]), a[1]&TIMER_ABSTIME != 0, a[2], a[3])
}

func (k *Kernel) sleep(t *Thread, clock int32, absolute bool, request, remain uint64) (uint64, error) {
	switch t.wake {
	case wokenByTime:
		return 0, nil
	case wokenBySignal:
		if remain != 0 && !absolute {
			if err := k.putTimes(remain, max(t.deadline-k.Now(), 0)); err != nil {
				return 0, err
			}
		}
		return 0, restartNoHand
	}
	d, err := k.timespec(request)
	if err != nil {
		return 0, err
	}
	switch clock {
	case CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, 11:
	case CLOCK_PROCESS_CPUTIME_ID:
		return 0, errno.ENOTSUP
	default:
		return 0, errno.EINVAL
	}
	deadline := d
	switch {
	case !absolute:
		deadline = k.deadlineIn(t, d)
	case clock == CLOCK_REALTIME || clock == 11:
		deadline -= Epoch
	}
	if deadline <= k.Now() {
		return 0, nil
	}
	return k.block(t, deadline)
}

func init() {
	register(
		supported(35, "nanosleep", sysNanosleep, Timespec, Ptr),
		supported(96, "gettimeofday", sysGettimeofday, Ptr, Ptr),
		supported(201, "time", sysTime, Ptr),
		supported(228, "clock_gettime", sysClockGettime, Int, Ptr),
		supported(229, "clock_getres", sysClockGetres, Int, Ptr),
		supported(230, "clock_nanosleep", sysClockNanosleep, Int, Int, Timespec, Ptr),
	)
}
