package linux

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A SyscallEvent is a system call that has ended, or is about to end the thread. It is good only while OnSyscall runs.
type SyscallEvent struct {
	// Tick is the number of instructions retired, SYSCALL included; a call that waited ends at a later tick than it began.
	Tick uint64
	TID  int
	// PC is the address of the SYSCALL instruction.
	PC   uint64
	Nr   uint64
	Name string
	Args [6]uint64
	Ret  uint64
	Err  error // an errno.Errno, or nil
	// NoRoom says that the call failed because the account of what the guest makes the host hold had no room for more.
	NoRoom bool

	k   *Kernel
	row *Syscall
}

// Errno returns the number of Err, 0 if there is none.
func (e *SyscallEvent) Errno() int {
	n, _ := errors.AsType[errno.Errno](e.Err)
	return int(n)
}

// String renders the call as strace does: openat(AT_FDCWD, "/x", O_RDONLY|O_CLOEXEC) = 3.
func (e *SyscallEvent) String() string {
	var b strings.Builder
	b.WriteString(e.Name)
	b.WriteByte('(')
	if e.row == nil {
		fmt.Fprintf(&b, "%#x, %#x, %#x, %#x, %#x, %#x", e.Args[0], e.Args[1], e.Args[2], e.Args[3], e.Args[4], e.Args[5])
	} else {
		for i, f := range e.row.formats {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(f(e, i))
		}
	}
	b.WriteString(") = ")
	var no errno.Errno
	switch {
	case errors.As(e.Err, &no):
		b.WriteString("-1 " + no.Error())
	case e.Err == errNoReturn:
		b.WriteByte('?')
	case e.Err != nil:
		b.WriteString("? " + e.Err.Error())
	case e.Ret >= 1<<32:
		fmt.Fprintf(&b, "%#x", e.Ret)
	default:
		b.WriteString(strconv.FormatInt(int64(e.Ret), 10))
	}
	return b.String()
}

// An Arg renders argument i of a call for the log.
type Arg func(e *SyscallEvent, i int) string

// Int renders a signed 32-bit number, Long a 64-bit one, Size an unsigned one.
func Int(e *SyscallEvent, i int) string { return strconv.Itoa(int(int32(e.Args[i]))) }

// Long renders a signed 64-bit number.
func Long(e *SyscallEvent, i int) string { return strconv.FormatInt(int64(e.Args[i]), 10) }

// Size renders an unsigned number, such as a length in bytes.
func Size(e *SyscallEvent, i int) string { return strconv.FormatUint(e.Args[i], 10) }

// Hex renders bits.
func Hex(e *SyscallEvent, i int) string { return fmt.Sprintf("%#x", e.Args[i]) }

// Oct renders a file mode.
func Oct(e *SyscallEvent, i int) string { return fmt.Sprintf("%#o", uint32(e.Args[i])) }

// Ptr renders an address.
func Ptr(e *SyscallEvent, i int) string {
	if e.Args[i] == 0 {
		return "NULL"
	}
	return fmt.Sprintf("%#x", e.Args[i])
}

// FD renders a file descriptor.
func FD(e *SyscallEvent, i int) string {
	if fd := int32(e.Args[i]); fd != -100 {
		return strconv.Itoa(int(fd))
	}
	return "AT_FDCWD"
}

// Path renders the string at the address.
func Path(e *SyscallEvent, i int) string {
	if e.Args[i] == 0 {
		return "NULL"
	}
	s, err := e.k.loadString(e.Args[i], 4096)
	if err != nil {
		return fmt.Sprintf("%#x", e.Args[i])
	}
	return strconv.Quote(s)
}

// bufShown is how many bytes of a buffer the log shows, as strace does by default.
const bufShown = 32

// Buf renders the start of a buffer that the guest filled; the argument behind it is its length.
func Buf(e *SyscallEvent, i int) string { return e.bytes(e.Args[i], e.Args[i+1]) }

// OutBuf renders the start of a buffer that the call filled; its result is the length.
func OutBuf(e *SyscallEvent, i int) string {
	if e.Err != nil {
		return Ptr(e, i)
	}
	return e.bytes(e.Args[i], e.Ret)
}

func (e *SyscallEvent) bytes(addr, n uint64) string {
	b := make([]byte, min(n, bufShown))
	if !e.k.Mem.Peek(b, addr) {
		return fmt.Sprintf("%#x", addr)
	}
	s := strconv.Quote(string(b))
	if n > bufShown {
		s += "…"
	}
	return s
}

// A flagName names the bits Value under Mask. For a plain flag both are the same; a Mask of all ones with Value 0 names
// the absence of every flag.
type flagName struct {
	Mask, Value uint64
	Name        string
}

// bit names one flag.
func bit(v uint64, name string) flagName { return flagName{v, v, name} }

// Flags returns an Arg that renders bits by name.
func Flags(names ...flagName) Arg {
	return func(e *SyscallEvent, i int) string { return formatFlags(uint64(uint32(e.Args[i])), names) }
}

func formatFlags(v uint64, names []flagName) string {
	var parts []string
	rest := v
	for _, n := range names {
		if v&n.Mask == n.Value {
			parts = append(parts, n.Name)
			rest &^= n.Mask
		}
	}
	if rest != 0 || len(parts) == 0 {
		parts = append(parts, fmt.Sprintf("%#x", rest))
	}
	return strings.Join(parts, "|")
}

// Enum returns an Arg that renders a number by name.
func Enum(names map[uint64]string) Arg {
	return func(e *SyscallEvent, i int) string {
		if n, ok := names[uint64(uint32(e.Args[i]))]; ok {
			return n
		}
		return strconv.Itoa(int(int32(e.Args[i])))
	}
}

// Timespec renders the struct timespec at the address.
func Timespec(e *SyscallEvent, i int) string { return e.pair(i, "tv_sec", "tv_nsec") }

// Timeval renders the struct timeval at the address.
func Timeval(e *SyscallEvent, i int) string { return e.pair(i, "tv_sec", "tv_usec") }

func (e *SyscallEvent) pair(i int, first, second string) string {
	var b [16]byte
	if e.Args[i] == 0 {
		return "NULL"
	}
	if !e.k.Mem.Peek(b[:], e.Args[i]) {
		return fmt.Sprintf("%#x", e.Args[i])
	}
	return fmt.Sprintf("{%s=%d, %s=%d}", first, int64(le64(b[:])), second, int64(le64(b[8:])))
}
