package linux

import (
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Context returns t's registers, wherever they are. The caller must not change them.
func (k *Kernel) Context(t *Thread) *x86.Context {
	if t == k.current {
		return &k.CPU.Context
	}
	return &t.Ctx
}

// Waiting says what a blocked thread waits for, such as "futex 0x5a1c40, until 20000 ns"; it is empty for others.
func (k *Kernel) Waiting(t *Thread) string {
	if !t.blocked {
		return ""
	}
	var what []string
	if t.futex.addr != 0 {
		what = append(what, fmt.Sprintf("futex %#x", t.futex.addr))
	}
	if len(t.keys) > 0 {
		nr := k.Context(t).R[x86.RAX]
		if nr < maxSyscall && table[nr] != nil {
			what = append(what, table[nr].Name)
		}
	}
	if t.deadline != 0 {
		what = append(what, fmt.Sprintf("until %d ns", t.deadline))
	}
	if len(what) == 0 {
		return "a signal"
	}
	return strings.Join(what, ", ")
}

// ThreadsMade returns how many threads there have been.
func (k *Kernel) ThreadsMade() int { return k.lastTID - PID + 1 }

// Calls returns how many system calls have ended.
func (k *Kernel) Calls() uint64 { return k.calls }

// AuxRandom returns the 16 bytes of AT_RANDOM: they depend on the seed alone.
func AuxRandom(seed uint64) (b [16]byte) {
	r := newRandom(seed, "AT_RANDOM")
	r.fill(b[:])
	return b
}
