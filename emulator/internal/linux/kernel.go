// Package linux is the kernel of the guest: one process, its threads, signals, files and clock, driven by the number of
// instructions retired. It never reads the host's clock and reaches the host only through Config.
package linux

import (
	"io"

	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// A Kernel is the whole state of the guest except memory, which it shares with the CPU. It is a plain value graph: no
// goroutines, no channels, no closures that capture state, so that it can be cloned (snapshot) and hashed.
type Kernel struct {
	Mem *memory.Space
	CPU *x86.CPU

	// Tick is the number of instructions retired by all threads.
	Tick uint64
	// skew is how far guest time has run ahead of the tick, in ns: one tick is one ns, and when every thread waits, time
	// jumps to the next deadline.
	skew uint64

	threads []*Thread // by TID; exited ones are removed
	current *Thread   // whose context the CPU holds

	files *fileTable // the process's descriptors, file tree, sockets: see files.go
	out   io.Writer
}

// Now returns the guest's monotonic time in ns.
func (k *Kernel) Now() int64 { return int64(k.Tick + k.skew) }

// A Key names something a thread can wait for: a pipe that becomes readable, a futex word, a child. Keys of objects come
// from newKey; they are small numbers, so that they survive cloning.
type Key uint64

// A Thread is a Linux task. All share memory, files and signal handlers.
type Thread struct {
	TID int
	Ctx x86.Context // valid while the thread does not hold the CPU

	// A blocked thread waits for any of keys, for the deadline (ns of Now; forever when 0) or for a signal. When it is
	// woken its system call runs again from the start, with wake saying why; the handler then finds what it waited
	// for, or calls block again, or returns EINTR, ETIMEDOUT, ….
	blocked  bool
	keys     []Key
	deadline int64
	wake     wakeReason
}

// wakeReason says why a system call runs again.
type wakeReason uint8

const (
	notWoken    wakeReason = iota // first run
	wokenByKey                    // something it waited for may have happened
	wokenByTime                   // the deadline is reached
	wokenBySignal
)

// block makes the calling thread wait; the handler returns what block returns. deadline is in ns of Now, 0 for none. A
// handler that runs again after a wake-up keeps the deadline it had: t.deadline is still set then.
func (k *Kernel) block(t *Thread, deadline int64, keys ...Key) (uint64, error) {
	t.blocked, t.deadline, t.keys = true, deadline, keys
	return 0, errBlocked
}
