package lessons

import (
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator"
)

// A Refusal is the first system call of a machine for which its memory limit had no room, if there is one. Note is to be told
// of every system call (emulator.Machine.OnSyscall).
type Refusal struct{ first *emulator.Syscall }

// Note takes note of a system call. A machine may tell of one again, when it has gone back.
func (r *Refusal) Note(c emulator.Syscall) {
	if c.NoRoom && (r.first == nil || c.Tick < r.first.Tick) {
		r.first = &c
	}
}

// By says whether a system call has been refused for want of room by the tick.
func (r *Refusal) By(tick uint64) bool { return r.first != nil && r.first.Tick <= tick }

// Advise makes err, if it is the *EndedError of a boot that failed after such a call, advise to allow the program more than
// limit bytes. how says in which way: "with -mem", "用 -mem ".
func (r *Refusal) Advise(err error, limit uint64, how Text) {
	ended, ok := errors.AsType[*EndedError](err)
	if !ok || ended.Waiting != "" || ended.Status.Status() == 0 || !r.By(ended.Tick) {
		return
	}
	ended.Advice = Text{
		fmt.Sprintf("%s had got no memory (%s) at tick %d: allow the program more than %s %s", r.first.Name, r.first.ErrnoName(), r.first.Tick, mebibytes(limit), how.En),
		fmt.Sprintf("此前 %s 在时刻 %d 没有得到内存（%s）：请%s给程序多于 %s 的内存", r.first.Name, r.first.Tick, r.first.ErrnoName(), how.Zh, mebibytes(limit)),
	}
}

// mebibytes is a number of bytes in MiB, rounded up.
func mebibytes(n uint64) string {
	mib := n >> 20
	if n%(1<<20) != 0 {
		mib++
	}
	return fmt.Sprintf("%d MiB", mib)
}
