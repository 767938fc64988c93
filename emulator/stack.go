package emulator

import "github.com/rt0lab/rt0/emulator/internal/loader"

// A Span is the addresses from Start up to and not including End.
type Span struct{ Start, End uint64 }

// A StackLayout says where each part of the stack lies that Linux gives to a new process, from low addresses to high. The
// addresses stay true for the whole run; what lies there may change.
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
	// Stack is the whole area mapped for the main thread's stack.
	Stack Span
}

// newStackLayout copies the loader's layout, so that the internal type stays internal.
func newStackLayout(l loader.StackLayout) StackLayout {
	spans := func(in []loader.Span) []Span {
		out := make([]Span, len(in))
		for i, s := range in {
			out[i] = Span(s)
		}
		return out
	}
	return StackLayout{
		Argc: Span(l.Argc), Argv: Span(l.Argv), Envp: Span(l.Envp), Auxv: Span(l.Auxv),
		Random: Span(l.Random), Platform: Span(l.Platform),
		Args: spans(l.Args), Env: spans(l.Env), Execfn: Span(l.Execfn), Stack: Span(l.Stack),
	}
}
