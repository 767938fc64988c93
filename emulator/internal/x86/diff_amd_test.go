package x86

import (
	"bytes"
	"sync"

	"golang.org/x/arch/x86/x86asm"
)

// What AMD's processors do differently from Intel's, which the machine copies (QUIRKS.md). Measured on an EPYC of family 1Ah.

// amd says whether the host's processor is one of AMD's.
var amd = sync.OnceValue(func() bool {
	n, err := host()
	if err != nil {
		return false
	}
	r, err := n.cpuid(0)
	return err == nil && [3]uint64{r.r[RBX], r.r[RDX], r.r[RCX]} == [3]uint64{0x68747541, 0x69746e65, 0x444d4163} // "AuthenticAMD"
})

// cpuid executes CPUID on the host's processor.
func (n *native) cpuid(leaf uint64) (diffResult, error) {
	code := []byte{0x0f, 0xa2}
	in, _ := lowerBytes(code, snippetAddr(0))
	c := diffCase{code: code, insts: []Inst{*in}, diffRegs: diffRegs{mxcsr: MXCSRDefault}}
	c.r[RAX] = leaf
	res, err := n.run([]diffCase{c}, make([]byte, diffDataSize))
	if err != nil {
		return diffResult{}, err
	}
	return res[0], nil
}

// notTriedOnAMD names the instructions that the differential test leaves out there, and why.
var notTriedOnAMD = map[x86asm.Op]string{
	x86asm.FXSAVE:    mxcsrMM,
	x86asm.FXSAVE64:  mxcsrMM,
	x86asm.FXRSTOR:   mxcsrMM,
	x86asm.FXRSTOR64: mxcsrMM,
}

const mxcsrMM = "MXCSR has one bit more (MM, misaligned exception mask), which the area and its mask show"

// untouchedOnAMD says whether a case leaves memory alone on AMD's processors: Intel's push the return address before they find
// that a CALL's target is not canonical.
func untouchedOnAMD(c *diffCase, got *diffResult) bool {
	return amd() && c.ending(got).Op == x86asm.CALL && got.faulted && got.vector == TrapGP
}

// anotherOnAMD says whether the instruction is another one on AMD's processors, so that there is nothing to compare.
func anotherOnAMD(code []byte, in *Inst) bool {
	n := 0
	for bytes.IndexByte([]byte{0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3}, code[n]) >= 0 {
		n++
	}
	prefixes, opcode := code[:n], code[n:]
	prefixed := func(b byte) bool { return bytes.IndexByte(prefixes, b) >= 0 }
	rex := byte(0)
	if opcode[0]&0xf0 == 0x40 {
		rex, opcode = opcode[0], opcode[1:]
	}
	switch in.Op {
	case x86asm.NOP, x86asm.PAUSE:
		if opcode[0] == 0x90 {
			return rex&1 != 0 && prefixed(0xf3) // PAUSE with REX.B is XCHG R8, RAX
		}
		return opcode[1] == 0x0d && opcode[2] >= 0xc0 // PREFETCHW of a register is #UD
	case x86asm.LOOPE, x86asm.LOOPNE:
		if prefixed(0xf2) || prefixed(0xf3) {
			return true // the repeat prefix says which ZF ends the loop
		}
	}
	if notTriedOnAMD[in.Op] != "" {
		return true
	}
	// A branch has an operand of 16 bits, and so cuts RIP to these.
	return branches[in.Op] && prefixed(0x66)
}

// allowAMD: all that may differ only because the host is AMD's.
func allowAMD(c *diffCase, got, want *diffResult) {
	if !amd() {
		return
	}
	in := c.ending(got)
	pageFaults := got.faulted && want.faulted && got.vector == TrapPF && want.vector == TrapPF
	switch in.Op {
	case x86asm.SHA1MSG1, x86asm.SHA1MSG2, x86asm.SHA1NEXTE, x86asm.SHA1RNDS4, x86asm.SHA256MSG1, x86asm.SHA256MSG2, x86asm.SHA256RNDS2:
		if got.faulted && got.vector == TrapGP && (!want.faulted || want.vector == TrapPF) {
			*got = *want // they take memory that is not aligned
		}
	case x86asm.CMPSB, x86asm.CMPSW, x86asm.CMPSD, x86asm.CMPSQ, x86asm.SCASB, x86asm.SCASW, x86asm.SCASD, x86asm.SCASQ:
		if pageFaults && (want.addr == c.r[RSI] || want.addr == c.r[RSI]&0xffffffff) {
			got.addr, got.mapped = want.addr, want.mapped // of two operands that cannot be read, the first one's is reported
		}
		if pageFaults && in.Rep != RepNone {
			got.flags = want.flags // the flags are those of the last iteration, Intel's those from before the instruction
		}
	case x86asm.MASKMOVDQU:
		if pageFaults {
			got.addr, got.mapped = want.addr, want.mapped // bytes that the mask leaves out are not touched
		}
	case x86asm.ICEBP:
		if got.vector == TrapDB && want.vector == TrapDB {
			got.rip = want.rip // under a hypervisor RIP may stay at the instruction
		}
	case x86asm.DPPS:
		allowOtherNaN(32, &got.x[in.Args[0].Reg], &want.x[in.Args[0].Reg])
	case x86asm.DPPD:
		allowOtherNaN(64, &got.x[in.Args[0].Reg], &want.x[in.Args[0].Reg])
	}
}

// allowOtherNaN: which NaN a lane gets when several meet.
func allowOtherNaN(width uint, got, want *XMM) {
	exponent := uint64(0xff) << 23
	if width == 64 {
		exponent = 0x7ff << 52
	}
	nan := func(v uint64) bool { return v<<1&(1<<width-1) > exponent<<1 }
	for i := range 128 / width {
		if g, w := got.lane(width, i), want.lane(width, i); nan(g) && nan(w) {
			got.setLane(width, i, w)
		}
	}
}
