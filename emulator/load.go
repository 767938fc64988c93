package emulator

import "github.com/rt0lab/rt0/emulator/internal/loader"

// What can be wrong with a program. An error of New that is the program's fault wraps one of these or is a *DynamicError;
// its text names the cause and what to do next, in one line.
var (
	// ErrNotELF: Config.Program does not start with the ELF magic.
	ErrNotELF = loader.ErrNotELF
	// ErrWrongMachine: an ELF file for another word size, byte order, processor or operating system.
	ErrWrongMachine = loader.ErrWrongMachine
	// ErrNotExecutable: an object file, a shared library or a core dump.
	ErrNotExecutable = loader.ErrNotExecutable
	// ErrTruncated: the headers speak of bytes after the end of the file.
	ErrTruncated = loader.ErrTruncated
	// ErrBadHeaders: the headers contradict themselves; no linker writes such a file.
	ErrBadHeaders = loader.ErrBadHeaders
	// ErrTooBig: the program does not fit into the address space or Config.MemLimit.
	ErrTooBig = loader.ErrTooBig
	// ErrArgumentsTooLong: Config.Args and Config.Env exceed what Linux accepts (E2BIG).
	ErrArgumentsTooLong = loader.ErrArgumentsTooLong
)

// A DynamicError reports a program that wants to be loaded by a dynamic linker. Its field Interpreter is the linker's path
// in the program (PT_INTERP), such as "/lib64/ld-linux-x86-64.so.2".
type DynamicError = loader.DynamicError

// A MemLimitError reports a program of which a part, such as "segment 1" or "the stack", needs more bytes than Config.MemLimit
// leaves when it is loaded. It wraps ErrTooBig. Its text names the flag -mem; who has none says instead how to allow more.
type MemLimitError = loader.MemLimitError
