package x86

import (
	"bytes"
	"math"

	"golang.org/x/arch/x86/x86asm"
)

// What the machine and the host's processor may differ in.

// tryNatively says whether the instruction can be compared at all.
func tryNatively(in *Inst) bool {
	switch in.Op {
	case x86asm.SYSCALL: // would be executed by Linux
		return false
	case x86asm.CPUID, x86asm.RDTSC, x86asm.RDTSCP: // tell of the machine
		return false
	case x86asm.INT:
		return in.Args[0].Imm&0xff != 0x80
	case x86asm.MOV, x86asm.POP: // loads of segment registers would change the child's
		return in.Args[0].Kind != Sreg
	}
	return true
}

// nativeSpelling returns the case's code with what the host's processor knows, but the machine's CPUID does not announce,
// replaced by what it falls back to: TZCNT and LZCNT by BSF and BSR.
func nativeSpelling(c *diffCase) []byte {
	code := append([]byte(nil), c.code...)
	for _, in := range c.insts {
		if in.Op == x86asm.TZCNT || in.Op == x86asm.LZCNT {
			first := int(in.PC - c.insts[0].PC)
			if i := bytes.IndexByte(code[first:], 0xf3); i >= 0 {
				code[first+i] = 0x3e // a prefix without meaning
			}
		}
	}
	return code
}

// allowances are the accepted differences. Each looks at one kind and, where it finds no more than that, makes the machine's
// result what the host's is.
var allowances = []func(c *diffCase, got, want *diffResult){
	allowApproximation,
	allowUpperHalves,
	allowMaskedStoreAddress,
	allowInexactOutOfRange,
	allowFirstPageOfFault,
}

// allowApproximation: RCPxx and RSQRTxx have a relative error below 1.5·2⁻¹², a different one on every processor.
func allowApproximation(c *diffCase, got, want *diffResult) {
	in := &c.insts[len(c.insts)-1]
	switch in.Op {
	case x86asm.RCPPS, x86asm.RCPSS, x86asm.RSQRTPS, x86asm.RSQRTSS:
	default:
		return
	}
	g, w := &got.x[in.Args[0].Reg], &want.x[in.Args[0].Reg]
	for i := range uint(4) {
		a := float64(math.Float32frombits(uint32(g.lane(32, i))))
		b := float64(math.Float32frombits(uint32(w.lane(32, i))))
		if math.Abs(a-b) <= math.Abs(a)*1.5/4096 {
			g.setLane(32, i, w.lane(32, i))
		}
	}
}

// allowUpperHalves: when a repeated string instruction with 32-bit addresses ends before its first iteration does, in a
// fault or with a count of 0, processors have cut some of RCX, RSI and RDI to 32 bits all the same.
func allowUpperHalves(c *diffCase, got, want *diffResult) {
	in := &c.insts[len(c.insts)-1]
	if !stringOps[in.Op] || in.Rep == RepNone || !in.Args[0].Addr32 && !in.Args[1].Addr32 {
		return
	}
	for _, r := range []int{RCX, RSI, RDI} {
		if (want.faulted || uint32(got.r[RCX]) == 0) && want.r[r] == got.r[r]&0xffffffff {
			got.r[r] = want.r[r]
		}
	}
}

// allowMaskedStoreAddress: processors tell another byte of MASKMOVDQU's 16 as the one that faulted.
func allowMaskedStoreAddress(c *diffCase, got, want *diffResult) {
	if c.insts[len(c.insts)-1].Op == x86asm.MASKMOVDQU && got.vector == TrapPF && want.vector == TrapPF && got.addr-want.addr+16 <= 32 {
		got.addr = want.addr
	}
}

// allowInexactOutOfRange: after an unmasked overflow or underflow the inexact flag tells of the result with its exponent
// wrapped around, which no handler here will see.
func allowInexactOutOfRange(c *diffCase, got, want *diffResult) {
	if got.vector == TrapXM && want.vector == TrapXM && want.mxcsr&(mxOE|mxUE) != 0 {
		got.mxcsr = got.mxcsr&^mxPE | want.mxcsr&mxPE
	}
}

// allowFirstPageOfFault: of an operand that is read, changed and written back across two pages, the first of which may not
// be written while the second may not be read, either may be reported.
func allowFirstPageOfFault(c *diffCase, got, want *diffResult) {
	if got.vector == TrapPF && want.vector == TrapPF && want.mapped && !got.mapped && got.addr>>12 == want.addr>>12+1 && got.addr&4095 == 0 {
		got.addr, got.mapped = want.addr, want.mapped
	}
}

// notTried names the instructions that the differential test leaves out, and why.
var notTried = map[x86asm.Op]string{
	x86asm.SYSCALL: "the host's kernel would execute it",
	x86asm.CPUID:   "it tells of the machine",
	x86asm.RDTSC:   "it tells of the machine",
	x86asm.RDTSCP:  "it tells of the machine",
}
