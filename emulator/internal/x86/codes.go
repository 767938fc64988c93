package x86

// Codes of the operations that have a case of their own in the loop (run.go). A name is the mnemonic, the operand size in
// bits, and for operations on memory "L" where the second operand is loaded and "S" where the first is stored (or loaded
// and stored again). An operation without a letter takes its second operand as R[Src] + Imm, of which one is zero, so that
// one case serves registers and immediates.
const (
	opGeneric uint16 = iota // Inst.run does it
	opBranch                // a generic instruction that sets RIP itself
	opNext                  // not an instruction: go on at Imm
	opStop                  // not an instruction: the budget is used up; RIP = PC
	opBreak                 // not an instruction: a breakpoint
	opStale                 // the block was dropped before this was executed: look up PC again; CC instructions of it are retired
	opTrap                  // an instruction that only raises an exception
	opNop

	opMov64 // also LEA of base + displacement
	opMov32
	opMov64L
	opMov32L
	opMov64S
	opMov32S
	opMov16S
	opMov8S
	opMovzx8
	opMovzx16
	opMovzx8L
	opMovzx16L
	opMovsx8L64
	opMovsx16L64
	opMovsxd
	opMovsxdL
	opLea64
	opLea32

	// Arithmetic and logic: forms in the order of the form… constants, so that code = first + form.
	opAdd64
	opAdd32
	opAdd64L
	opAdd32L
	opAdd64S
	opAdd32S
	opSub64
	opSub32
	opSub64L
	opSub32L
	opSub64S
	opSub32S
	opAnd64
	opAnd32
	opAnd64L
	opAnd32L
	opAnd64S
	opAnd32S
	opOr64
	opOr32
	opOr64L
	opOr32L
	opOr64S
	opOr32S
	opXor64
	opXor32
	opXor64L
	opXor32L
	opXor64S
	opXor32S
	opCmp64
	opCmp32
	opCmp64L
	opCmp32L
	opCmp64S
	opCmp32S
	opTest64
	opTest32
	opTest64S // first operand in memory
	opTest32S
	opCmp8
	opCmp8S
	opTest8
	opTest8S

	opAdc64
	opSbb64
	opInc64
	opInc32
	opDec64
	opDec32
	opNeg64
	opNot64
	opNot32
	opShl64
	opShl32
	opShr64
	opShr32
	opSar64
	opSar32
	opRol32Quiet // rotations whose flags nobody sees: see quiet
	opRol64Quiet
	opImul64
	opImul32
	opImul64L
	opMul64
	opBswap32
	opBswap64
	opXor64Zero // XOR r, r: sets zero without reading

	opPush64
	opPop64
	opCall
	opRet
	opJmp
	opJcc
	opSetcc
	opCmov64
	opCmov32

	opMovupsL
	opMovupsS
	opMovups
	opMovsdL
	opMovsdS
	opMovsd
	opMovqXR
	opMovqRX
	opXorps
	opAddsd
	opSubsd
	opMulsd
	opDivsd
	opAddsdL
	opSubsdL
	opMulsdL
	opDivsdL

	// Fused with the conditional jump behind them. The order is that of the plain operations.
	opCmp64Jcc
	opCmp32Jcc
	opCmp64LJcc
	opCmp32LJcc
	opCmp64SJcc
	opCmp32SJcc
	opTest64Jcc
	opTest32Jcc
	opTest64SJcc
	opTest32SJcc
	opCmp8Jcc
	opCmp8SJcc
	opTest8Jcc
	opTest8SJcc
)

// Forms of the arithmetic operations, to be added to the first code of a mnemonic.
const (
	form64  = iota // R[Dst] op (R[Src] + Imm)
	form32         // the same in 32 bits
	form64L        // R[Dst] op memory
	form32L
	form64S // memory op (R[Src] + Imm)
	form32S
)
