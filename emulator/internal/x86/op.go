package x86

// An Op is an instruction in the form in which the interpreter's loop wants it: small, dense, with everything that can be
// known before it runs already computed.
type Op struct {
	// Code selects the case in the loop; Alt is the code to use when the following operation must not be done along
	// with this one (see fuse.go).
	Code, Alt uint16
	// N is the number of instructions of the block that are retired once this one is.
	N uint16
	// Dst and Src are register numbers; Base, Index and Shift address memory as in Arg, with the segment base taking the
	// place of a missing base or index.
	Dst, Src, Base, Index, Shift uint8
	// CC is a condition, numbered as in Jcc's opcode.
	CC   uint8
	Imm  uint64
	Disp uint64
	// PC is the instruction's address.
	PC uint64
	// Link is the block at the branch target, once known.
	Link *Block
	In   *Inst
}

// A Block is a run of instructions that is entered only at its first one. It may be left at every branch in it; its last
// operation always leaves it.
type Block struct {
	Ops []Op
	// N is the number of instructions in the block.
	N  int64
	PC uint64
}
