package loader

import (
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

// A DynamicError reports a program that wants to be loaded by a dynamic linker.
type DynamicError struct {
	// Interpreter is the path in PT_INTERP, such as "/lib64/ld-linux-x86-64.so.2".
	Interpreter string
}

func (e *DynamicError) Error() string {
	return fmt.Sprintf("dynamically linked (wants %q); build it statically: CGO_ENABLED=0 go build, "+
		"or with cgo: go build -ldflags '-extldflags -static'", e.Interpreter)
}
