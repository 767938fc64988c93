package linux

import (
	"math"
	"slices"
)

// A clockKind is what a timer counts.
type clockKind uint8

const (
	wallClock    clockKind = iota // Now; a realtime clock is the same plus a constant
	processClock                  // instructions retired by the process, a ns each
	threadClock                   // instructions retired by one thread
)

// An alarm is a moment on a clock at which something happens, once or again and again. Times are in ns.
type alarm struct {
	clock    clockKind
	tid      int // whose clock, for threadClock
	next     int64
	interval int64
	armed    bool
}

// A posixTimer is what timer_create makes.
type posixTimer struct {
	alarm
	id int
	// sig is the signal to send, 0 for none (SIGEV_NONE); target is the thread to send it to, 0 for the process.
	sig    int32
	target int
	value  uint64
	// queued says that the signal is pending, whatever is done to the timer meanwhile: a timer has only one siginfo. missed
	// counts the expirations since, which become the overrun when it is taken.
	queued          bool
	missed, overrun int64
	realtime        bool
}

// Numbers of the interval timers (setitimer).
const (
	itimerReal = iota
	itimerVirtual
	itimerProf
)

var itimerSignals = [3]int32{SIGALRM, SIGVTALRM, SIGPROF}

// timerTable holds the process's interval and POSIX timers.
type timerTable struct {
	itimers [3]alarm
	posix   []posixTimer // by ID
	lastID  int
	queued  int // of the posix ones: whose signal is pending
}

// setQueued notes whether the timer's signal is pending.
func (tt *timerTable) setQueued(p *posixTimer, queued bool) {
	switch {
	case queued && !p.queued:
		tt.queued++
	case !queued && p.queued:
		tt.queued--
	}
	p.queued = queued
}

// dropped tells the timers of those for which gone is true that their signal, if it was pending, is no more.
func (tt *timerTable) dropped(gone func(*posixTimer) bool) {
	for i := range tt.posix {
		if p := &tt.posix[i]; p.queued && gone(p) {
			tt.setQueued(p, false)
			p.missed = 0
		}
	}
}

// next returns the earliest expiration on the wall clock, or MaxInt64.
func (tt *timerTable) next() int64 {
	next := int64(math.MaxInt64)
	see := func(a *alarm) {
		if a.armed && a.clock == wallClock {
			next = min(next, a.next)
		}
	}
	for i := range tt.itimers {
		see(&tt.itimers[i])
	}
	for i := range tt.posix {
		see(&tt.posix[i].alarm)
	}
	return next
}

// clockNow returns the time on the alarm's clock. The clock of an exited thread stands still.
func (k *Kernel) clockNow(a *alarm) int64 {
	switch a.clock {
	case processClock:
		return int64(k.Tick)
	case threadClock:
		if t := k.thread(a.tid); t != nil {
			return int64(t.ticks)
		}
		return 0
	}
	return k.Now()
}

// nextCPUTimer returns how many more instructions of t it takes until a timer of CPU time expires.
func (k *Kernel) nextCPUTimer(t *Thread) (uint64, bool) {
	left := int64(math.MaxInt64)
	see := func(a *alarm) {
		if a.armed && (a.clock == processClock || a.clock == threadClock && a.tid == t.TID) {
			left = min(left, a.next-k.clockNow(a))
		}
	}
	for i := range k.timers.itimers {
		see(&k.timers.itimers[i])
	}
	for i := range k.timers.posix {
		see(&k.timers.posix[i].alarm)
	}
	return uint64(left), left != math.MaxInt64
}

// expired says how often the alarm has gone off by now, and winds it up again.
func (k *Kernel) expired(a *alarm) (times int64) {
	if !a.armed {
		return 0
	}
	late := k.clockNow(a) - a.next
	if late < 0 {
		return 0
	}
	if a.interval == 0 {
		a.armed = false
		return 1
	}
	times = 1 + late/a.interval
	a.next += times * a.interval
	return times
}

// fireTimers sends the signals of the timers that have expired.
func (k *Kernel) fireTimers() {
	for i := range k.timers.itimers {
		if k.expired(&k.timers.itimers[i]) > 0 {
			k.send(nil, siginfo{Signo: itimerSignals[i], Code: SI_KERNEL})
		}
	}
	for i := range k.timers.posix {
		p := &k.timers.posix[i]
		if n := k.expired(&p.alarm); n > 0 {
			k.firePosix(p, n)
		}
	}
}

// firePosix sends the timer's signal for n expirations.
func (k *Kernel) firePosix(p *posixTimer, n int64) {
	if p.sig == 0 {
		return
	}
	if p.queued {
		p.missed += n
		return
	}
	var to *Thread
	if p.target != 0 {
		if to = k.thread(p.target); to == nil {
			return
		}
	}
	info := siginfo{Signo: p.sig, Code: SI_TIMER}
	info.Fields[0], info.Fields[1] = uint64(uint32(p.id)), p.value
	if sent, _ := k.trySend(to, info, true); sent {
		k.timers.setQueued(p, true)
		p.missed = n - 1
	}
}

// timerTaken completes the siginfo of a POSIX timer's signal that a thread takes.
func (k *Kernel) timerTaken(info *siginfo) {
	if p := k.posixTimer(int(int32(info.Fields[0]))); p != nil && p.queued {
		k.timers.setQueued(p, false)
		p.overrun = min(p.missed, math.MaxInt32)
		info.Fields[0] |= uint64(p.overrun) << 32
	}
}

// posixTimer returns the timer with the ID, or nil.
func (k *Kernel) posixTimer(id int) *posixTimer {
	i, ok := slices.BinarySearchFunc(k.timers.posix, id, func(p posixTimer, id int) int { return p.id - id })
	if !ok {
		return nil
	}
	return &k.timers.posix[i]
}

// left returns how long it takes until the alarm goes off, 0 if it is not armed.
func (k *Kernel) left(a *alarm) int64 {
	if !a.armed {
		return 0
	}
	return max(a.next-k.clockNow(a), 1)
}

// arm sets the alarm to go off in d ns, or never if d is 0.
func (k *Kernel) arm(a *alarm, d, interval int64) {
	a.armed, a.interval = d > 0, interval
	a.next = 0
	if a.armed {
		a.next = addTime(k.clockNow(a), d)
	}
}
