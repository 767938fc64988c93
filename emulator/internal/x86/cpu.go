// Package x86 executes amd64 user-mode instructions: x86-64-v2 without anything VEX-encoded.
//
// Instructions are decoded by x86asm once, kept as blocks of Ops, and interpreted. Common instructions have a case of
// their own in the loop (run.go); all others are one function each, in the file of their family.
package x86

import "github.com/rt0lab/rt0/emulator/internal/memory"

// An Exit says why Run came back.
type Exit uint8

// The reasons for which Run comes back.
const (
	ExitBudget  Exit = iota // as many instructions as asked for were retired
	ExitSyscall             // SYSCALL was retired; RIP is behind it, RCX and R11 are set
	ExitTrap                // an instruction raised an exception: see CPU.Trap
	ExitPause               // PAUSE was retired: another thread may have better use for the CPU
	ExitBreak               // RIP is at a breakpoint, which was not executed
	ExitWatch               // the instruction at RIP, not executed yet, is about to touch watched memory: see CPU.Hit
	ExitSlice               // the string instruction at RIP has not come to its end; the next Run goes on with it
)

// A Hit is an access to watched memory.
type Hit struct {
	Addr   uint64
	Size   int
	Access memory.Access
}

// A CPU executes one thread at a time: the one whose Context it holds.
type CPU struct {
	Context
	tlb memory.TLB
	mem *memory.Space
	// cur is the operation being executed, for those that call out of the loop.
	cur *Op

	// Trap tells of the exception after ExitTrap, Hit of the access after ExitWatch.
	Trap Trap
	Hit  Hit
	// Clock returns what RDTSC reads when this Run has retired ran instructions.
	Clock func(ran uint64) uint64
	// CPUs is the number of processors that CPUID tells of.
	CPUs int

	breaks  map[uint64]struct{}
	passing uint64 // the breakpoint address to pass once, or noBreak
	cache   blockCache
	scratch [maxBlock + 2]Op
	short   Block // what cut returns; its Ops lie in scratch
	// budget is what this Run was given, entered what was left of it when the current block was entered.
	budget, entered int64
	// leave asks the loop to come back after the current instruction, for the reason given, when the instruction has no
	// case of its own.
	leave  bool
	reason Exit
	// clobbered is what RCX and R11 held before the last SYSCALL.
	clobbered [2]uint64
}

// New returns a CPU that executes code in mem.
func New(mem *memory.Space) *CPU {
	c := &CPU{mem: mem, passing: noBreak, CPUs: 1, Context: NewContext()}
	mem.Attach(&c.tlb)
	mem.CodeChanged = func(vpn uint64) { c.dropBlocks() }
	mem.Watched = c.Touched
	c.cache.init()
	return c
}

// Touched stops Run because the current instruction is about to touch watched memory. It returns only if no instruction is
// being executed: then it is somebody else who touches the memory.
func (c *CPU) Touched(addr uint64, size int, access memory.Access) {
	if c.cur != nil {
		c.Hit = Hit{addr, size, access}
		panic(watched{})
	}
}

// watched is what a watched access panics with; Run recovers it.
type watched struct{}

// exit ends Run after the current instruction, from within a family's function.
func (c *CPU) exit(why Exit) { c.leave, c.reason = true, why }

// noBreak is an address at which no instruction can be.
const noBreak = ^uint64(0)

// SetBreaks makes Run stop before the instructions at the addresses given, and only there.
func (c *CPU) SetBreaks(at []uint64) {
	breaks := make(map[uint64]struct{}, len(at))
	var changed []uint64 // what is a breakpoint now and was none, or the other way round
	for _, a := range at {
		if _, dup := breaks[a]; dup {
			continue
		}
		breaks[a] = struct{}{}
		if _, had := c.breaks[a]; !had {
			changed = append(changed, a)
		}
	}
	for a := range c.breaks {
		if _, keep := breaks[a]; !keep {
			changed = append(changed, a)
		}
	}
	c.breaks, c.passing = breaks, noBreak
	c.dropBlocksAt(changed)
}
