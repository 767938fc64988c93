package emulator

import "fmt"

// Registers are a thread's registers at one moment.
type Registers struct {
	// GPR are rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 … r15: the order in which Intel numbers them.
	GPR            [16]uint64
	RIP, RFLAGS    uint64
	FSBase, GSBase uint64
	XMM            [16][2]uint64
	MXCSR          uint32
}

// Indices into Registers.GPR.
const (
	RAX = iota
	RCX
	RDX
	RBX
	RSP
	RBP
	RSI
	RDI
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
)

// GPRNames are the names of Registers.GPR, in order.
var GPRNames = [16]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}

// SP returns the stack pointer.
func (r Registers) SP() uint64 { return r.GPR[RSP] }

// A Thread is a guest thread (a Linux task) at one moment.
type Thread struct {
	TID int
	// Born is the tick at which the thread was made; 0 for the first.
	Born uint64
	// State is "running" (the one whose turn it is), "runnable", "blocked" or "exited".
	State string
	// Waiting says what a blocked thread waits for, such as "futex 0x5a1c40"; else it is empty.
	Waiting   string
	Registers Registers
}

// An EventKind says why a run stopped.
type EventKind uint8

// The reasons for which a run stops.
const (
	// EventTick: the tick asked for is reached.
	EventTick EventKind = iota
	// EventBreakpoint: the thread's RIP is at a breakpoint; the instruction there has not run.
	EventBreakpoint
	// EventWatchpoint: the instruction just retired touched watched memory.
	EventWatchpoint
	// EventExit: the process has ended.
	EventExit
	// EventCanceled: the context was canceled; the run can go on.
	EventCanceled
	// EventDeadlock: every thread waits and nothing can wake one, ever.
	EventDeadlock
	// EventTurn: another thread than before has the CPU. Only if Stops ask for it.
	EventTurn
	// EventSyscall: a SYSCALL instruction has retired. Only if Stops ask for it.
	EventSyscall
	// EventMaxTicks: Config.MaxTicks is spent, and the run cannot go on.
	EventMaxTicks
)

func (k EventKind) String() string {
	return [...]string{"tick", "breakpoint", "watchpoint", "exit", "canceled", "deadlock", "turn", "syscall", "max-ticks"}[k]
}

// Stops are what Run can be made to stop for besides breakpoints and watchpoints.
type Stops struct {
	// Turns: the CPU goes to another thread, which has not run yet.
	Turns bool
	// Syscalls: a SYSCALL instruction has retired. Its call has ended, or waits.
	Syscalls bool
}

// An Event is where and why a run stopped.
type Event struct {
	Kind EventKind
	// Tick is the number of instructions retired so far.
	Tick uint64
	// TID and PC are the thread concerned and its next instruction.
	TID int
	PC  uint64
	// Inside says inside what the run stopped, at PC, as Machine.Inside does.
	Inside string
	// Access is the access that hit a watchpoint.
	Access *Access
}

// Where says at which tick the run stopped and, if that is inside an instruction, inside what and at which address: "tick 7,
// inside system call write at 0x401000".
func (e Event) Where() string { return where(e.Tick, e.Inside, e.PC) }

func where(tick uint64, inside string, pc uint64) string {
	if inside == "" {
		return fmt.Sprintf("tick %d", tick)
	}
	return fmt.Sprintf("tick %d, inside %s at %#x", tick, inside, pc)
}

// An Access is an instruction's touching of memory.
type Access struct {
	Addr  uint64
	Size  int
	Write bool
	// PC and TID are the instruction's and its thread's.
	PC  uint64
	TID int
	// Syscall says that the kernel touched the memory, on behalf of the system call at PC.
	Syscall bool
}

// A Watch is a range of memory and the kinds of access to stop after.
type Watch struct {
	Addr, Len   uint64
	Read, Write bool
}

// An ExitStatus is how a process ended.
type ExitStatus struct {
	// Code is the exit code, if Signal is 0.
	Code int
	// Signal is the number of the signal that killed the process.
	Signal int
}

// Status returns the number that a shell would show: the code, or 128 plus the signal.
func (s ExitStatus) Status() int {
	if s.Signal != 0 {
		return 128 + s.Signal
	}
	return s.Code
}

func (s ExitStatus) String() string {
	if s.Signal != 0 {
		return fmt.Sprintf("killed by signal %d", s.Signal)
	}
	return fmt.Sprintf("exit status %d", s.Code)
}

// Memory reads guest memory whatever its permissions.
type Memory interface {
	// ReadMemory fills b from addr; it reports an error naming the address when a part is not mapped.
	ReadMemory(b []byte, addr uint64) error
}
