package loader

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// Sizes in bytes, as Linux has them by default.
const (
	// stackSize is RLIMIT_STACK. The whole of it is mapped from the start, where Linux would let it grow.
	stackSize = 8 << 20
	// maxString is MAX_ARG_STRLEN, the longest argument or variable, its NUL included.
	maxString = 32 * memory.PageSize
	// maxStrings is a quarter of the stack limit: what strings and their pointers may take (bprm_stack_limits in fs/exec.c).
	maxStrings = stackSize / 4
)

// platform is what AT_PLATFORM points to.
const platform = "x86_64"

// A StackSpec is what execve and the machine give to a new process.
type StackSpec struct {
	Args, Env []string
	// Execfn is the path that was given to execve.
	Execfn string
	// Random are the bytes at AT_RANDOM.
	Random [16]byte
	// HWCap and HWCap2 are AT_HWCAP (CPUID leaf 1, EDX) and AT_HWCAP2.
	HWCap, HWCap2 uint32
	// UID and GID are the process's user and group.
	UID, GID uint32
}

// A Span is the addresses from Start up to and not including End.
type Span struct{ Start, End uint64 }

// Len returns the size of the span in bytes.
func (s Span) Len() uint64 { return s.End - s.Start }

// A StackLayout says where each part of a new process's stack lies, from low addresses to high.
type StackLayout struct {
	// Argc is the word to which the stack pointer points at the first instruction.
	Argc Span
	// Argv, Envp and Auxv are the arrays, their terminators included.
	Argv, Envp, Auxv Span
	// Random is the 16 bytes of AT_RANDOM, Platform the string "x86_64".
	Random, Platform Span
	// Args and Env are the strings, their NULs included, in the order of argv and envp.
	Args, Env []Span
	// Execfn is the path of the program, its NUL included.
	Execfn Span
	// Stack is the whole area.
	Stack Span
}

// BuildStack maps the stack of the main thread into mem and fills it as create_elf_tables does. It returns the stack
// pointer of the first instruction, a multiple of 16, and the places of all parts.
func BuildStack(mem *memory.Space, img *Image, spec StackSpec) (sp uint64, layout StackLayout, err error) {
	if len(spec.Args) == 0 {
		spec.Args = []string{""} // as Linux does since 5.18 (do_execveat_common)
	}
	if err := checkStrings(&spec); err != nil {
		return 0, layout, err
	}
	layout.Stack = Span{memory.MaxAddr - stackSize, memory.MaxAddr}
	prot := memory.Read | memory.Write
	if img.ExecutableStack {
		prot |= memory.Exec
	}
	if err := mem.Map(stackArea(prot)); err != nil {
		if errors.Is(err, memory.ErrNoMemory) {
			return 0, StackLayout{}, &MemLimitError{"the stack", stackSize, mem.Limit(), img.total()}
		}
		return 0, StackLayout{}, fmt.Errorf("map the stack of %d bytes: %w", stackSize, err)
	}

	b := stackBuilder{mem: mem, at: layout.Stack.End - 8} // a null word ends the stack (__bprm_mm_init)
	layout.Execfn = b.pushString(spec.Execfn)
	layout.Env = b.pushStrings(spec.Env)
	layout.Args = b.pushStrings(spec.Args)
	b.at &^= 15
	layout.Platform = b.pushString(platform)
	layout.Random = b.push(spec.Random[:])

	auxv := img.auxv(&spec, layout.Random.Start, layout.Execfn.Start, layout.Platform.Start)
	table := word(nil, uint64(len(layout.Args)))
	for _, list := range [][]Span{layout.Args, layout.Env} {
		for _, s := range list {
			table = word(table, s.Start)
		}
		table = word(table, 0)
	}
	for _, a := range auxv {
		table = word(word(table, a[0]), a[1])
	}
	sp = (b.at - uint64(len(table))) &^ 15
	mem.Poke(table, sp)

	at := sp
	take := func(n int) Span {
		s := Span{at, at + 8*uint64(n)}
		at = s.End
		return s
	}
	layout.Argc = take(1)
	layout.Argv = take(len(layout.Args) + 1)
	layout.Envp = take(len(layout.Env) + 1)
	layout.Auxv = take(2 * len(auxv))
	return sp, layout, nil
}

// stackArea is the whole stack of the main thread.
func stackArea(prot memory.Prot) memory.Area {
	return memory.Area{Start: memory.MaxAddr - stackSize, End: memory.MaxAddr, Prot: prot, Name: "[stack]", GrowsDown: true}
}

// checkStrings refuses what execve refuses.
func checkStrings(spec *StackSpec) error {
	total := 8*(len(spec.Args)+len(spec.Env)) + len(spec.Execfn) + 1
	for _, list := range [][]string{spec.Args, spec.Env} {
		for _, s := range list {
			if strings.IndexByte(s, 0) >= 0 {
				return fmt.Errorf("%q holds a NUL byte, which ends a string; leave it out", s)
			}
			if len(s)+1 > maxString {
				return fmt.Errorf("%w: one of %d bytes (Linux allows %d); pass it in a file", ErrArgumentsTooLong, len(s), maxString-1)
			}
			total += len(s) + 1
		}
	}
	if total > maxStrings {
		return fmt.Errorf("%w: %d bytes (Linux allows %d); pass them in a file", ErrArgumentsTooLong, total, maxStrings)
	}
	return nil
}

var word = binary.LittleEndian.AppendUint64

// stackBuilder writes what lies above the arrays, from the top downwards.
type stackBuilder struct {
	mem *memory.Space
	at  uint64 // the lowest address used
}

func (b *stackBuilder) push(data []byte) Span {
	s := Span{b.at - uint64(len(data)), b.at}
	b.at = s.Start
	b.mem.Poke(data, s.Start)
	return s
}

func (b *stackBuilder) pushString(s string) Span { return b.push(append([]byte(s), 0)) }

// pushStrings pushes the last one first, so that the first has the lowest address.
func (b *stackBuilder) pushStrings(list []string) []Span {
	spans := make([]Span, len(list))
	for i := len(list) - 1; i >= 0; i-- {
		spans[i] = b.pushString(list[i])
	}
	return spans
}
