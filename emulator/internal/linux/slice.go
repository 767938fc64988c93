package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Work that the guest asks for with one instruction or one system call, of whatever size, is done in slices, so that Run
// can come back between two of them. Nothing else happens in the guest meanwhile: to the guest an instruction and a call are
// as indivisible as ever. A slice is x86's share of a repeated instruction, or at most sliceBytes bytes or sliceSteps steps
// of a call.
const (
	sliceBytes = 1 << 20
	sliceSteps = 1 << 16
	slicePages = sliceBytes / memory.PageSize
)

// SliceTicks is what each slice beyond an instruction's first counts against MaxTicks. It is no time: Tick stays.
const SliceTicks = 10_000

// unfinished is the instruction of the current thread that has had a slice and needs more. Tick and registers are those
// before it, except what the slices have changed. A call goes on from its thread's progress.
type unfinished struct {
	begun bool
	call  bool // it is SYSCALL
	// hit is the first watched access of a string instruction. The rest of the instruction runs unwatched.
	hit *Hit
}

// errSliced is what a handler returns that has done a slice of its work and is to run again.
var errSliced = slicedError{}

type slicedError struct{}

func (slicedError) Error() string { return "more to do" }

// slice ends a slice of the thread's call, of which progress says how far it is: the handler returns errSliced if slice
// returns true. A call that has waited is past the moment at which it could be taken back: it goes on at once. What is left
// of it then is no more than a pipe or socket holds.
func (t *Thread) slice(progress uint64) bool {
	if t.wake != notWoken {
		return false
	}
	t.progress = progress
	return true
}

// A task is the work of a call that goes on over slices: steps, one after the other, and then the result. It exists only while
// its call is unfinished, so it is no part of what a copy of the kernel holds.
type task struct {
	steps  []stepFunc
	result func() (uint64, error)
}

// A stepFunc is a step: a part of a task. A call of it does at most a slice, and says whether the step is done.
type stepFunc func() (done bool)

// once is a step that is done at once.
func once(do func()) stepFunc {
	return func() bool {
		do()
		return true
	}
}

// inSteps does the steps, and returns what result returns then. Each call of a step that leaves it undone ends a slice. Only a
// call that cannot wait may use it.
func (k *Kernel) inSteps(t *Thread, result func() (uint64, error), steps ...stepFunc) (uint64, error) {
	k.work = &task{steps, result}
	return k.goOn(t)
}

// goOn does the next slice of the call's task.
func (k *Kernel) goOn(t *Thread) (uint64, error) {
	w := k.work
	for len(w.steps) > 0 {
		if w.steps[0]() {
			w.steps = w.steps[1:]
		} else if t.slice(0) {
			return 0, errSliced
		}
	}
	k.work = nil
	return w.result()
}

// takeBack makes it as if the SYSCALL had not been executed, after a slice of its call.
func (k *Kernel) takeBack(t *Thread) {
	k.CPU.Unenter()
	k.Tick--
	k.turn++
	t.ticks--
	k.sliced()
	k.unfinished.call = true
}

// sliced notes that the current instruction needs another slice.
func (k *Kernel) sliced() {
	k.unfinished.begun = true
	k.slices++
}

// Unfinished says whether the current thread is inside an instruction, which Run goes on with. There is no copying a kernel
// then: that part of the state which is the host's is not copied.
func (k *Kernel) Unfinished() bool { return k.unfinished.begun }

// UnfinishedIn says inside what the current thread is, or nothing.
func (k *Kernel) UnfinishedIn() string {
	switch {
	case !k.unfinished.begun:
		return ""
	case k.unfinished.call:
		return "system call " + syscallName(k.CPU.R[x86.RAX])
	}
	return "a repeated string instruction"
}

// Spent returns what counts against MaxTicks: the instructions retired and SliceTicks for each slice beyond an
// instruction's first.
func (k *Kernel) Spent() uint64 { return k.Tick + k.slices*SliceTicks }

// exhausted says whether all that MaxTicks allows is spent.
func (k *Kernel) exhausted() bool { return k.MaxTicks != 0 && k.Spent() >= k.MaxTicks }

// run lets the current thread execute at most budget instructions, and the last of them unwatched if it touches watched
// memory. It returns how many instructions it retired last and why it stopped.
func (k *Kernel) run(budget uint64) (ran uint64, why x86.Exit) {
	if k.unfinished.begun {
		k.CPU.Pass()
	}
	hit := k.unfinished.hit
	if hit == nil {
		ran, why = k.CPU.Run(budget)
		k.retire(ran)
		if why == x86.ExitWatch {
			hit = &Hit{Hit: k.CPU.Hit, PC: k.CPU.RIP, TID: k.current.TID}
		}
	}
	if hit != nil {
		k.Mem.Unwatched(func() {
			k.CPU.Pass()
			ran, why = k.CPU.Run(1)
		})
		k.retire(ran)
		if ran == 1 {
			k.hit = hit
		}
	}
	k.unfinished = unfinished{}
	if why == x86.ExitSlice {
		k.unfinished.hit = hit
		k.sliced()
	}
	return ran, why
}
