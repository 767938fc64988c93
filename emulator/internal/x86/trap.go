package x86

import (
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// A Vector is an exception number of the processor (SDM vol. 3, table 6-1).
type Vector uint8

// The exceptions that user code can raise here.
const (
	TrapDE Vector = 0  // divide error
	TrapDB Vector = 1  // single step (TF)
	TrapBP Vector = 3  // INT3
	TrapOF Vector = 4  // INTO, unused in 64-bit mode
	TrapUD Vector = 6  // invalid or unimplemented opcode
	TrapGP Vector = 13 // general protection: privileged, misaligned or non-canonical
	TrapPF Vector = 14 // page fault
	TrapXM Vector = 19 // SIMD floating-point exception
)

func (v Vector) String() string {
	switch v {
	case TrapDE:
		return "#DE divide error"
	case TrapDB:
		return "#DB debug"
	case TrapBP:
		return "#BP breakpoint"
	case TrapUD:
		return "#UD invalid opcode"
	case TrapGP:
		return "#GP general protection"
	case TrapPF:
		return "#PF page fault"
	case TrapXM:
		return "#XM SIMD floating-point exception"
	}
	return fmt.Sprintf("exception %d", uint8(v))
}

// A Trap is an exception that an instruction raised. RIP is at the instruction, except after INT3, where it is behind it.
type Trap struct {
	Vector Vector
	// Addr is the linear address concerned (CR2 for #PF), else 0.
	Addr uint64
	// Access and Mapped tell of a page fault what memory.Fault does.
	Access memory.Access
	Mapped bool
	// Unimplemented says that the opcode is one that rt0 lacks, not one that the processor rejects.
	Unimplemented bool
	// Bytes are the instruction's bytes for #UD.
	Bytes []byte
}

// trapped is what raise panics with; Run recovers it. Nothing else in this package panics on purpose.
type trapped struct{}

// raise ends the current instruction with an exception.
func (c *CPU) raise(v Vector, addr uint64) {
	c.Trap = Trap{Vector: v, Addr: addr}
	panic(trapped{})
}

func (c *CPU) raiseFault(f *memory.Fault) {
	if f.Addr >= memory.MaxAddr && f.Addr+1<<47 >= 1<<48 { // non-canonical: no address to tell
		c.raise(TrapGP, 0)
	}
	c.Trap = Trap{Vector: TrapPF, Addr: f.Addr, Access: f.Access, Mapped: f.Mapped}
	panic(trapped{})
}
