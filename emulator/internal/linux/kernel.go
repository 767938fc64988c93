// Package linux is the kernel of the guest: one process, its threads, signals, files and clock, driven by the number of
// instructions retired. It never reads the host's clock and reaches the host only through Config.
//
// How a system call waits: its handler calls block, naming the keys of what it waits for, and returns. The thread leaves
// the CPU. Whoever changes what a key stands for calls wakeKey; the handler then runs again from the start, on the
// thread's next turn, and finds out what has changed. There are no goroutines and no closures that hold state, so that
// the kernel can be copied (a snapshot) at any tick.
package linux

import (
	"io"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// A Config is what a kernel starts from.
type Config struct {
	Mem *memory.Space
	CPU *x86.CPU
	// CPUs is the number of processors that the guest sees.
	CPUs int
	// Seed is what all chance comes from.
	Seed uint64
	// Path, Args, Env and Dir are the program's path, argv, environment and working directory.
	Path string
	Args []string
	Env  []string
	Dir  string
	// Stdin, Stdout and Stderr are the host's ends of descriptors 0, 1 and 2; nil is empty and discards.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Files are put into the guest's file tree, by absolute path.
	Files map[string][]byte
	// Mounts make host directories visible.
	Mounts []Mount
	// Program is the ELF file, readable as Path and /proc/self/exe.
	Program []byte
}

// A Mount shows a host directory to the guest.
type Mount struct {
	Host, Guest string
	Writable    bool
}

// A Kernel is the whole state of the guest except memory, which it shares with the CPU. It is a plain value graph.
type Kernel struct {
	Mem *memory.Space
	CPU *x86.CPU
	*Host

	// Tick is the number of instructions retired by all threads.
	Tick uint64
	// skew is how far guest time has run ahead of the tick, in ns: one tick is one ns, and when every thread waits, time
	// jumps to the next deadline.
	skew uint64

	threads []*Thread // by TID; exited ones are removed
	current *Thread   // whose context the CPU holds; nil only after it exited
	last    int       // TID of the thread that had the last turn
	lastTID int       // the highest TID given out
	turn    uint64    // instructions left of the current thread's turn
	blocks  uint64    // numbers the calls of block, for first-come-first-served wake-ups

	turns   random // lengths of turns
	entropy random // getrandom, /dev/urandom

	exited bool
	status ExitStatus

	cpus    int
	proc    process
	signals signalState
	timers  timerTable
	mm      addressSpace
	files   *fileTable
	calls   uint64           // system calls that have ended
	account *account.Account // of all that the guest makes the host hold; no state

	slices     uint64 // slices beyond the first of their instructions
	unfinished unfinished
	work       *task // of the current thread's unfinished call
}

// An ExitStatus is how the process ended: with a code, or killed by a signal if Signal is not 0.
type ExitStatus struct {
	Code   int
	Signal int
}

// A Host is what ties kernels to the program that runs them. It is no part of the guest's state: a copy of a kernel has
// the same Host, and the hash leaves it out.
type Host struct {
	// Report is told, in one line and once a cause, of what the guest asked for and the machine lacks.
	Report func(string)
	// SymbolAt names the place of an address in the program, such as "main.main+0x1c", for reports; "" if it has no name.
	SymbolAt func(addr uint64) string
	// OnSyscall is told of every system call when it ends.
	OnSyscall func(*SyscallEvent)

	// MaxTicks is how much may be spent, see Kernel.Spent; 0 for any amount.
	MaxTicks uint64

	// Stops are what Run stops for besides breakpoints and watched accesses.
	Stops Stops

	reported map[string]bool
	called   bool // a SYSCALL was retired, and Run has not stopped for it
	hit      *Hit // the first watched access since Run was last entered
}

// report calls Report.
func (h *Host) report(s string) {
	if h.Report != nil {
		h.Report(s)
	}
}

// reportOnce calls Report unless it was called with the same key before.
func (h *Host) reportOnce(key, s string) {
	if h.Report == nil || h.reported[key] {
		return
	}
	if h.reported == nil {
		h.reported = make(map[string]bool)
	}
	h.reported[key] = true
	h.Report(s)
}

// New returns a kernel without a thread: load the program, then call Start.
func New(cfg Config) *Kernel {
	k := &Kernel{
		Host:    new(Host),
		cpus:    max(1, min(cfg.CPUs, maxCPUs)),
		turns:   newRandom(cfg.Seed, turnsSeed),
		entropy: newRandom(cfg.Seed, entropySeed),
		lastTID: PID - 1,
		proc:    newProcess(&cfg),
		files:   newFileTable(&cfg),
	}
	k.signals.ignored = ignoredByDefault | stopping
	k.Attach(cfg.Mem, cfg.CPU)
	return k
}

// Attach gives the kernel its memory and its processor: those it was made with, or others that hold equal state when the
// kernel is a copy.
func (k *Kernel) Attach(mem *memory.Space, cpu *x86.CPU) {
	k.Mem, k.CPU = mem, cpu
	k.files.SetMapper(sharedFiles{k})
	k.account = account.New(mem.Limit(), mem, k.files, k)
	mem.Share(k.account)
	k.files.Share(k.account)
	cpu.CPUs = k.cpus
	cpu.Clock = func(ran uint64) uint64 { return k.Tick + k.skew + ran }
	mem.Watched = func(addr uint64, size int, access memory.Access) {
		cpu.Touched(addr, size, access)
		if k.hit == nil {
			k.hit = &Hit{Hit: x86.Hit{Addr: addr, Size: size, Access: access}, Syscall: true, PC: cpu.RIP - syscallLen}
			if k.current != nil {
				k.hit.TID = k.current.TID
			}
		}
	}
	if k.current != nil {
		cpu.Context = k.current.Ctx
	}
}

// Start makes the process's only thread, about to execute the instruction at entry with the stack pointer sp.
func (k *Kernel) Start(entry, sp uint64) {
	t := k.newThread()
	t.Ctx = x86.NewContext()
	t.Ctx.RIP, t.Ctx.R[x86.RSP] = entry, sp
	t.name = comm(k.proc.path)
	k.switchTo(t)
}

// Exited says whether and how the process has ended.
func (k *Kernel) Exited() (ExitStatus, bool) { return k.status, k.exited }

// Stderr returns the last bytes of what the process has written to the host's stderr by now.
func (k *Kernel) Stderr() []byte { return k.files.Tail(1) }

// FatalAccess returns the address whose access killed the process, if that is how it ended.
func (k *Kernel) FatalAccess() (addr uint64, ok bool) {
	t := k.current
	if !k.exited || k.status.Signal != SIGSEGV || t == nil || t.trapno != uint64(x86.TrapPF) {
		return 0, false
	}
	// trapno tells of the thread's last exception, which it may have survived: one that dies by a signal that was sent has
	// ended a system call, or got the signal between two instructions of which nothing is known.
	var b [syscallLen]byte
	if k.Mem.Peek(b[:], k.CPU.RIP-syscallLen) && b == [syscallLen]byte{0x0f, 0x05} {
		return 0, false
	}
	return t.cr2, true
}

// Threads returns the threads that have not exited, by TID. The caller must not change them.
func (k *Kernel) Threads() []*Thread { return k.threads }

// Current returns the thread whose context the CPU holds.
func (k *Kernel) Current() *Thread { return k.current }
