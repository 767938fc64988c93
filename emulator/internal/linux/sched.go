package linux

import (
	"math"

	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// A StopReason says why Run came back.
type StopReason uint8

// The reasons for which Run comes back.
const (
	StopTick     StopReason = iota // the tick asked for is reached
	StopBreak                      // the current thread is at a breakpoint
	StopWatch                      // watched memory was touched: see Stop.Hit
	StopExit                       // the process has ended
	StopCanceled                   // stop returned true
	StopDeadlock                   // every thread waits and nothing can wake one, ever
	StopTurn                       // another thread than before has the CPU
	StopSyscall                    // a SYSCALL instruction was retired
	StopMaxTicks                   // as much is spent as MaxTicks allows
)

// Stops are events of the kernel's that Run can be asked to stop for.
type Stops struct {
	Turns    bool // the CPU goes to another thread
	Syscalls bool // a SYSCALL instruction has been retired, whether its call has ended or waits
}

// A Hit is an access to watched memory.
type Hit struct {
	x86.Hit
	// PC and TID are the instruction's and its thread's. For a system call, PC is that of the SYSCALL instruction.
	PC  uint64
	TID int
	// Syscall says that the kernel touched the memory: in a system call, or to deliver a signal.
	Syscall bool
}

// A Stop is why a run stopped, and which thread is next to run which instruction.
type Stop struct {
	Reason StopReason
	TID    int
	PC     uint64
	Hit    Hit
}

// The length of a turn, in instructions, lies in [minTurn, minTurn+turnSpread). It is short enough for a thread that spins
// to be no bother and long enough for the switch to cost nothing.
const (
	minTurn    = 20_000
	turnSpread = 30_000
)

// Run runs the guest until tick until, its end, a breakpoint, a watched access, or until stop (which may be nil) returns
// true; it asks stop once a turn and once a slice, so that it may stop inside an instruction: see Unfinished. Where it stops
// has no influence on what happens afterwards. On return all that was due at the tick has been done (timers, wake-ups, choice
// of the next thread, delivery of signals), so that the next thing to happen is an instruction of the current thread, or the
// rest of one.
//
// At a breakpoint Run stops again and again; CPU.Pass lets it go on.
func (k *Kernel) Run(stop func() bool, until uint64) Stop {
	had := k.last
	k.called = false
	for {
		if why, ok := k.settle(stop); !ok {
			return k.stopped(why)
		}
		if k.hit != nil && !k.unfinished.begun {
			s := k.stopped(StopWatch)
			s.Hit, k.hit = *k.hit, nil
			return s
		}
		if k.called && k.Stops.Syscalls {
			return k.stopped(StopSyscall)
		}
		if k.last != had && k.Stops.Turns {
			return k.stopped(StopTurn)
		}
		if k.Tick >= until {
			return k.stopped(StopTick)
		}
		if k.exhausted() {
			return k.stopped(StopMaxTicks)
		}
		if stop != nil && stop() {
			return k.stopped(StopCanceled)
		}
		if k.advance(k.budget(until)) {
			return k.stopped(StopBreak)
		}
	}
}

// advance lets the current thread execute at most budget instructions and does what the last of them asks for. It says
// whether a breakpoint was reached.
func (k *Kernel) advance(budget uint64) (atBreak bool) {
	ran, why := k.run(budget)
	switch why {
	case x86.ExitSyscall:
		k.syscall(k.current)
		k.called = !k.unfinished.begun
	case x86.ExitPause:
		k.yield()
	case x86.ExitTrap:
		k.trap(k.current)
	case x86.ExitBreak:
		// With the budget used up something else may come before the instruction at the breakpoint.
		return ran < budget
	}
	return false
}

// retire counts n instructions of the current thread.
func (k *Kernel) retire(n uint64) {
	k.Tick += n
	k.turn -= min(n, k.turn)
	k.current.ticks += n
}

// stopped describes where the guest is.
func (k *Kernel) stopped(why StopReason) Stop {
	s := Stop{Reason: why}
	if k.current != nil {
		s.TID, s.PC = k.current.TID, k.CPU.RIP
	}
	return s
}

// settle does all that happens between two instructions, until the current thread can execute one. Doing it twice is doing
// it once.
func (k *Kernel) settle(stop func() bool) (why StopReason, ok bool) {
	if k.unfinished.begun { // all that is due at this tick has been done
		return 0, true
	}
	for leaps := 0; ; {
		if k.exited {
			return StopExit, false
		}
		k.expire()
		t := k.current
		if t == nil || k.turn == 0 || !k.ready(t) {
			if t = k.next(); t == nil {
				if !k.leap() {
					return StopDeadlock, false
				}
				if leaps++; leaps > 1 { // a timer that wakes nobody: one call that waits for ever
					k.slices++
				}
				if k.exhausted() {
					return StopMaxTicks, false
				}
				if stop != nil && stop() {
					return StopCanceled, false
				}
				continue
			}
			k.switchTo(t)
		}
		switch {
		case t.blocked: // ready because of a signal
			t.rouse(wokenBySignal)
			k.syscall(t)
		case t.inCall:
			k.syscall(t)
		case k.signalDue(t):
			k.deliver(t)
		default:
			return 0, true
		}
	}
}

// ready says whether the thread could use the CPU.
func (k *Kernel) ready(t *Thread) bool { return !t.blocked || k.signalDue(t) }

// next returns the thread whose turn comes after the last one's: they take turns by TID. It returns nil if all wait.
func (k *Kernel) next() *Thread {
	var first *Thread
	for _, t := range k.threads {
		if !k.ready(t) {
			continue
		}
		if t.TID > k.last {
			return t
		}
		if first == nil {
			first = t
		}
	}
	return first
}

// switchTo gives the CPU to t for a turn.
func (k *Kernel) switchTo(t *Thread) {
	if k.current != t {
		k.save()
		k.CPU.Context = t.Ctx
		k.current = t
	}
	k.last = t.TID
	k.turn = minTurn + k.turns.below(turnSpread)
}

// save stores the registers of the thread that holds the CPU in its Ctx.
func (k *Kernel) save() {
	if k.current != nil && k.CPU != nil {
		k.current.Ctx = k.CPU.Context
	}
}

// yield ends the turn of the current thread if another one could use the CPU.
func (k *Kernel) yield() {
	for _, t := range k.threads {
		if t != k.current && k.ready(t) {
			k.turn = 0
			return
		}
	}
}

// budget returns how many instructions the current thread may execute before something else is due.
func (k *Kernel) budget(until uint64) uint64 {
	n := min(until-k.Tick, k.turn)
	if k.MaxTicks != 0 {
		n = min(n, k.MaxTicks-k.Spent())
	}
	if d, ok := k.nextDeadline(); ok {
		n = min(n, uint64(d-k.Now()))
	}
	if d, ok := k.nextCPUTimer(k.current); ok {
		n = min(n, d)
	}
	return n
}

// nextDeadline returns the earliest moment, in ns of Now, at which something happens by itself.
func (k *Kernel) nextDeadline() (int64, bool) {
	next := int64(math.MaxInt64)
	for _, t := range k.threads {
		if t.blocked && t.deadline != 0 {
			next = min(next, t.deadline)
		}
	}
	next = min(next, k.timers.next())
	return next, next != math.MaxInt64
}

// expire wakes the threads whose deadline has come and fires the timers that are due.
func (k *Kernel) expire() {
	now := k.Now()
	for _, t := range k.threads {
		if t.blocked && t.deadline != 0 && t.deadline <= now {
			t.rouse(wokenByTime)
		}
	}
	k.fireTimers()
}

// leap advances the clock to the next deadline, as all threads wait. It returns false if there is none.
func (k *Kernel) leap() bool {
	d, ok := k.nextDeadline()
	if !ok {
		return false
	}
	if now := k.Now(); d > now {
		k.skew += uint64(d - now)
	}
	return true
}
