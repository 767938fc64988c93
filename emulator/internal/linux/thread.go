package linux

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// PID is the process's ID and that of its first thread: fixed, so that runs are alike. Further threads count up from it.
const PID = 1000

// maxThreads is how many threads there may be at once; clone fails with EAGAIN beyond it (RLIMIT_NPROC).
const maxThreads = 32768

// A Thread is a Linux task. All share memory, files and signal handlers.
type Thread struct {
	TID  int
	Born uint64      // the tick at which it was made
	Ctx  x86.Context // valid while the thread does not hold the CPU

	name     string // PR_SET_NAME
	keepCaps bool   // PR_SET_KEEPCAPS
	ticks    uint64 // instructions retired by this thread
	// clearTID is where exit stores 0 and wakes a futex (CLONE_CHILD_CLEARTID, set_tid_address); 0 for nowhere.
	clearTID uint64
	// robust is where the head of the thread's list of robust futexes lies; 0 for nowhere.
	robust uint64
	// affinity is the mask that sched_setaffinity set, bit 0 of byte 0 for processor 0; empty for all processors.
	affinity string

	waiting
	threadSignals
}

// waiting is what a thread knows of the system call that it waits in.
type waiting struct {
	// A blocked thread waits for any of keys, for its futex, for the deadline (ns of Now; forever when 0) or for a signal.
	// When it is woken its system call runs again from the start, with wake saying why; the handler then finds what it
	// waited for, or calls block again, or fails with a restart, EINTR, ETIMEDOUT, ….
	blocked  bool
	keys     []Key
	futex    futexWait
	deadline int64
	order    uint64 // when it began to wait, among all threads

	wake wakeReason
	// inCall says that the system call has begun and not ended: the next thing the thread does is to run it again.
	inCall bool
	// progress is for the handler's own use: it is 0 in a call's first run and then what the handler left there.
	progress uint64
	// restarting says that the call ended with restart, of which the guest must not hear.
	restarting bool
	restart    restart
}

// wakeReason says why a system call runs again.
type wakeReason uint8

const (
	notWoken      wakeReason = iota // first run
	wokenByKey                      // something it waited for may have happened
	wokenByTime                     // the deadline is reached
	wokenBySignal                   // a handler is about to run, or the process about to die
)

// A Key names something a thread can wait for: a pipe that becomes readable, a connection, a child. Keys are small numbers
// and no pointers, so that they survive cloning.
type Key uint64

// block makes the calling thread wait; the handler returns what block returns. deadline is in ns of Now, 0 for none. A
// handler that runs again after a wake-up finds the deadline it had in t.deadline (see deadlineIn).
func (k *Kernel) block(t *Thread, deadline int64, keys ...Key) (uint64, error) {
	if !k.has(len(keys) * account.Key) {
		return 0, errno.ENOMEM
	}
	k.blocks++
	t.blocked, t.deadline, t.keys, t.order = true, deadline, keys, k.blocks
	return 0, errBlocked
}

// wakeKey wakes every thread that waits for the key.
func (k *Kernel) wakeKey(key Key) {
	for _, t := range k.threads {
		if t.blocked && slices.Contains(t.keys, key) {
			t.rouse(wokenByKey)
		}
	}
}

// rouse ends the thread's waiting. Its deadline stays for the handler to see.
func (t *Thread) rouse(why wakeReason) {
	t.blocked, t.keys, t.futex, t.wake = false, nil, futexWait{}, why
}

// deadlineIn returns the deadline of a call that waits for d ns from its first run on; it is never 0.
func (k *Kernel) deadlineIn(t *Thread, d int64) int64 {
	if t.wake != notWoken && t.deadline != 0 {
		return t.deadline
	}
	now := k.Now()
	if d > 1<<62-now {
		return 1 << 62 // 146 years: no tick counter gets there
	}
	return max(now+max(d, 0), 1)
}

// newThread adds a thread with the next free TID.
func (k *Kernel) newThread() *Thread {
	k.lastTID++
	t := &Thread{TID: k.lastTID, Born: k.Tick}
	k.threads = append(k.threads, t)
	return t
}

// thread returns the thread with the TID, or nil.
func (k *Kernel) thread(tid int) *Thread {
	i, ok := slices.BinarySearchFunc(k.threads, tid, func(t *Thread, tid int) int { return t.TID - tid })
	if !ok {
		return nil
	}
	return k.threads[i]
}

// remove takes an exited thread out of the process.
func (k *Kernel) remove(t *Thread) {
	k.threads = slices.DeleteFunc(slices.Clone(k.threads), func(o *Thread) bool { return o == t })
	k.timers.dropped(func(p *posixTimer) bool { return p.target == t.TID })
	if k.current == t {
		k.current, k.turn = nil, 0
	}
}

// exit puts what was stored through shared mappings into their files and ends the process.
func (k *Kernel) exit(s ExitStatus) {
	if !k.exited {
		k.writeBack(0, memory.MaxAddr)
		k.end(s)
	}
}

// end ends the process. Its threads stay as they were at the last moment, to be looked at.
func (k *Kernel) end(s ExitStatus) {
	if !k.exited {
		k.exited, k.status = true, s
	}
}

// exitCall is exit at the end of a system call of t.
func (k *Kernel) exitCall(t *Thread, s ExitStatus) (uint64, error) {
	return k.inSteps(t, func() (uint64, error) {
		k.end(s)
		return 0, errNoReturn
	}, k.writingBack(0, memory.MaxAddr, nil))
}

// State says "running", "runnable" or "blocked".
func (k *Kernel) State(t *Thread) string {
	switch {
	case t == k.current && !t.blocked:
		return "running"
	case t.blocked:
		return "blocked"
	}
	return "runnable"
}
