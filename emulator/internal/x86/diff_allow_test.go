package x86

import (
	"math"
	"slices"
	"sync"

	"golang.org/x/arch/x86/x86asm"
)

// What the machine and the host's processor may differ in.

// tryNatively says whether the instruction, of that code, can be compared at all.
func tryNatively(code []byte, in *Inst) bool {
	if amd() && anotherOnAMD(code, in) {
		return false
	}
	switch in.Op {
	case x86asm.SYSCALL: // would be executed by Linux
		return false
	case x86asm.CPUID, x86asm.RDTSC, x86asm.RDTSCP: // tell of the machine
		return false
	case x86asm.INT:
		return in.Args[0].Imm&0xff != 0x80
	case x86asm.SHLD, x86asm.SHRD:
		if in.Args[0].Kind == Mem && in.Size == 2 && !strict() { // may store something undefined
			return false
		}
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
			for i := int(in.PC - c.insts[0].PC); code[i] != 0x0f; i++ {
				if code[i] == 0xf3 {
					code[i] = 0x3e // a prefix without meaning
				}
			}
		}
	}
	return code
}

// allowances are the accepted differences. Each looks at one kind and, where it finds no more than that, makes the machine's
// result what the host's is.
var allowances = []func(c *diffCase, got, want *diffResult){
	allowUndefinedFlags,
	allowUndefinedResult,
	allowApproximation,
	allowUpperHalves,
	allowFirstPageOfFault,
	allowAMD,
}

// measured are the processors (CPUID leaf 1, without the stepping) that the machine copies where the SDM leaves a flag or a
// result undefined. On these nothing undefined is allowed to differ.
var measured = []uint64{
	0xa0670, // Xeon, 11th generation, AVX-512
}

// strict says whether the host is one of the measured processors.
var strict = sync.OnceValue(func() bool {
	n, err := host()
	if err != nil {
		return false
	}
	res, err := n.cpuid(1)
	return err == nil && slices.Contains(measured, res.r[RAX]&^0xf)
})

// undefinedFlags returns the flags that the SDM leaves undefined after in, run with the registers given.
func undefinedFlags(in *Inst, r *[16]uint64) uint64 {
	width := 8 * uint64(in.Size)
	count := uint64(0)
	if in.NArgs > 1 {
		count = in.Args[in.NArgs-1].Imm
		if in.Args[in.NArgs-1].Kind == GPR {
			count = r[RCX]
		}
		count &= max(31, width-1)
	}
	switch in.Op {
	case x86asm.AND, x86asm.OR, x86asm.XOR, x86asm.TEST:
		return FlagAF
	case x86asm.SHL, x86asm.SHR, x86asm.SAR, x86asm.SHLD, x86asm.SHRD:
		switch {
		case count == 0:
			return 0
		case count == 1:
			return FlagAF
		case count < width:
			return FlagAF | FlagOF
		case in.Op == x86asm.SHLD || in.Op == x86asm.SHRD:
			return FlagsArith
		}
		return FlagAF | FlagOF | FlagCF
	case x86asm.ROL, x86asm.ROR, x86asm.RCL, x86asm.RCR:
		if count > 1 {
			return FlagOF
		}
	case x86asm.MUL, x86asm.IMUL:
		return FlagSF | FlagZF | FlagAF | FlagPF
	case x86asm.DIV, x86asm.IDIV:
		return FlagsArith
	case x86asm.BT, x86asm.BTS, x86asm.BTR, x86asm.BTC:
		return FlagOF | FlagSF | FlagAF | FlagPF
	case x86asm.BSF, x86asm.BSR, x86asm.TZCNT, x86asm.LZCNT:
		return FlagsArith &^ FlagZF
	}
	return 0
}

// leavesUndefined says whether a processor that was not measured may leave other flags or another result after in than the
// machine does. The last instruction of a case is allowed to; one before it would change what comes after.
func leavesUndefined(in *Inst) bool {
	switch in.Op {
	case x86asm.RCPPS, x86asm.RCPSS, x86asm.RSQRTPS, x86asm.RSQRTSS, x86asm.DPPS, x86asm.DPPD:
		return true
	case x86asm.BSWAP:
		return in.Size == 2
	}
	return undefinedFlags(in, &[16]uint64{RCX: 31}) != 0 // a count that leaves most undefined
}

// allowUndefinedFlags: what the SDM leaves undefined may be anything on a processor that was not measured.
func allowUndefinedFlags(c *diffCase, got, want *diffResult) {
	if !strict() && !want.faulted {
		in := &c.insts[len(c.insts)-1]
		mask := undefinedFlags(in, &c.r)
		if len(c.insts) > 1 { // what came before may have changed the count
			mask |= undefinedFlags(in, &[16]uint64{RCX: 31})
		}
		got.flags = got.flags&^mask | want.flags&mask
	}
}

// allowUndefinedResult: likewise of SHLD and SHRD of a 16-bit operand by more than 16, BSWAP of a 16-bit register, and BSF
// and BSR when there is no bit.
func allowUndefinedResult(c *diffCase, got, want *diffResult) {
	in := c.ending(got)
	if strict() || want.faulted || in.Args[0].Kind != GPR {
		return
	}
	switch in.Op {
	case x86asm.SHLD, x86asm.SHRD, x86asm.BSWAP:
		if in.Size != 2 {
			return
		}
	case x86asm.BSF, x86asm.BSR, x86asm.TZCNT, x86asm.LZCNT:
		if want.flags&FlagZF == 0 {
			return
		}
	default:
		return
	}
	got.r[in.Args[0].Reg] = want.r[in.Args[0].Reg]
}

// allowApproximation: RCPxx and RSQRTxx have a relative error below 1.5·2⁻¹², a different one on every processor, so that two
// of them are less than twice that apart.
func allowApproximation(c *diffCase, got, want *diffResult) {
	in := c.ending(got)
	switch in.Op {
	case x86asm.RCPPS, x86asm.RCPSS, x86asm.RSQRTPS, x86asm.RSQRTSS:
	default:
		return
	}
	g, w := &got.x[in.Args[0].Reg], &want.x[in.Args[0].Reg]
	for i := range uint(4) {
		a := float64(math.Float32frombits(uint32(g.lane(32, i))))
		b := float64(math.Float32frombits(uint32(w.lane(32, i))))
		if math.Abs(a-b) <= math.Abs(a)*2*1.5/4096 {
			g.setLane(32, i, w.lane(32, i))
		}
	}
}

// allowUpperHalves: when a repeated string instruction with 32-bit addresses ends before its first iteration does, in a
// fault or with a count of 0, processors have cut some of RCX, RSI and RDI to 32 bits all the same.
func allowUpperHalves(c *diffCase, got, want *diffResult) {
	in := c.ending(got)
	if !stringOps[in.Op] || in.Rep == RepNone || !in.Args[0].Addr32 && !in.Args[1].Addr32 {
		return
	}
	for _, r := range []int{RCX, RSI, RDI} {
		if (want.faulted || uint32(got.r[RCX]) == 0) && want.r[r] == got.r[r]&0xffffffff {
			got.r[r] = want.r[r]
		}
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
	x86asm.FNINIT:  "one fixed encoding: TestControlWord",
	x86asm.FNCLEX:  "one fixed encoding: TestControlWord",
}
