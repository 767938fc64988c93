package loader

import (
	"bytes"
	"errors"
	"fmt"
)

// What can be wrong with a program. Each error of Load wraps one of these or is a *DynamicError; its text names the cause
// and what to do next, in one line.
var (
	// ErrNotELF: the file does not start with the ELF magic.
	ErrNotELF = errors.New("not an ELF file")
	// ErrWrongMachine: an ELF file for another word size, byte order or processor.
	ErrWrongMachine = errors.New("not an amd64 program")
	// ErrNotExecutable: an object file, a shared library or a core dump.
	ErrNotExecutable = errors.New("not an executable")
	// ErrTruncated: the headers speak of bytes behind the end of the file.
	ErrTruncated = errors.New("truncated")
	// ErrBadHeaders: the headers contradict themselves; no linker writes such a file.
	ErrBadHeaders = errors.New("broken headers")
	// ErrTooBig: the program does not fit into the address space or the memory limit.
	ErrTooBig = errors.New("too big")
	// ErrArgumentsTooLong: the arguments and the environment exceed what Linux accepts (E2BIG).
	ErrArgumentsTooLong = errors.New("arguments and environment too long")
)

// A MemLimitError reports a program of which a part, such as "the stack", needs more bytes than the memory limit leaves. It
// is an ErrTooBig.
type MemLimitError struct {
	Part string
	// Need is what the part takes, Limit the memory limit, and Total what loading the whole program takes at least, in bytes.
	Need, Limit, Total uint64
}

func (e *MemLimitError) Error() string {
	return fmt.Sprintf("%s: %v: it takes %s, and the memory limit is %s; to load the program takes at least %s, and to run it more: allow it more with -mem",
		e.Part, ErrTooBig, kib(e.Need), kib(e.Limit), kib(e.Total))
}

// kib writes a number of bytes, rounded up, as the flag -mem takes it.
func kib(n uint64) string {
	k := n >> 10
	if n&(1<<10-1) != 0 {
		k++
	}
	return fmt.Sprintf("%dK", k)
}

func (e *MemLimitError) Unwrap() error { return ErrTooBig }

// A DynamicError reports a program that wants to be loaded by a dynamic linker.
type DynamicError struct {
	// Interpreter is the path in PT_INTERP, such as "/lib64/ld-linux-x86-64.so.2".
	Interpreter string
	// cure is the command that builds the program statically.
	cure string
}

func (e *DynamicError) Error() string {
	return fmt.Sprintf("dynamically linked (wants %q); build it statically: %s", e.Interpreter, e.cure)
}

// What links cgo programs statically. The external linker must be asked for: of a program whose only cgo is the standard
// library's (net, os/user, -race) the go command links it itself, dynamically, and does not look at -extldflags.
const externally = "-ldflags '-linkmode external -extldflags -static'"

// staticBuild returns the command that builds a program statically. The file says what it is and how the go command has
// built it (debug/buildinfo). Position-independent programs of Go's want a dynamic linker even without cgo.
func staticBuild(file []byte) string {
	isGo := bytes.Contains(file, []byte("\xff Go buildinf:"))
	with := func(setting string) bool { return isGo && bytes.Contains(file, []byte("\nbuild\t"+setting+"\n")) }
	exe := ""
	if with("-buildmode=pie") {
		exe = " -buildmode=exe"
	}
	const cgo = ", or, if it needs cgo, CGO_ENABLED=1 go build"
	switch {
	case with("-race=true"):
		return "CGO_ENABLED=1 go build -race " + externally
	case with("-msan=true"), with("-asan=true"): // these need the dynamic linker
		return "CGO_ENABLED=0 go build" + exe + " without -msan and -asan" + cgo + exe + " " + externally
	case with("CGO_ENABLED=0"):
		return "CGO_ENABLED=0 go build -buildmode=exe"
	case isGo:
		return "CGO_ENABLED=0 go build" + exe + cgo + exe + " " + externally
	}
	return "gcc -static; a Go program with CGO_ENABLED=0 go build -buildmode=exe, or, if it needs cgo, CGO_ENABLED=1 go build " + externally
}
