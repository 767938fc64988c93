package x86

import "golang.org/x/arch/x86/x86asm"

// Kind says what an operand is.
type Kind uint8

// The kinds of operands.
const (
	None   Kind = iota
	GPR         // a general register, its low Size bytes
	High        // AH, CH, DH, BH: bits 8–15 of register Reg (0–3)
	XMMReg      // an SSE register
	Mem         // memory: see Arg
	Imm         // an immediate, in Arg.Imm, sign-extended as the instruction demands
	Rel         // a branch target, in Arg.Imm, absolute
	Sreg        // a segment register, numbered as in ModRM
	Other       // a register that user programs may not touch here: control, debug, x87, MMX
)

// An Arg is one operand of an instruction.
type Arg struct {
	Kind Kind
	// Size is the operand's size in bytes.
	Size uint8
	// Reg is the register's number for GPR, High, XMMReg and Sreg.
	Reg uint8
	// Base, Index, Shift and Imm are a memory operand's address: R[Base] + R[Index]<<Shift + Imm. A missing base or index
	// is Zero. RIP-relative addresses are absolute already.
	Base, Index, Shift uint8
	// Seg is FSBase, GSBase or Zero: added to the address.
	Seg uint8
	// Addr32 says that the address before adding the segment base is cut to 32 bits (address-size prefix). On a branch
	// target it says that the count register is ECX.
	Addr32 bool
	Imm    uint64
}

// Rep says how a string instruction repeats.
type Rep uint8

// The ways a string instruction repeats.
const (
	RepNone Rep = iota
	RepE        // REP, REPE
	RepNE       // REPNE
)

// An Inst is a decoded instruction in the form that the families' functions take.
type Inst struct {
	Op   x86asm.Op
	Rep  Rep
	Lock bool
	// Size is the size in bytes of operand 0 if that is a general register or memory of known size; else 2, 4 or 8 as the
	// operand-size prefix and REX.W say.
	Size uint8
	// Wide says that REX.W is set; Prefix66 that the operand-size prefix is there.
	Wide, Prefix66 bool
	NArgs          uint8
	Args           [4]Arg
	// PC is the instruction's address, Next the address behind it.
	PC, Next uint64
	// run does the work. It must do every access that can fault before it changes a register or a flag, so that a fault
	// leaves the state before the instruction; REP instructions leave the state between two iterations instead.
	run func(c *CPU, in *Inst)
}

// Addr returns the linear address of memory operand a.
func (c *CPU) Addr(a *Arg) uint64 {
	addr := c.R[a.Base&31] + c.R[a.Index&31]<<(a.Shift&3) + a.Imm
	if a.Addr32 {
		addr = uint64(uint32(addr))
	}
	return addr + c.R[a.Seg&31]
}

// Get returns operand i zero-extended from its size (1 to 8 bytes); immediates come sign-extended to 64 bits.
func (c *CPU) Get(in *Inst, i int) uint64 {
	a := &in.Args[i]
	switch a.Kind {
	case GPR:
		return c.R[a.Reg&15] & sizeMask(a.Size)
	case High:
		return c.R[a.Reg&3] >> 8 & 0xff
	case Mem:
		return c.Load(c.Addr(a), a.Size)
	case XMMReg:
		return c.X[a.Reg&15][0] & sizeMask(a.Size)
	case Sreg:
		return uint64(selectors[a.Reg&7])
	}
	return a.Imm
}

// Set writes v into operand i: 32-bit writes to a general register clear its upper half, 8- and 16-bit ones keep it. A
// write to an SSE register replaces its low Size bytes only.
func (c *CPU) Set(in *Inst, i int, v uint64) {
	a := &in.Args[i]
	switch a.Kind {
	case GPR:
		c.SetReg(a.Reg, a.Size, v)
	case High:
		c.R[a.Reg&3] = c.R[a.Reg&3]&^0xff00 | v&0xff<<8
	case Mem:
		c.Store(c.Addr(a), a.Size, v)
	case XMMReg:
		m := sizeMask(a.Size)
		c.X[a.Reg&15][0] = c.X[a.Reg&15][0]&^m | v&m
	}
}

// SetReg writes the low size bytes of v into general register r with the rule of 64-bit mode for the rest.
func (c *CPU) SetReg(r, size uint8, v uint64) {
	switch size {
	case 8:
		c.R[r&15] = v
	case 4:
		c.R[r&15] = uint64(uint32(v))
	case 2:
		c.R[r&15] = c.R[r&15]&^0xffff | v&0xffff
	default:
		c.R[r&15] = c.R[r&15]&^0xff | v&0xff
	}
}

// GetX returns operand i, an SSE register or 16 bytes of memory. aligned memory operands that are not on a multiple of
// 16 raise #GP (SDM vol. 1, 11.6.10).
func (c *CPU) GetX(in *Inst, i int, aligned bool) XMM {
	a := &in.Args[i]
	if a.Kind == XMMReg {
		return c.X[a.Reg&15]
	}
	addr := c.Addr(a)
	if aligned && addr&15 != 0 {
		c.raise(TrapGP, addr)
	}
	return c.Load128(addr)
}

// SetX writes all 16 bytes of operand i.
func (c *CPU) SetX(in *Inst, i int, v XMM, aligned bool) {
	a := &in.Args[i]
	if a.Kind == XMMReg {
		c.X[a.Reg&15] = v
		return
	}
	addr := c.Addr(a)
	if aligned && addr&15 != 0 {
		c.raise(TrapGP, addr)
	}
	c.Store128(addr, v)
}

// sizeMask returns the mask of the low size bytes.
func sizeMask(size uint8) uint64 { return ^uint64(0) >> ((64 - 8*uint(size)) & 63) }

// signExtend extends the low size bytes of v.
func signExtend(v uint64, size uint8) uint64 {
	s := (64 - 8*uint(size)) & 63
	return uint64(int64(v<<s) >> s)
}
