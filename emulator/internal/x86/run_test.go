package x86

import (
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

const (
	testCode  = 0x400000
	testData  = 0x500000
	testStack = 0x600000 // the end of the data
)

// machine returns a CPU about to execute code, which it may also write, with a megabyte of data behind it.
func machine(t *testing.T, code string) (*CPU, *memory.Space) {
	t.Helper()
	m := memory.New(1 << 30)
	for _, a := range []memory.Area{
		{Start: testCode, End: testCode + 0x3000, Prot: memory.Read | memory.Write | memory.Exec},
		{Start: testData, End: testStack, Prot: memory.Read | memory.Write},
	} {
		if err := m.Map(a); err != nil {
			t.Fatal(err)
		}
	}
	m.Poke([]byte(code), testCode)
	c := New(m)
	c.RIP, c.R[RSP] = testCode, testStack
	return c, m
}

// countdown loops RCX times: 3 instructions a turn.
const countdown = "\x48\xff\xc0" + // inc rax
	"\x48\xff\xc9" + // dec rcx
	"\x75\xf8" + // jne to the start
	"\x0f\x05" // syscall

func TestRunRetiresExactlyTheBudget(t *testing.T) {
	for budget := uint64(1); budget < 100; budget++ {
		c, _ := machine(t, countdown)
		c.R[RCX] = 1000
		var ran uint64
		for {
			n, why := c.Run(budget)
			ran += n
			if why == ExitBudget {
				if n != budget {
					t.Fatalf("budget %d: retired %d", budget, n)
				}
				continue
			}
			if why != ExitSyscall {
				t.Fatalf("budget %d: exit %v", budget, why)
			}
			break
		}
		if ran != 3001 || c.R[RAX] != 1000 {
			t.Errorf("in turns of %d: retired %d, rax %d; want 3001, 1000", budget, ran, c.R[RAX])
		}
	}
}

func TestExceptionWaitsForTheBudget(t *testing.T) {
	c, _ := machine(t, "\x90\x90\x0f\x0b") // nop; nop; ud2
	if n, why := c.Run(2); n != 2 || why != ExitBudget {
		t.Errorf("two NOPs: retired %d, exit %v", n, why)
	}
	n, why := c.Run(1)
	if n != 0 || why != ExitTrap || c.Trap.Vector != TrapUD || c.Trap.Unimplemented || c.RIP != testCode+2 {
		t.Errorf("UD2: retired %d, exit %v, %v at %#x, unimplemented %v", n, why, c.Trap.Vector, c.RIP, c.Trap.Unimplemented)
	}
}

func TestTraps(t *testing.T) {
	for _, x := range []struct {
		name, code string
		vector     Vector
		ran        uint64
		rip        uint64 // from the start
	}{
		{"int3", "\xcc", TrapBP, 1, 1},
		{"int 3", "\xcd\x03", TrapBP, 1, 2},
		{"int 0x80", "\xcd\x80", TrapGP, 0, 0},
		{"icebp", "\xf1", TrapDB, 1, 1},
		{"hlt", "\xf4", TrapGP, 0, 0},
		{"in al, dx", "\xec", TrapGP, 0, 0},
		{"mov rax, cr0", "\x0f\x20\xc0", TrapGP, 0, 0},
		{"div ecx by 0", "\xf7\xf1", TrapDE, 0, 0},
		{"ud1", "\x0f\xb9\xc0", TrapUD, 0, 0},
		{"push es", "\x06", TrapUD, 0, 0},
		{"lock nop", "\xf0\x90", TrapUD, 0, 0},
		{"xgetbv", "\x0f\x01\xd0", TrapUD, 0, 0},
		{"rdrand eax", "\x0f\xc7\xf0", TrapUD, 0, 0},
		{"vzeroupper", "\xc5\xf8\x77", TrapUD, 0, 0},
		{"jmp 1<<63", "\x48\xb8\x00\x00\x00\x00\x00\x00\x00\x80\xff\xe0", TrapGP, 1, 10},
		{"jmp -1", "\x48\xc7\xc0\xff\xff\xff\xff\xff\xe0", TrapPF, 2, ^uint64(testCode)},
		{"jmp 0", "\x31\xc0\xff\xe0", TrapPF, 2, ^uint64(testCode) + 1},
		{"mov eax, [0]", "\x31\xc0\x8b\x00", TrapPF, 1, 2},
	} {
		c, _ := machine(t, x.code)
		n, why := c.Run(10)
		if why != ExitTrap || c.Trap.Vector != x.vector || n != x.ran || c.RIP-testCode != x.rip {
			t.Errorf("%s: retired %d, exit %v, %v at %#x; want %d, %v at %#x", x.name, n, why, c.Trap.Vector, c.RIP, x.ran, x.vector, x.rip+testCode)
		}
	}
}

func TestBreakpoints(t *testing.T) {
	c, _ := machine(t, countdown)
	c.R[RCX] = 3
	const at = testCode + 3 // dec rcx
	c.SetBreaks([]uint64{at})
	total := uint64(0)
	for i := range 3 {
		n, why := c.Run(100)
		total += n
		if why != ExitBreak || c.RIP != at || c.R[RAX] != uint64(i+1) {
			t.Fatalf("stop %d: exit %v at %#x, rax %d", i, why, c.RIP, c.R[RAX])
		}
		if n, why := c.Run(100); n != 0 || why != ExitBreak {
			t.Fatalf("a breakpoint was passed: retired %d, exit %v", n, why)
		}
		c.Pass()
	}
	c.SetBreaks(nil)
	n, why := c.Run(100)
	if why != ExitSyscall || total+n != 10 {
		t.Errorf("retired %d in all, exit %v", total+n, why)
	}
}

// TestCodeThatWritesItself changes the immediate of an instruction of its own block, and then one in the block of a loop.
func TestCodeThatWritesItself(t *testing.T) {
	const code = "\xc6\x05\x01\x00\x00\x00\x07" + // mov byte [rip+1], 7: the immediate of the next instruction
		"\xb8\x01\x00\x00\x00" + // mov eax, 1
		"\x01\xc3" + // add ebx, eax
		"\xc7\x05\xf0\xff\xff\xff\x05\x00\x00\x00" + // mov dword [rip-16], 5: the same
		"\xff\xc9" + // dec ecx
		"\x75\xeb" + // jne to the mov eax
		"\x0f\x05"
	for turn := uint64(1); turn < 20; turn++ {
		c, _ := machine(t, code)
		c.R[RCX] = 3
		why := ExitBudget
		for why == ExitBudget {
			_, why = c.Run(turn)
		}
		if why != ExitSyscall || c.R[RBX] != 7+5+5 {
			t.Errorf("in turns of %d: exit %v at %#x, rbx %d, want 17", turn, why, c.RIP, c.R[RBX])
		}
	}
}

func TestCodeMappedAfterTheFault(t *testing.T) {
	c, m := machine(t, "\xb8\x00\x00\x70\x00\xff\xe0") // mov eax, 0x700000; jmp rax
	if _, why := c.Run(10); why != ExitTrap || c.RIP != 0x700000 {
		t.Fatalf("exit %v at %#x", why, c.RIP)
	}
	if err := m.Map(memory.Area{Start: 0x700000, End: 0x701000, Prot: memory.Read | memory.Exec}); err != nil {
		t.Fatal(err)
	}
	m.Poke([]byte("\x0f\x05"), 0x700000)
	if n, why := c.Run(10); n != 1 || why != ExitSyscall {
		t.Errorf("retired %d, exit %v, %v", n, why, c.Trap.Vector)
	}
}

func TestInstructionAcrossTheEndOfCode(t *testing.T) {
	c, m := machine(t, "")
	c.RIP = testCode + 0x3000 - 2
	m.Poke([]byte("\x66\xb8"), c.RIP) // mov ax, with the immediate missing
	if _, why := c.Run(1); why != ExitTrap || c.Trap.Vector != TrapPF || c.Trap.Addr != testCode+0x3000 || c.Trap.Access != memory.AccessExec {
		t.Errorf("exit %v, %+v", why, c.Trap)
	}
}

func TestRepeatedStringStopsAtTheFault(t *testing.T) {
	c, m := machine(t, "\xf3\x48\xab") // rep stosq
	c.R[RAX], c.R[RCX], c.R[RDI] = 0x0102030405060708, 100, testStack-3*8-4
	n, why := c.Run(5)
	if n != 0 || why != ExitTrap || c.R[RCX] != 97 || c.R[RDI] != testStack-4 || c.RIP != testCode {
		t.Errorf("retired %d, exit %v, rcx %d, rdi %#x", n, why, c.R[RCX], c.R[RDI])
	}
	if c.Trap.Addr != testStack || c.Trap.Access != memory.AccessWrite {
		t.Errorf("fault %+v", c.Trap)
	}
	if err := m.Map(memory.Area{Start: testStack, End: testStack + 0x1000, Prot: memory.Read | memory.Write}); err != nil {
		t.Fatal(err)
	}
	if n, why := c.Run(1); n != 1 || why != ExitBudget || c.R[RCX] != 0 {
		t.Errorf("after the fault: retired %d, exit %v, rcx %d", n, why, c.R[RCX])
	}
	var b [8]byte
	if m.Peek(b[:], testStack-4); b != [8]byte{8, 7, 6, 5, 4, 3, 2, 1} {
		t.Errorf("stored %x", b)
	}
}

func TestWatchedStringInstruction(t *testing.T) {
	c, m := machine(t, "\xf3\xa4") // rep movsb
	m.SetWatches([]memory.Watch{{Addr: testData + 0x1040, Len: 1, Kinds: memory.Write}})
	c.R[RCX], c.R[RSI], c.R[RDI] = 0x100, testData, testData+0x1000
	if n, why := c.Run(5); n != 0 || why != ExitWatch || c.Hit.Addr != testData+0x1040 || c.R[RCX] != 0x100-0x40 {
		t.Errorf("retired %d, exit %v, hit %+v, rcx %#x", n, why, c.Hit, c.R[RCX])
	}
}

func TestSyscall(t *testing.T) {
	c, _ := machine(t, "\xf9\xfd\x0f\x05") // stc; std; syscall
	n, why := c.Run(10)
	if n != 3 || why != ExitSyscall || c.R[RCX] != testCode+4 || c.R[R11] != c.Flags() || c.R[R11] != FlagCF|FlagDF|FlagIF|flagReserved {
		t.Errorf("retired %d, exit %v, rcx %#x, r11 %#x", n, why, c.R[RCX], c.R[R11])
	}
}

func TestClock(t *testing.T) {
	c, _ := machine(t, "\x90\x90\x0f\x31\x89\xc3\x0f\x01\xf9\xf3\x90") // nop; nop; rdtsc; mov ebx, eax; rdtscp; pause
	c.Clock = func(ran uint64) uint64 { return 7<<32 + 100 + ran }
	c.R[RCX] = 99
	if n, why := c.Run(10); n != 6 || why != ExitPause {
		t.Errorf("retired %d, exit %v", n, why)
	}
	if c.R[RBX] != 102 || c.R[RAX] != 104 || c.R[RDX] != 7 || c.R[RCX] != 0 {
		t.Errorf("rbx %d, rax %d, rdx %d, rcx %d", c.R[RBX], c.R[RAX], c.R[RDX], c.R[RCX])
	}
}

// TestCPUID holds what CPUID announces against what the machine executes.
func TestCPUID(t *testing.T) {
	c, _ := machine(t, "")
	c.CPUs = 4
	_, b, cx, d := c.leaf(0, 0)
	if b != word("Genu") || d != word("ineI") || cx != word("ntel") {
		t.Errorf("vendor %x %x %x", b, d, cx)
	}
	_, b, cx, d = c.leaf(1, 0)
	if b>>16&0xff != 4 || d&edx1HTT == 0 {
		t.Errorf("leaf 1: ebx %#x edx %#x", b, d)
	}
	for _, f := range []struct {
		name string
		word uint32
		bit  uint
		op   x86asm.Op
	}{
		{"SSE3", cx, 0, x86asm.ADDSUBPS}, {"PCLMULQDQ", cx, 1, x86asm.PCLMULQDQ}, {"SSSE3", cx, 9, x86asm.PSHUFB},
		{"CX16", cx, 13, x86asm.CMPXCHG16B}, {"SSE4.1", cx, 19, x86asm.PMULLD}, {"SSE4.2", cx, 20, x86asm.PCMPESTRI},
		{"MOVBE", cx, 22, x86asm.MOVBE}, {"POPCNT", cx, 23, x86asm.POPCNT}, {"AES", cx, 25, x86asm.AESENC},
		{"RDRAND", cx, 30, x86asm.RDRAND}, {"XSAVE", cx, 26, x86asm.XSAVE}, {"TSC", d, 4, x86asm.RDTSC}, {"CX8", d, 8, x86asm.CMPXCHG8B},
		{"CMOV", d, 15, x86asm.CMOVE}, {"CLFLUSH", d, 19, x86asm.CLFLUSH},
		{"FXSR", d, 24, x86asm.FXSAVE}, {"SSE", d, 25, x86asm.ADDPS}, {"SSE2", d, 26, x86asm.ADDPD},
	} {
		if announced, there := f.word>>f.bit&1 != 0, opcodes[f.op] != nil; announced != there {
			t.Errorf("%s: announced %v, implemented %v", f.name, announced, there)
		}
	}
	if cx&(1<<27|1<<28) != 0 { // OSXSAVE, AVX
		t.Errorf("leaf 1: ecx %#x announces AVX", cx)
	}
	name := ""
	for l := uint32(0x80000002); l <= 0x80000004; l++ {
		for _, w := range [4]uint32(leaves(c, l)) {
			name += string([]byte{byte(w), byte(w >> 8), byte(w >> 16), byte(w >> 24)})
		}
	}
	if got := name[:len(brand)]; got != brand {
		t.Errorf("brand %q", got)
	}
	if _, b, _, _ := c.leaf(0xb, 1); b != 4 {
		t.Errorf("%d logical processors", b)
	}
	if a, _, _, _ := c.leaf(0x7fffffff, 2); a != 0 {
		t.Errorf("a leaf beyond the last: eax %#x", a)
	}
}

func leaves(c *CPU, l uint32) []uint32 {
	a, b, cx, d := c.leaf(l, 0)
	return []uint32{a, b, cx, d}
}
