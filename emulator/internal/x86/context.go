package x86

// The registers of Context.R, numbered as Intel encodes them in ModRM and REX.
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
	// Zero always holds 0: an address without a base or an index uses it, so that address arithmetic needs no test.
	Zero
	// FSBase and GSBase hold the segment bases, so that they can take part in address arithmetic like any register.
	FSBase
	GSBase
)

// RegNames are the names of the general registers, by number.
var RegNames = [16]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}

// An XMM is an SSE register: bits 0–63, then bits 64–127.
type XMM [2]uint64

// MXCSRDefault is what MXCSR holds when a process starts: all exceptions masked, round to nearest (SDM vol. 1, 10.2.3).
const MXCSRDefault = 0x1f80

// A Context is what a thread takes along when it leaves the CPU: its architectural registers.
// The size of R is a power of two so that a masked index needs no bounds check; entries above GSBase stay 0.
type Context struct {
	R     [32]uint64
	X     [16]XMM
	RIP   uint64
	MXCSR uint32
	// FCW is the x87 control word, all that there is of the x87 unit.
	FCW  uint16
	lazy lazyFlags
	// held are the flags that arithmetic does not touch: DF, AC, ID, TF.
	held uint64
}

// NewContext returns the registers as Linux hands them to a new program: all zero, flags with only IF set
// (arch/x86/kernel/process_64.c, start_thread).
func NewContext() Context {
	c := Context{MXCSR: MXCSRDefault, FCW: fcwDefault}
	c.SetFlags(FlagIF | flagReserved)
	return c
}
