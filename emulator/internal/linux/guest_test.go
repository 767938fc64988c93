package linux

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// Where the tests' little programs lie.
const (
	codeAt   = 0x10000
	dataAt   = 0x20000
	stackTop = 0x40000
)

// newGuest returns a kernel about to execute the code given, in one thread.
func newGuest(t testing.TB, code ...[]byte) *Kernel {
	t.Helper()
	mem := memory.New(64 << 20)
	k := New(Config{Mem: mem, CPU: x86.New(mem), CPUs: 4, Seed: 1, Path: "/bin/test"})
	k.Report = func(s string) { t.Log(s) }
	for _, a := range []memory.Area{
		{Start: codeAt, End: codeAt + 0x10000, Prot: memory.Read | memory.Exec},
		{Start: dataAt, End: stackTop, Prot: memory.Read | memory.Write},
	} {
		if err := mem.Map(a); err != nil {
			t.Fatal(err)
		}
	}
	if !mem.Poke(bytes.Join(code, nil), codeAt) {
		t.Fatal("the code has no place")
	}
	k.Start(codeAt, stackTop-0x1000)
	return k
}

// Instructions.
var (
	nop     = []byte{0x90}
	pause   = []byte{0xf3, 0x90}
	ud2     = []byte{0x0f, 0x0b}
	syscall = []byte{0x0f, 0x05}
	forever = []byte{0xeb, 0xfe} // jmp .
	ret     = []byte{0xc3}
)

func imm32(op []byte, v uint64) []byte { return binary.LittleEndian.AppendUint32(op, uint32(v)) }

// call is the instructions of a system call: MOV of 32 bits into eax, edi, esi, edx, r10d, r8d, r9d, then SYSCALL.
func call(nr uint64, a ...uint64) []byte {
	code := imm32([]byte{0xb8}, nr)
	for i, v := range a {
		code = append(code, imm32([][]byte{{0xbf}, {0xbe}, {0xba}, {0x41, 0xba}, {0x41, 0xb8}, {0x41, 0xb9}}[i], v)...)
	}
	return append(code, syscall...)
}

// times repeats code.
func times(n int, code []byte) []byte { return bytes.Repeat(code, n) }

// at pads code with NOPs up to the offset.
func at(offset int, code ...[]byte) []byte {
	b := bytes.Join(code, nil)
	return append(b, times(offset-len(b), nop)...)
}

// poke stores words in the guest's data.
func poke(t testing.TB, k *Kernel, addr uint64, words ...uint64) {
	t.Helper()
	if err := k.storeWords(addr, words...); err != nil {
		t.Fatal(err)
	}
}

// peek loads a word.
func peek(t testing.TB, k *Kernel, addr uint64) uint64 {
	t.Helper()
	v, err := k.load64(addr)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// digest is the hash of all state.
func digest(k *Kernel) [32]byte {
	h := sha256.New()
	k.Mem.HashTo(h)
	k.HashTo(h)
	return [32]byte(h.Sum(nil))
}

// finish runs the guest to its end.
func finish(t testing.TB, k *Kernel) ExitStatus {
	t.Helper()
	s := k.Run(nil, 1<<40)
	if s.Reason != StopExit {
		t.Fatalf("stopped for reason %d at tick %d, pc %#x; want exit", s.Reason, k.Tick, s.PC)
	}
	status, _ := k.Exited()
	return status
}
