// Package lessons shows how a Go program boots: it runs a machine to each stage of the boot, gathers the facts that are
// true there, and tells and draws them. Every number comes from the machine; the texts have places for numbers, not numbers.
package lessons

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// A Moment is a machine at the end of a stage: what was true there. It stays valid when the machine moves on.
type Moment struct {
	Stage Stage
	// Missing says why the stage has no moment of its own: the program's Go version does otherwise, or the program lacks
	// what is needed to see it. The other fields then show the machine where the stage before ended. Else it is empty.
	Missing Text
	// Ended tells how the program ended, if the stage is missing because it ended, or was stopped, before; else it is nil.
	Ended *Ending
	// Tick is the number of instructions retired.
	Tick uint64
	// Go is the version that built the program; CPUs and Seed are the machine's.
	Go   string
	CPUs int
	Seed uint64

	TID       int
	Registers emulator.Registers
	// Symbol, File and Line tell where RIP is; they are zero where the program does not tell.
	Symbol, File string
	Line         int
	// Facts are what is meaningful by now, in the order in which the boot establishes it.
	Facts []Fact
	// Absent are the facts which this program cannot give, with the reasons.
	Absent []Absence
	// Code is the instructions around RIP, with their places in the source.
	Code []CodeLine
	// Stack is the words on both sides of SP, by address.
	Stack []StackWord
	// Limits are the bounds of the stack in which SP lies.
	Limits StackLimits
	// Runtime is the runtime's data, nil where the program has no layouts.
	Runtime *RuntimeState
	// Sizes are the sizes of the runtime's structures, as far as the program tells.
	Sizes []TypeSize
	// FirstG is goroutine 1, nil before it is made.
	FirstG *FirstG
	// Threads are all threads, by number.
	Threads []ThreadLife
	// Entry is what Linux put on the stack for the program, by address, as it is now.
	Entry []EntryWord
	// Before is the moment before, nil at the first.
	Before *Moment
}

// PC returns the address of the next instruction.
func (m *Moment) PC() uint64 { return m.Registers.RIP }

// Fact returns the fact of that name.
func (m *Moment) Fact(name string) (Fact, bool) {
	for _, f := range m.Facts {
		if f.Name == name {
			return f, true
		}
	}
	return Fact{}, false
}

// A Fact is the value of a runtime expression, or of a register's, at one moment.
type Fact struct {
	// Name is the expression, such as "g0.stack.hi".
	Name  string
	Value Value
}

// A Value is a fact's value: one of four kinds.
type Value struct {
	Kind ValueKind
	// Word is an address, Number a count or a list's only number.
	Word    uint64
	Number  int64
	Numbers []int64
	Names   []string
}

// A ValueKind says how a value is written.
type ValueKind uint8

// The kinds of value.
const (
	Address ValueKind = iota // "0x…"
	Number                   // 4
	Numbers                  // [3, 2, 1]
	Names                    // ["_Prunning", "_Pidle"]
)

func (v Value) String() string {
	switch v.Kind {
	case Address:
		return fmt.Sprintf("%#x", v.Word)
	case Number:
		return fmt.Sprint(v.Number)
	case Numbers:
		return fmt.Sprint(v.Numbers)
	}
	return fmt.Sprint(v.Names)
}

// An Absence is a fact that a program cannot give.
type Absence struct {
	Name string
	Why  Text
}

// StackLimits are the bounds of a goroutine's stack. They are zero where SP lies in none that is known.
type StackLimits struct {
	// G names whose stack it is: "g0", "G1".
	G string
	// Lowest is the word at stack.lo; Hi is stack.hi, the address behind the highest.
	Lowest StackWord
	Hi     uint64
}

// A ThreadLife is a thread and the tick at which it was made.
type ThreadLife struct {
	TID  int
	Born uint64
}

// A CodeLine is an instruction and where it comes from.
type CodeLine struct {
	symbols.Instruction
	File string
	Line int
	// Func is the function of the source line, which may be inlined here.
	Func string
}

// A StackWord is eight bytes of the stack.
type StackWord struct {
	Addr, Value uint64
	// Unreadable says that no memory is there.
	Unreadable bool
	// Note says what the word is: "argc", "argv[0] → \"hello\"", "→ runtime.rt0_go+0x1b2". It is empty if that is not
	// known.
	Note Text
}
