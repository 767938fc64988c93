package linux

import (
	"math"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Epoch is the guest's wall-clock time at tick 0, in ns since 1970: 2026-01-01T00:00:00Z. It is the same in every run, as
// the clock must be a function of the tick alone.
const Epoch = 1767225600 * nsPerSecond

const nsPerSecond = 1_000_000_000

// Now returns the guest's monotonic time in ns.
func (k *Kernel) Now() int64 { return int64(k.Tick + k.skew) }

// realtime returns the guest's wall-clock time in ns since 1970.
func (k *Kernel) realtime() int64 { return Epoch + k.Now() }

// addTime adds two times, of which the second is not negative, and stops at the end of time.
func addTime(a, b int64) int64 {
	if b > math.MaxInt64-1-max(a, 0) {
		return math.MaxInt64 - 1
	}
	return a + b
}

// The clocks (include/uapi/linux/time.h).
const (
	CLOCK_REALTIME           = 0
	CLOCK_MONOTONIC          = 1
	CLOCK_PROCESS_CPUTIME_ID = 2
	CLOCK_THREAD_CPUTIME_ID  = 3
	CLOCK_MONOTONIC_RAW      = 4
	CLOCK_REALTIME_COARSE    = 5
	CLOCK_MONOTONIC_COARSE   = 6
	CLOCK_BOOTTIME           = 7
	CLOCK_REALTIME_ALARM     = 8
	CLOCK_BOOTTIME_ALARM     = 9
	CLOCK_TAI                = 11
)

var clockNames = map[uint64]string{
	CLOCK_REALTIME: "CLOCK_REALTIME", CLOCK_MONOTONIC: "CLOCK_MONOTONIC", CLOCK_PROCESS_CPUTIME_ID: "CLOCK_PROCESS_CPUTIME_ID",
	CLOCK_THREAD_CPUTIME_ID: "CLOCK_THREAD_CPUTIME_ID", CLOCK_MONOTONIC_RAW: "CLOCK_MONOTONIC_RAW",
	CLOCK_REALTIME_COARSE: "CLOCK_REALTIME_COARSE", CLOCK_MONOTONIC_COARSE: "CLOCK_MONOTONIC_COARSE",
	CLOCK_BOOTTIME: "CLOCK_BOOTTIME", CLOCK_TAI: "CLOCK_TAI",
}

// readClock returns what the clock shows to thread t, in ns.
func (k *Kernel) readClock(t *Thread, clock int32) (int64, error) {
	switch clock {
	case CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_TAI, CLOCK_REALTIME_ALARM:
		return k.realtime(), nil
	case CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM:
		return k.Now(), nil
	case CLOCK_PROCESS_CPUTIME_ID:
		return int64(k.Tick), nil
	case CLOCK_THREAD_CPUTIME_ID:
		return int64(t.ticks), nil
	}
	if a, ok := k.cpuClock(t, clock); ok {
		return k.clockNow(&a), nil
	}
	return 0, errno.EINVAL
}

// cpuClock decodes the clocks of CPU time, among them those that clock_getcpuclockid and pthread_getcpuclockid make: ~ID in
// the upper bits, bit 2 for a thread, the kind of time below (kernel/time/posix-cpu-timers.c).
func (k *Kernel) cpuClock(t *Thread, clock int32) (alarm, bool) {
	switch clock {
	case CLOCK_PROCESS_CPUTIME_ID:
		return alarm{clock: processClock}, true
	case CLOCK_THREAD_CPUTIME_ID:
		return alarm{clock: threadClock, tid: t.TID}, true
	}
	if clock >= 0 || clock&3 == 3 {
		return alarm{}, false
	}
	id := int(^(clock >> 3))
	if clock&4 != 0 {
		if id == 0 {
			id = t.TID
		}
		return alarm{clock: threadClock, tid: id}, k.thread(id) != nil
	}
	return alarm{clock: processClock}, id == 0 || id == PID
}

// loadTimespec returns the struct timespec at addr in ns; EINVAL if it is negative or not normalised.
func (k *Kernel) loadTimespec(addr uint64) (int64, error) { return k.loadTime(addr, nsPerSecond) }

// loadTimeval is loadTimespec for struct timeval.
func (k *Kernel) loadTimeval(addr uint64) (int64, error) { return k.loadTime(addr, 1_000_000) }

func (k *Kernel) storeTimespec(addr uint64, ns int64) error {
	return k.storeWords(addr, uint64(ns/nsPerSecond), uint64(ns%nsPerSecond))
}
