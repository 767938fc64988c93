package x86

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// Two pages of data, the second of which may only be read; behind them is nothing.
const (
	sseData     = 0x500000
	sseReadOnly = sseData + 4096
	sseEnd      = sseData + 8192
)

func newSSECPU(t *testing.T) *CPU {
	mem := memory.New(1 << 20)
	for _, a := range []memory.Area{
		{Start: goldenCode, End: goldenCode + 4096, Prot: memory.Read | memory.Write | memory.Exec},
		{Start: sseData, End: sseReadOnly, Prot: memory.Read | memory.Write},
		{Start: sseReadOnly, End: sseEnd, Prot: memory.Read},
	} {
		if err := mem.Map(a); err != nil {
			t.Fatal(err)
		}
	}
	data := make([]byte, 8192)
	for i := range data {
		data[i] = byte(i * 7)
	}
	mem.Poke(data, sseData)
	return New(mem)
}

// TestSSEMemory executes instructions with the memory operand [rax] at places where they must or must not fault.
func TestSSEMemory(t *testing.T) {
	const none = Vector(0xff)
	for _, l := range []struct {
		code, name string
		at         uint64
		vector     Vector
		addr       uint64
	}{
		{"0f2808", "movaps xmm1,[rax]", sseData, none, 0},
		{"0f2808", "movaps xmm1,[rax]", sseData + 8, TrapGP, sseData + 8},
		{"0f2808", "movaps xmm1,[rax]", sseEnd, TrapPF, sseEnd},
		{"0f2908", "movaps [rax],xmm1", sseData + 4, TrapGP, sseData + 4},
		{"0f2908", "movaps [rax],xmm1", sseReadOnly, TrapPF, sseReadOnly},
		{"0f1008", "movups xmm1,[rax]", sseData + 1, none, 0},
		{"0f1008", "movups xmm1,[rax]", sseEnd - 15, TrapPF, sseEnd},
		{"0f1108", "movups [rax],xmm1", sseReadOnly - 1, TrapPF, sseReadOnly},
		{"f30f6f08", "movdqu xmm1,[rax]", sseReadOnly - 3, none, 0},
		{"f20ff008", "lddqu xmm1,[rax]", sseData + 3, none, 0},
		{"660fe708", "movntdq [rax],xmm1", sseData + 1, TrapGP, sseData + 1},
		{"660f382a08", "movntdqa xmm1,[rax]", sseData + 1, TrapGP, sseData + 1},
		{"660fef08", "pxor xmm1,[rax]", sseData + 2, TrapGP, sseData + 2},
		{"660f58c8", "addpd xmm1,xmm0", 0, none, 0},
		{"660f5808", "addpd xmm1,[rax]", sseData + 8, TrapGP, sseData + 8},
		{"f20f5808", "addsd xmm1,[rax]", sseEnd - 8, none, 0},
		{"f20f5808", "addsd xmm1,[rax]", sseEnd - 7, TrapPF, sseEnd},
		{"f30f5808", "addss xmm1,[rax]", sseEnd - 4, none, 0},
		{"f30f5808", "addss xmm1,[rax]", sseEnd - 3, TrapPF, sseEnd},
		{"660f2e08", "ucomisd xmm1,[rax]", sseEnd - 8, none, 0},
		{"f20f1008", "movsd xmm1,[rax]", sseEnd - 8, none, 0},
		{"f20f1108", "movsd [rax],xmm1", sseReadOnly - 4, TrapPF, sseReadOnly},
		{"660f6e08", "movd xmm1,[rax]", sseEnd - 4, none, 0},
		{"66480f6e08", "movq xmm1,[rax]", sseEnd - 8, none, 0},
		{"660fd608", "movq [rax],xmm1", sseReadOnly - 8, none, 0},
		{"0f1608", "movhps xmm1,[rax]", sseEnd - 8, none, 0},
		{"f20f1208", "movddup xmm1,[rax]", sseEnd - 8, none, 0},
		{"f30fe608", "cvtdq2pd xmm1,[rax]", sseEnd - 8, none, 0},
		{"0f5a08", "cvtps2pd xmm1,[rax]", sseEnd - 8, none, 0},
		{"660f382008", "pmovsxbw xmm1,[rax]", sseEnd - 8, none, 0},
		{"660f383108", "pmovzxbd xmm1,[rax]", sseEnd - 4, none, 0},
		{"660f383208", "pmovzxbq xmm1,[rax]", sseEnd - 2, none, 0},
		{"660f3a200801", "pinsrb xmm1,[rax],1", sseEnd - 1, none, 0},
		{"660fc40801", "pinsrw xmm1,[rax],1", sseEnd - 2, none, 0},
		{"660f3a140801", "pextrb [rax],xmm1,1", sseReadOnly - 1, none, 0},
		{"660f3a210810", "insertps xmm1,[rax],0x10", sseEnd - 4, none, 0},
		{"660f3a63080c", "pcmpistri xmm1,[rax],0xc", sseEnd - 16, none, 0},
		{"660f3a63080c", "pcmpistri xmm1,[rax],0xc", sseEnd - 15, TrapPF, sseEnd},
		{"f2480f38f108", "crc32 rcx,qword [rax]", sseEnd - 8, none, 0},
		{"f3480fb808", "popcnt rcx,[rax]", sseEnd - 7, TrapPF, sseEnd},
		{"0fae5008", "ldmxcsr [rax+8]", sseEnd - 11, TrapPF, sseEnd},
		{"0fae10", "ldmxcsr [rax]", sseData, TrapGP, 0}, // the bytes there set reserved bits
		{"0fae18", "stmxcsr [rax]", sseData, none, 0},
		{"0fae00", "fxsave [rax]", sseData + 8, TrapGP, sseData + 8},
		{"0fae00", "fxsave [rax]", sseReadOnly - 256, TrapPF, sseReadOnly + 255},
		{"0f1800", "prefetchnta [rax]", 0, none, 0},
		{"0fae38", "clflush [rax]", sseEnd, TrapPF, sseEnd},
		{"660f1208", "movlpd xmm1,[rax]", sseEnd - 8, none, 0},
		{"660f12c8", "movlpd xmm1,xmm0", 0, TrapUD, 0},
		{"660f53c8", "rcpps xmm1,xmm0 with an operand-size prefix", 0, TrapUD, 0},
		{"0ffcc8", "paddb mm1,mm0", 0, TrapUD, 0},
	} {
		c := newSSECPU(t)
		code, _ := hex.DecodeString(l.code)
		c.mem.Poke(code, goldenCode)
		c.RIP = goldenCode
		c.R[RAX] = l.at
		for i := range c.X {
			c.X[i] = XMM{uint64(i) << 52, 3}
		}
		before := c.Context
		data := make([]byte, 8192)
		c.mem.Peek(data, sseData)
		ran, why := c.Run(1)
		switch {
		case l.vector == none:
			if ran != 1 || why != ExitBudget {
				t.Errorf("%s at %#x: %v", l.name, l.at, c.Trap.Vector)
			}
			continue
		case why != ExitTrap || c.Trap.Vector != l.vector || c.Trap.Addr != l.addr:
			t.Errorf("%s at %#x: exit %d, %v at %#x; want %v at %#x", l.name, l.at, why, c.Trap.Vector, c.Trap.Addr, l.vector, l.addr)
		}
		after := make([]byte, 8192)
		c.mem.Peek(after, sseData)
		if c.Context != before || string(after) != string(data) {
			t.Errorf("%s at %#x: changed something before it trapped", l.name, l.at)
		}
	}
}

// TestFXSAVE saves, changes and restores the state.
func TestFXSAVE(t *testing.T) {
	c := newSSECPU(t)
	code, _ := hex.DecodeString("0fae00" + "0fae08") // fxsave [rax]; fxrstor [rax]
	c.mem.Poke(code, goldenCode)
	c.R[RAX], c.RIP, c.MXCSR = sseData+64, goldenCode, 0x7fa5
	for i := range c.X {
		c.X[i] = XMM{uint64(i) + 1, uint64(i) << 60}
	}
	saved := c.X
	if _, why := c.Run(1); why != ExitBudget {
		t.Fatal(c.Trap)
	}
	var area [512]byte
	c.mem.Peek(area[:], sseData+64)
	for _, f := range []struct {
		name string
		at   int
		want uint64
	}{{"FCW, FSW, FTW, FOP", 0, 0x37f}, {"MXCSR and its mask", 24, 0xffff<<32 | 0x7fa5}, {"ST0", 32, 0}, {"XMM15, high", 160 + 15*16 + 8, 15 << 60}} {
		if got := binary.LittleEndian.Uint64(area[f.at:]); got != f.want {
			t.Errorf("%s: %#x, want %#x", f.name, got, f.want)
		}
	}
	c.X, c.MXCSR = [16]XMM{}, MXCSRDefault
	if _, why := c.Run(1); why != ExitBudget {
		t.Fatal(c.Trap)
	}
	if c.X != saved || c.MXCSR != 0x7fa5 {
		t.Errorf("restored %x, MXCSR %#x", c.X, c.MXCSR)
	}
}

// TestSSEAllocates executes one line of the golden files for each mnemonic and sees that nothing is allocated.
func TestSSEAllocates(t *testing.T) {
	c := newSSECPU(t)
	seen := make(map[x86asm.Op]bool)
	for _, name := range []string{"float.txt", "integer.txt"} {
		f, err := os.Open("testdata/sse/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			parts := strings.Split(lines.Text(), "|")
			before := goldenState{flags: goldenFlags}
			if err := before.parse(parts[1]); err != nil || strings.Contains(parts[2], "#XM") {
				continue
			}
			code, _, _ := strings.Cut(parts[0], " ")
			bytes, _ := hex.DecodeString(code)
			before.step(t, c, bytes)
			in, trap := c.decodeOne(goldenCode)
			if trap != nil || seen[in.Op] {
				continue
			}
			seen[in.Op] = true
			c.cur = &Op{In: in}
			if n := testing.AllocsPerRun(10, func() { copy(c.X[:], before.x[:]); in.run(c, in) }); n > 0 {
				t.Errorf("%v allocates %v times", in.Op, n)
			}
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d mnemonics", len(seen))
	}
}
