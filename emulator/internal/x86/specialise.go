package x86

import "golang.org/x/arch/x86/x86asm"

// specialise gives op a code of its own if the loop has a case for the instruction in this form, and says whether the
// instruction always ends the block.
func specialise(op *Op, in *Inst) (ends bool) {
	dst, src := &in.Args[0], &in.Args[1]
	switch in.Op {
	case x86asm.MOV:
		specialiseMov(op, in, dst, src)
	case x86asm.MOVZX, x86asm.MOVSX, x86asm.MOVSXD:
		specialiseExtend(op, in, dst, src)
	case x86asm.LEA:
		if dst.Size >= 4 && !src.Addr32 {
			a := *src
			a.Seg = Zero // LEA ignores segments
			address(op, &a)
			op.Dst = dst.Reg
			op.Code = opLea64
			if dst.Size == 4 {
				op.Code = opLea32
			} else if a.Index == Zero {
				op.Code, op.Src, op.Imm = opMov64, a.Base, a.Imm
			}
		}
	case x86asm.ADD:
		specialiseArith(op, dst, src, opAdd64)
	case x86asm.SUB:
		specialiseArith(op, dst, src, opSub64)
	case x86asm.AND:
		specialiseArith(op, dst, src, opAnd64)
	case x86asm.OR:
		specialiseArith(op, dst, src, opOr64)
	case x86asm.XOR:
		specialiseArith(op, dst, src, opXor64)
		if (op.Code == opXor64 || op.Code == opXor32) && op.Src == op.Dst && src.Kind == GPR {
			op.Code = opXor64Zero
		}
	case x86asm.CMP:
		specialiseArith(op, dst, src, opCmp64)
		specialise8(op, dst, src, opCmp8)
	case x86asm.TEST:
		specialiseArith(op, dst, src, opTest64)
		specialise8(op, dst, src, opTest8)
	case x86asm.ADC, x86asm.SBB:
		if dst.Kind == GPR && dst.Size == 8 && value(op, src) {
			op.Dst = dst.Reg
			op.Code = opAdc64
			if in.Op == x86asm.SBB {
				op.Code = opSbb64
			}
		}
	case x86asm.INC, x86asm.DEC, x86asm.NEG, x86asm.NOT:
		specialiseUnary(op, in, dst)
	case x86asm.SHL, x86asm.SHR, x86asm.SAR, x86asm.ROL, x86asm.ROR:
		specialiseShift(op, in, dst, src)
	case x86asm.IMUL:
		specialiseImul(op, in, dst, src)
	case x86asm.MUL:
		if dst.Kind == GPR && dst.Size == 8 {
			op.Code, op.Src = opMul64, dst.Reg
		}
	case x86asm.BSWAP:
		switch dst.Size {
		case 4:
			op.Code, op.Dst = opBswap32, dst.Reg
		case 8:
			op.Code, op.Dst = opBswap64, dst.Reg
		}
	case x86asm.PUSH:
		if dst.Kind == GPR && dst.Size == 8 {
			op.Code, op.Src = opPush64, dst.Reg
		}
	case x86asm.POP:
		if dst.Kind == GPR && dst.Size == 8 {
			op.Code, op.Dst = opPop64, dst.Reg
		}
	case x86asm.NOP:
		if in.NArgs == 0 || dst.Kind == Mem || dst.Kind == GPR {
			op.Code = opNop
		}
	case x86asm.CALL:
		op.Code = opBranch
		if dst.Kind == Rel && !in.Prefix66 {
			op.Code, op.Imm, op.Disp = opCall, dst.Imm, in.Next
		}
		return true
	case x86asm.RET:
		op.Code = opBranch
		if in.NArgs == 0 && !in.Prefix66 {
			op.Code = opRet
		}
		return true
	case x86asm.JMP:
		op.Code = opBranch
		if dst.Kind == Rel && !in.Prefix66 {
			op.Code, op.Imm = opJmp, dst.Imm
		}
		return true
	default:
		if cc, ok := jccs[in.Op]; ok && !in.Prefix66 {
			op.Code, op.CC, op.Imm = opJcc, cc, dst.Imm
			return false
		}
		if cc, ok := setccs[in.Op]; ok && dst.Kind == GPR {
			op.Code, op.CC, op.Dst = opSetcc, cc, dst.Reg
			return false
		}
		if cc, ok := cmovs[in.Op]; ok && dst.Size >= 4 && src.Kind == GPR {
			op.Code, op.CC, op.Dst, op.Src = opCmov64, cc, dst.Reg, src.Reg
			if dst.Size == 4 {
				op.Code = opCmov32
			}
			return false
		}
		specialiseSSE(op, in, dst, src)
		if branches[in.Op] {
			op.Code = opBranch
			return true
		}
	}
	return false
}

// address puts the memory operand's address into op; ok is false when the address has too many parts.
func address(op *Op, a *Arg) (ok bool) {
	if a.Kind != Mem || a.Addr32 {
		return false
	}
	base, index, shift := a.Base, a.Index, a.Shift
	if a.Seg != Zero {
		switch {
		case base == Zero:
			base = a.Seg
		case index == Zero:
			index, shift = a.Seg, 0
		default:
			return false
		}
	}
	op.Base, op.Index, op.Shift, op.Disp = base, index, shift, a.Imm
	return true
}

// value puts a register or an immediate into op as R[Src] + Imm.
func value(op *Op, a *Arg) (ok bool) {
	switch a.Kind {
	case GPR:
		op.Src, op.Imm = a.Reg, 0
		return true
	case Imm:
		op.Src, op.Imm = Zero, a.Imm
		return true
	}
	return false
}

func specialiseMov(op *Op, in *Inst, dst, src *Arg) {
	switch {
	case dst.Kind == GPR && dst.Size >= 4 && value(op, src):
		op.Dst = dst.Reg
		op.Code = bySize(dst.Size, opMov64, opMov32)
	case dst.Kind == GPR && dst.Size >= 4 && address(op, src):
		op.Dst = dst.Reg
		op.Code = bySize(dst.Size, opMov64L, opMov32L)
	case dst.Kind == Mem && src.Kind != High && src.Kind != Other && address(op, dst) && value(op, src):
		size := dst.Size
		if src.Kind == GPR {
			size = src.Size
		}
		switch size {
		case 8:
			op.Code = opMov64S
		case 4:
			op.Code = opMov32S
		case 2:
			op.Code = opMov16S
		case 1:
			op.Code = opMov8S
		}
	}
}

func bySize(size uint8, code64, code32 uint16) uint16 {
	if size == 8 {
		return code64
	}
	return code32
}

func specialiseExtend(op *Op, in *Inst, dst, src *Arg) {
	if dst.Size < 4 || src.Kind == High {
		return
	}
	op.Dst, op.Src = dst.Reg, src.Reg
	load := src.Kind == Mem
	if load && !address(op, src) {
		return
	}
	switch {
	case in.Op == x86asm.MOVZX && src.Size == 1:
		op.Code = pick(load, opMovzx8L, opMovzx8)
	case in.Op == x86asm.MOVZX && src.Size == 2:
		op.Code = pick(load, opMovzx16L, opMovzx16)
	case in.Op == x86asm.MOVSXD && dst.Size == 8 && src.Size == 4:
		op.Code = pick(load, opMovsxdL, opMovsxd)
	case in.Op == x86asm.MOVSX && dst.Size == 8 && load && src.Size == 1:
		op.Code = opMovsx8L64
	case in.Op == x86asm.MOVSX && dst.Size == 8 && load && src.Size == 2:
		op.Code = opMovsx16L64
	}
}

func pick(yes bool, a, b uint16) uint16 {
	if yes {
		return a
	}
	return b
}

// specialiseArith chooses among the forms of a two-operand instruction on 32 or 64 bits.
func specialiseArith(op *Op, dst, src *Arg, first uint16) {
	form := -1
	size := dst.Size
	switch {
	case dst.Kind == GPR && value(op, src):
		op.Dst, form = dst.Reg, form64
	case dst.Kind == GPR && address(op, src):
		op.Dst, form = dst.Reg, form64L
	case dst.Kind == Mem && src.Kind != High && address(op, dst) && value(op, src):
		form = form64S
		if src.Kind == GPR {
			size = src.Size
		}
	}
	if form < 0 || size < 4 {
		return
	}
	if size == 4 {
		form++
	}
	if first == opTest64 {
		switch form {
		case form64L, form32L: // TEST has no such form in machine code
			return
		case form64S, form32S:
			form -= form64L
		}
	}
	op.Code = first + uint16(form)
}

// specialise8 chooses among the forms of CMP and TEST on bytes.
func specialise8(op *Op, dst, src *Arg, first uint16) {
	if src.Kind == GPR && src.Size != 1 || src.Kind != GPR && src.Kind != Imm || dst.Size != 1 {
		return
	}
	switch {
	case dst.Kind == GPR && value(op, src):
		op.Dst, op.Code = dst.Reg, first
	case dst.Kind == Mem && address(op, dst) && value(op, src):
		op.Code = first + 1
	}
}

func specialiseUnary(op *Op, in *Inst, dst *Arg) {
	if dst.Kind != GPR || dst.Size < 4 {
		return
	}
	op.Dst = dst.Reg
	switch in.Op {
	case x86asm.INC:
		op.Code = bySize(dst.Size, opInc64, opInc32)
	case x86asm.DEC:
		op.Code = bySize(dst.Size, opDec64, opDec32)
	case x86asm.NOT:
		op.Code = bySize(dst.Size, opNot64, opNot32)
	case x86asm.NEG:
		op.Code = bySize(dst.Size, opNeg64, opGeneric)
	}
}

// specialiseShift takes shifts and rotations by a constant that is not 0 in its low bits: by 0 nothing changes, not even
// the flags, and that is left to the general function.
func specialiseShift(op *Op, in *Inst, dst, src *Arg) {
	if dst.Kind != GPR || dst.Size < 4 || src.Kind != Imm {
		return
	}
	n := src.Imm & uint64(dst.Size*8-1)
	if n == 0 || src.Imm&63 != n {
		return
	}
	op.Dst, op.Imm = dst.Reg, n
	switch in.Op {
	case x86asm.ROR: // kept as the general instruction unless quiet finds that it may be a rotation to the left
		op.Imm = uint64(dst.Size)*8 - n
	case x86asm.SHL:
		op.Code = bySize(dst.Size, opShl64, opShl32)
	case x86asm.SHR:
		op.Code = bySize(dst.Size, opShr64, opShr32)
	case x86asm.SAR:
		op.Code = bySize(dst.Size, opSar64, opSar32)
	}
}

func specialiseImul(op *Op, in *Inst, dst, src *Arg) {
	if in.NArgs < 2 || dst.Size < 4 {
		return
	}
	op.Dst = dst.Reg
	if in.NArgs == 3 {
		if src.Kind == GPR && in.Args[2].Kind == Imm {
			op.Code, op.Src, op.Imm, op.Base = bySize(dst.Size, opImul64, opImul32), Zero, in.Args[2].Imm, src.Reg
		}
		return
	}
	switch {
	case src.Kind == GPR:
		op.Code, op.Src, op.Imm, op.Base = bySize(dst.Size, opImul64, opImul32), src.Reg, 0, dst.Reg
	case dst.Size == 8 && address(op, src):
		op.Code = opImul64L
	}
}

func specialiseSSE(op *Op, in *Inst, dst, src *Arg) {
	regs := dst.Kind == XMMReg && src.Kind == XMMReg
	load := dst.Kind == XMMReg && src.Kind == Mem && address(op, src)
	store := dst.Kind == Mem && src.Kind == XMMReg && address(op, dst)
	op.Dst, op.Src = dst.Reg, src.Reg
	switch in.Op {
	case x86asm.MOVUPS, x86asm.MOVUPD, x86asm.MOVDQU:
		three(op, regs, load, store, opMovups, opMovupsL, opMovupsS)
	case x86asm.MOVAPS, x86asm.MOVAPD, x86asm.MOVDQA:
		three(op, regs, false, false, opMovups, 0, 0)
	case x86asm.MOVSD_XMM:
		three(op, regs, load, store, opMovsd, opMovsdL, opMovsdS)
	case x86asm.MOVQ:
		switch {
		case dst.Kind == XMMReg && src.Kind == GPR && src.Size == 8:
			op.Code = opMovqXR
		case dst.Kind == GPR && dst.Size == 8 && src.Kind == XMMReg:
			op.Code = opMovqRX
		}
	case x86asm.XORPS, x86asm.XORPD, x86asm.PXOR:
		three(op, regs, false, false, opXorps, 0, 0)
	case x86asm.ADDSD:
		three(op, regs, load, false, opAddsd, opAddsdL, 0)
	case x86asm.SUBSD:
		three(op, regs, load, false, opSubsd, opSubsdL, 0)
	case x86asm.MULSD:
		three(op, regs, load, false, opMulsd, opMulsdL, 0)
	case x86asm.DIVSD:
		three(op, regs, load, false, opDivsd, opDivsdL, 0)
	}
}

func three(op *Op, regs, load, store bool, code, codeL, codeS uint16) {
	switch {
	case regs:
		op.Code = code
	case load:
		op.Code = codeL
	case store:
		op.Code = codeS
	}
}
