package x86

import "golang.org/x/arch/x86/x86asm"

// A comparison and the conditional jump behind it are one operation in the loop: most jumps follow a comparison, and then
// neither the flags need be taken apart nor a second operation dispatched. The jump keeps its place in the block, so that
// a budget that ends between the two (cut) can still have them apart.

// conditions maps a condition of Jcc to the outcomes of a comparison that satisfy it: bit i is set if it holds for outcome
// i, where an outcome is equal<<0 | below<<1 | less<<2. Conditions that need more than the outcome (O, P and, after a
// comparison, S) are 0. Outcomes that no two numbers have are don't-cares.
var conditions = [16]uint8{
	0x2: 0b11001100, // B
	0x3: 0b00110011, // AE
	0x4: 0b10101010, // E
	0x5: 0b01010101, // NE
	0x6: 0b11101110, // BE
	0x7: 0b00010001, // A
	0xc: 0b11110000, // L
	0xd: 0b00001111, // GE
	0xe: 0b11111010, // LE
	0xf: 0b00000101, // G
}

// fuse marks the comparisons in ops that are done along with the conditional jump behind them, and the rotations whose
// flags nobody sees.
func fuse(ops []Op) {
	for i := 0; i+1 < len(ops); i++ {
		op, jcc := &ops[i], &ops[i+1]
		if op.In != nil && (op.In.Op == x86asm.ROL || op.In.Op == x86asm.ROR) && op.Imm != 0 && quiet(ops[i+1:]) {
			op.Code = bySize(op.In.Args[0].Size, opRol64Quiet, opRol32Quiet)
		}
		if jcc.Code != opJcc || op.Code < opCmp64 || op.Code > opTest8S {
			continue
		}
		cc := jcc.CC
		if op.Code == opTest64 || op.Code == opTest32 || op.Code == opTest64S || op.Code == opTest32S || op.Code == opTest8 || op.Code == opTest8S {
			switch cc { // a test compares with 0, where the sign tells which is less
			case 0x8:
				cc = 0xc
			case 0x9:
				cc = 0xd
			}
		}
		if mask := conditions[cc&15]; mask != 0 {
			op.Code += opCmp64Jcc - opCmp64
			op.CC = mask
		}
	}
}

// outcome compares a and b as in conditions.
func outcome(a, b uint64) uint8 {
	var eq, below, less uint8
	if a == b {
		eq = 1
	}
	if a < b {
		below = 2
	}
	if int64(a) < int64(b) {
		less = 4
	}
	return eq | below | less
}

// quiet says whether the status flags that hold before ops are overwritten before anybody can look at them. A rotation
// keeps four flags and sets two, which is dear when flags are lazy; but in the hash functions that rotate, an addition or a
// logical operation follows. Only operations that neither fault nor branch may stand in between. A budget that ends in
// between executes the operations' Alt codes, which set all flags.
func quiet(ops []Op) bool {
	for i := range ops {
		switch op := &ops[i]; op.Alt {
		case opMov64, opMov32, opMovzx8, opMovzx16, opMovsxd, opLea64, opLea32, opNot64, opNot32, opBswap32, opBswap64, opNop:
		case opAdd64, opAdd32, opSub64, opSub32, opAnd64, opAnd32, opOr64, opOr32, opXor64, opXor32, opXor64Zero,
			opCmp64, opCmp32, opTest64, opTest32, opShl64, opShl32, opShr64, opShr32, opSar64, opSar32, opImul64, opImul32:
			return true
		case opGeneric:
			if op.In.Op != x86asm.ROL && op.In.Op != x86asm.ROR || op.Imm == 0 {
				return false
			}
		default:
			return false
		}
	}
	return false
}
