package linux

import (
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// args are the six arguments of a system call: rdi, rsi, rdx, r10, r8, r9.
type args [6]uint64

// int32 returns argument i as the C int that most calls declare.
func (a args) int32(i int) int32 { return int32(a[i]) }

// fd returns argument i as a file descriptor: an int, so that the upper half of the register does not count.
func (a args) fd(i int) int { return int(int32(a[i])) }

// A handler does a system call for thread t, which is the one that the CPU holds. It returns the result, or an
// errno.Errno, or what block returns, or a restart, or errSliced. A handler that blocked runs again from the start after the
// wake-up, so it must not change anything before it knows that it need not wait.
type handler func(k *Kernel, t *Thread, a args) (uint64, error)

// Level says how much of a system call there is.
type Level uint8

// The levels of support.
const (
	Supported Level = iota // behaves as in Linux, as far as one process can tell
	Partial                // works for what its Note does not exclude
	Refused                // always fails, for the reason in its Note
)

func (l Level) String() string { return [...]string{"supported", "partial", "refused"}[l] }

// A Syscall is a row of the table of system calls: dispatcher, log and documentation read the same rows.
type Syscall struct {
	Nr    int
	Name  string
	Level Level
	// Note says in one sentence what differs from Linux; it is empty if nothing does.
	Note    string
	run     handler
	formats []Arg
}

// syscallLen is the length of the SYSCALL instruction in bytes.
const syscallLen = 2

// maxSyscall is above every number in use: clone3 and its like end at 462 in Linux 6.8.
const maxSyscall = 512

// table holds the system calls by number.
var table [maxSyscall]*Syscall

// register adds rows to the table. Each area's file calls it from its init: a plain variable could not mention handlers
// that mention the table.
func register(rows ...Syscall) {
	for i := range rows {
		r := &rows[i]
		if table[r.Nr] != nil {
			panic(fmt.Sprintf("linux: system call %d is in the table twice", r.Nr))
		}
		table[r.Nr] = r
	}
}

// supported is a row for a call that behaves as in Linux.
func supported(nr int, name string, run handler, formats ...Arg) Syscall {
	return Syscall{Nr: nr, Name: name, run: run, formats: formats}
}

// partial is a row for a call of which note says what differs.
func partial(nr int, name string, run handler, note string, formats ...Arg) Syscall {
	return Syscall{Nr: nr, Name: name, Level: Partial, Note: note, run: run, formats: formats}
}

// refused is a row for a call that always fails with e; note says why.
func refused(nr int, name string, e errno.Errno, note string, formats ...Arg) Syscall {
	run := func(*Kernel, *Thread, args) (uint64, error) { return 0, e }
	return Syscall{Nr: nr, Name: name, Level: Refused, Note: note, run: run, formats: formats}
}

// Syscalls returns the table in order of number.
func Syscalls() []Syscall {
	var out []Syscall
	for _, s := range table {
		if s != nil {
			out = append(out, *s)
		}
	}
	return out
}

// syscall does the system call that the current thread's registers ask for: for the first time, or again after a wake-up.
// It costs no tick: the SYSCALL instruction has been retired.
func (k *Kernel) syscall(t *Thread) {
	c := k.CPU
	nr := c.R[x86.RAX]
	a := args{c.R[x86.RDI], c.R[x86.RSI], c.R[x86.RDX], c.R[x86.R10], c.R[x86.R8], c.R[x86.R9]}
	var row *Syscall
	if nr < maxSyscall {
		row = table[nr]
	}
	refusals := k.account.Refusals()
	ret, err := uint64(0), error(errno.ENOSYS)
	if k.work != nil {
		ret, err = k.goOn(t)
	} else if row != nil {
		ret, err = row.run(k, t, a)
	} else {
		k.reportOnce(fmt.Sprint("syscall ", nr), fmt.Sprintf("system call %s (number %d) is not implemented: ENOSYS (pc %#x, tick %d)", syscallName(nr), nr, c.RIP-syscallLen, k.Tick))
	}
	switch err {
	case errBlocked:
		t.inCall = true
		return
	case errSliced:
		k.takeBack(t)
		return
	}
	k.calls++
	t.waiting = waiting{}
	if t.hasSaved && err != errno.EINTR && !isRestart(err) {
		t.mask, t.hasSaved = t.saved, false
	}
	if k.OnSyscall != nil {
		k.tellSyscall(t, row, nr, a, ret, err, k.account.Refusals() != refusals)
	}
	var e errno.Errno
	var again restart
	switch {
	case err == nil:
		c.R[x86.RAX] = ret
	case err == errNoReturn:
	case errors.As(err, &e):
		c.R[x86.RAX] = negative(e)
	case errors.As(err, &again):
		t.restart, t.restarting = again, true
	default:
		k.report(fmt.Sprintf("system call %s failed without an errno: %v", syscallName(nr), err))
		c.R[x86.RAX] = negative(errno.EIO)
	}
}

// tellSyscall calls OnSyscall. refused says that the account had no room for what the call wanted to hold.
func (k *Kernel) tellSyscall(t *Thread, row *Syscall, nr uint64, a args, ret uint64, err error, refused bool) {
	e := SyscallEvent{Tick: k.Tick, TID: t.TID, PC: k.CPU.RIP - syscallLen, Nr: nr, Args: a, Ret: ret, Err: err, k: k, row: row}
	e.Name = syscallName(nr)
	e.NoRoom = refused && e.Errno() != 0
	k.OnSyscall(&e)
}

// negative returns -e as RAX holds it.
func negative(e errno.Errno) uint64 { return -uint64(e) }
