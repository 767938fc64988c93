package x86

import (
	"golang.org/x/arch/x86/x86asm"
)

// lower turns a decoded instruction at pc into an Inst. ok is false when the machine lacks the instruction.
func lower(x *x86asm.Inst, code []byte, pc uint64) (in *Inst, ok bool) {
	row := opcodes[x.Op]
	if row == nil {
		return nil, false
	}
	in = &Inst{Op: x.Op, PC: pc, Next: pc + uint64(x.Len), run: row.run, Size: uint8(x.DataSize / 8)}
	addr32 := x.AddrSize == 32
	seg := uint8(Zero)
	for _, p := range x.Prefix {
		if p == 0 {
			break
		}
		switch p &^ (x86asm.PrefixImplicit | x86asm.PrefixIgnored | x86asm.PrefixInvalid) {
		case x86asm.PrefixFS:
			seg = FSBase
		case x86asm.PrefixGS:
			seg = GSBase
		case x86asm.PrefixREP:
			in.Rep = RepE
		case x86asm.PrefixREPN:
			in.Rep = RepNE
		case x86asm.PrefixLOCK:
			if p&x86asm.PrefixInvalid != 0 || x.Op == x86asm.MOV { // a LOCKed move is another processor's way to CR8
				return nil, false
			}
			in.Lock = true
		case x86asm.PrefixDataSize, x86asm.PrefixData16:
			in.Prefix66 = true
		default:
			if p.IsVEX() || p == x86asm.PrefixEVEX {
				return nil, false
			}
			if b := p &^ (x86asm.PrefixImplicit | x86asm.PrefixIgnored); b.IsREX() && b&x86asm.PrefixREXW != 0 {
				in.Wide = true
			}
		}
	}
	for i, a := range x.Args {
		if a == nil {
			break
		}
		if i == len(in.Args) {
			return nil, false
		}
		in.NArgs++
		arg := &in.Args[i]
		switch a := a.(type) {
		case x86asm.Reg:
			if a >= x86asm.M0 && a <= x86asm.M7 {
				return nil, false // the MMX form of an instruction that we have for SSE registers
			}
			*arg = regArg(a)
		case x86asm.Imm:
			*arg = Arg{Kind: Imm, Imm: uint64(a), Size: in.Size}
		case x86asm.Rel:
			*arg = Arg{Kind: Rel, Imm: in.Next + uint64(int64(a)), Addr32: addr32}
		case x86asm.Mem:
			*arg = Arg{Kind: Mem, Size: uint8(x.MemBytes), Shift: log2(a.Scale), Base: Zero, Index: Zero, Seg: seg, Addr32: addr32}
			arg.Imm = uint64(a.Disp)
			if legacyDisp(x) {
				arg.Imm = uint64(int64(int32(a.Disp))) // x86asm zero-extends disp32 (golang/go#18666)
			}
			if a.Segment == x86asm.ES { // string destinations take no segment prefix
				arg.Seg = Zero
			}
			if a.Base == x86asm.RIP || a.Base == x86asm.EIP {
				arg.Imm += in.Next
			} else if a.Base != 0 {
				arg.Base = regArg(a.Base).Reg
			}
			if a.Index != 0 {
				arg.Index = regArg(a.Index).Reg
			}
		}
	}
	if !permitted(in) {
		return nil, false
	}
	if d := &in.Args[0]; d.Size != 0 && (d.Kind == GPR || d.Kind == High || d.Kind == Mem) {
		in.Size = d.Size // x86asm gives byte instructions a DataSize of 32
	}
	if x.Op == x86asm.MASKMOVDQU {
		in.Args[2] = Arg{Kind: Mem, Size: 1, Base: RDI, Index: Zero, Seg: seg, Addr32: addr32} // implied
	}
	if x.Op == x86asm.MOVSXD && in.Size == 2 {
		in.Args[1].Size = 2 // a plain 16-bit move (SDM vol. 2, MOVSXD); x86asm reads 4 bytes
	}
	return in, true
}

// permitted says whether the processor accepts a form that x86asm does: it lets pass some registers where only memory will
// do, and some prefixes that make another, unknown instruction.
func permitted(in *Inst) bool {
	switch in.Op {
	case x86asm.MOVLPD, x86asm.MOVHPD:
		return in.Args[0].Kind == Mem || in.Args[1].Kind == Mem
	case x86asm.RSQRTPS, x86asm.RCPPS:
		return !in.Prefix66 && in.Rep == RepNone
	case x86asm.SHA1RNDS4, x86asm.SHA1NEXTE, x86asm.SHA1MSG1, x86asm.SHA1MSG2, x86asm.SHA256RNDS2, x86asm.SHA256MSG1,
		x86asm.SHA256MSG2, x86asm.LFENCE, x86asm.MFENCE, x86asm.SFENCE,
		x86asm.EMMS, x86asm.FXSAVE, x86asm.FXSAVE64, x86asm.FXRSTOR, x86asm.FXRSTOR64, x86asm.LDMXCSR, x86asm.STMXCSR,
		x86asm.MOVNTI:
		return in.Rep == RepNone && !in.Prefix66
	case x86asm.MOVBE, x86asm.CLFLUSH:
		return in.Rep == RepNone
	}
	return true
}

// legacyDisp says whether the memory operand's displacement has at most 32 bits: all but the moffs forms of MOV.
func legacyDisp(x *x86asm.Inst) bool {
	op := x.Opcode >> 24
	return !(x.Op == x86asm.MOV && op >= 0xa0 && op <= 0xa3)
}

func log2(scale uint8) uint8 {
	switch scale {
	case 2:
		return 1
	case 4:
		return 2
	case 8:
		return 3
	}
	return 0
}

// regArg returns the operand for a register of the decoder's.
func regArg(r x86asm.Reg) Arg {
	switch {
	case r >= x86asm.AH && r <= x86asm.BH:
		return Arg{Kind: High, Size: 1, Reg: uint8(r - x86asm.AH)}
	case r >= x86asm.AL && r <= x86asm.BL:
		return Arg{Kind: GPR, Size: 1, Reg: uint8(r - x86asm.AL)}
	case r >= x86asm.SPB && r <= x86asm.R15B:
		return Arg{Kind: GPR, Size: 1, Reg: uint8(r-x86asm.SPB) + RSP}
	case r >= x86asm.AX && r <= x86asm.R15W:
		return Arg{Kind: GPR, Size: 2, Reg: uint8(r - x86asm.AX)}
	case r >= x86asm.EAX && r <= x86asm.R15L:
		return Arg{Kind: GPR, Size: 4, Reg: uint8(r - x86asm.EAX)}
	case r >= x86asm.RAX && r <= x86asm.R15:
		return Arg{Kind: GPR, Size: 8, Reg: uint8(r - x86asm.RAX)}
	case r >= x86asm.X0 && r <= x86asm.X15:
		return Arg{Kind: XMMReg, Size: 16, Reg: uint8(r - x86asm.X0)}
	case r >= x86asm.ES && r <= x86asm.GS:
		return Arg{Kind: Sreg, Size: 2, Reg: uint8(r - x86asm.ES)}
	}
	return Arg{Kind: Other, Reg: uint8(r)}
}
