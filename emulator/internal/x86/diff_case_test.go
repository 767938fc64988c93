package x86

import (
	"math"
	"math/rand/v2"

	"golang.org/x/arch/x86/x86asm"
)

// Where a test case's memory lies, natively and in the machine: low, so that 32-bit addresses and displacements reach it.
const (
	diffData     = 0x10010000
	diffWritable = 4 * 4096 // of the data region; behind it a page that may only be read, then nothing
	diffDataSize = 5 * 4096
	diffFSBase   = diffData + 0x1008
	diffGSBase   = diffData + 0x2010

	diffCode      = 0x2a540000 // no value that registers like to hold
	diffState     = 0x35670000
	diffSlots     = 255
	slotStride    = 1024
	snippetOffset = 512 // of the instructions tested within their slot
	padSize       = 128 // INT3s around a case that ends in a branch
)

// nativeOnly says whether addr is where the host has the code and the state of cases, which the machine cannot read.
func nativeOnly(addr uint64) bool { return addr>>28 == diffCode>>28 || addr>>28 == diffState>>28 }

func slotAddr(i int) uint64    { return diffCode + uint64(i)*slotStride }
func snippetAddr(i int) uint64 { return slotAddr(i) + snippetOffset }

// A diffCase is a few instructions and the registers to start them with.
type diffCase struct {
	code  []byte
	insts []Inst
	// branch says that the last instruction is a branch.
	branch bool
	// writes are done to memory first.
	writes []diffWrite
	diffRegs
}

// ending returns the instruction that the case ended in: the last, or one before it that raised an exception.
func (c *diffCase) ending(r *diffResult) *Inst {
	for i := range c.insts {
		in := &c.insts[i]
		if r.faulted && (in.PC == r.rip || in.Next == r.rip && (r.vector == TrapDB || r.vector == TrapBP)) {
			return in
		}
	}
	return &c.insts[len(c.insts)-1]
}

// A diffWrite is 8 bytes to store in the data region.
type diffWrite struct {
	address uint32
	value   uint64
}

type diffRegs struct {
	r     [16]uint64
	x     [16]XMM
	flags uint64
	mxcsr uint32
}

// A diffResult is what a case left in the registers, and how it ended.
type diffResult struct {
	r       [16]uint64
	x       [16]XMM
	flags   uint64
	mxcsr   uint32
	rip     uint64
	faulted bool
	vector  Vector
	addr    uint64 // of a page fault
	mapped  bool
	// readsCode says that the machine ended the case before an instruction that reads the region of the code.
	readsCode bool
}

// A source of random values that likes edges.
type diffSource struct{ *rand.Rand }

var (
	edges64 = []uint64{0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		math.MaxInt64, 1 << 63, math.MaxUint64, math.MaxUint64 - 1, 0xffffffff80000000, 0xffffffff00000000, 0x8000000080000000}
	edgesF64 = []float64{0, math.Copysign(0, -1), 1, -1, 1.5, -2.5, 0.5, math.Inf(1), math.Inf(-1), math.MaxFloat64,
		math.SmallestNonzeroFloat64, 2.2250738585072014e-308, 1 << 31, -1 << 31, 1<<31 - 0.5, 1 << 63, -1 << 63, 1e300, 1e-300, 3.3}
	nans64 = []uint64{0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001, 0xfff7ffffffffffff, 0x7ff8000000001234}
	nans32 = []uint32{0x7fc00000, 0xffc00000, 0x7f800001, 0xffbfffff, 0x7fc01234}
)

// word returns a value for a general register.
func (s diffSource) word() uint64 {
	switch s.IntN(8) {
	case 0, 1:
		return edges64[s.IntN(len(edges64))]
	case 2:
		return uint64(s.IntN(80))
	case 3:
		return -uint64(s.IntN(80))
	case 4:
		return s.Uint64() >> s.IntN(64)
	case 5:
		return 1 << s.IntN(64)
	}
	return s.Uint64()
}

// lane64 returns 64 bits of an SSE register: a double or two singles, often special, or anything.
func (s diffSource) lane64() uint64 {
	switch s.IntN(8) {
	case 0:
		return math.Float64bits(edgesF64[s.IntN(len(edgesF64))])
	case 1:
		return nans64[s.IntN(len(nans64))]
	case 2:
		return math.Float64bits((s.Float64() - 0.5) * math.Pow(2, float64(s.IntN(140)-70)))
	case 3, 4:
		return uint64(s.lane32())<<32 | uint64(s.lane32())
	}
	return s.word()
}

func (s diffSource) lane32() uint32 {
	switch s.IntN(4) {
	case 0:
		return math.Float32bits(float32(edgesF64[s.IntN(len(edgesF64))]))
	case 1:
		return nans32[s.IntN(len(nans32))]
	case 2:
		return math.Float32bits(float32(s.Float64()-0.5) * float32(math.Pow(2, float64(s.IntN(80)-40))))
	}
	return uint32(s.Uint64())
}

// fill fills b with anything.
func (s diffSource) fill(b []byte) {
	for i := 0; i < len(b); i += 8 {
		v := s.lane64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
}

// address returns an address for an operand: mostly in the data region and aligned, sometimes at an edge of it or wild.
func (s diffSource) address() uint64 {
	switch s.IntN(16) {
	case 0:
		return diffData + uint64(s.IntN(4))<<12 + 4096 - uint64(s.IntN(20)) // near the end of a page
	case 1:
		return diffData + uint64(s.IntN(diffDataSize+64)) - 32 // anywhere, the read-only page and the outside included
	case 2:
		if s.IntN(4) == 0 {
			return s.word()
		}
		fallthrough
	case 3, 4:
		return diffData + 64 + uint64(s.IntN(diffWritable-640))
	}
	return diffData + 64 + uint64(s.IntN(diffWritable-640))&^15
}

// registers returns a random state.
func (s diffSource) registers() diffRegs {
	var d diffRegs
	for i := range d.r {
		d.r[i] = s.word()
	}
	d.r[RSP] = s.address()
	for i := range d.x {
		d.x[i] = XMM{s.lane64(), s.lane64()}
	}
	if s.IntN(4) == 0 { // equal lanes, so that comparisons sometimes hold
		d.x[s.IntN(16)] = d.x[s.IntN(16)]
	}
	d.flags = s.Uint64()&FlagsArith | FlagIF | flagReserved
	if s.IntN(8) == 0 {
		d.flags |= FlagDF
	}
	d.mxcsr = MXCSRDefault
	switch s.IntN(8) {
	case 0, 1:
		d.mxcsr |= uint32(s.IntN(4)) << 13 // rounding
	case 2:
		d.mxcsr |= uint32(s.Uint64()) & 0x803f // flush to zero, sticky flags
	case 3:
		d.mxcsr |= uint32(s.Uint64()) & 0x6040 // denormals are zero
	case 4:
		d.mxcsr = uint32(s.Uint64()) & 0xffff // some exceptions unmasked
	}
	return d
}

// build makes a case of the instructions given, to run in slot i, with registers such that their operands mostly lie in
// the data region. ok is false when the machine has no such instructions or they cannot be tried natively.
func (s diffSource) build(i int, encodings ...encoding) (c diffCase, ok bool) {
	c.diffRegs = s.registers()
	at := snippetAddr(i)
	for _, e := range encodings {
		code := e.bytes
		in, ok := lowerBytes(code, at)
		if !ok || !tryNatively(code, in) {
			return c, false
		}
		if len(encodings) > 1 && (in.Op == x86asm.POPF || in.Op == x86asm.POPFQ) {
			return c, false // aim sees to what is popped only if nothing else has a say in RSP
		}
		n := int(in.Next - in.PC)
		s.aim(&c, in, &e)
		if in, ok = lowerBytes(code, at); !ok { // aim may have changed the displacement
			return c, false
		}
		c.code = append(c.code, code[:n]...)
		c.insts = append(c.insts, *in)
		c.branch = branches[in.Op]
		at = in.Next
	}
	return c, true
}

// lowerBytes decodes code as if it stood at pc.
func lowerBytes(code []byte, pc uint64) (*Inst, bool) {
	code = append([]byte(nil), code...)
	x, err := x86asm.Decode(code, 64)
	if (err != nil || x.Op == 0) && respell(code) {
		x, err = x86asm.Decode(code, 64)
	}
	if err != nil || x.Op == 0 {
		return nil, false
	}
	return lower(&x, code[:x.Len], pc)
}

// aim gives the registers that address in's operands, or e's displacement, values that lead into the data region, and
// puts something of interest there.
func (s diffSource) aim(c *diffCase, in *Inst, e *encoding) {
	if stringOps[in.Op] {
		c.r[RSI], c.r[RDI] = s.address(), s.address()
		c.r[RCX] = uint64(s.IntN(40))
		if s.IntN(4) == 0 {
			c.r[RCX] = uint64(s.IntN(5000))
		}
		if s.IntN(4) == 0 {
			c.r[RDI] = c.r[RSI] + uint64(s.IntN(80)) - 40 // overlap
		}
		for _, a := range in.Args {
			switch a.Seg { // only the one at RSI has a segment
			case FSBase:
				c.r[RSI] -= diffFSBase
			case GSBase:
				c.r[RSI] -= diffGSBase
			}
		}
		if in.Args[0].Addr32 || in.Args[1].Addr32 {
			for _, r := range []int{RSI, RDI, RCX} {
				c.r[r] |= s.Uint64() << 32
			}
		}
		return
	}
	switch in.Op {
	case x86asm.ENTER, x86asm.LEAVE:
		c.r[RBP] = s.address()
	case x86asm.POPF, x86asm.POPFQ: // without TF, AC and what else Linux or the machine would stumble over
		c.r[RSP] = diffData + uint64(s.IntN(diffWritable-8))
		c.write(c.r[RSP], s.Uint64()&(FlagsArith|FlagDF|FlagIF|FlagID|3<<12))
	case x86asm.RET:
		if s.IntN(4) != 0 {
			c.write(c.r[RSP], s.landing(c, in))
		}
	case x86asm.JECXZ, x86asm.JRCXZ, x86asm.LOOP, x86asm.LOOPE, x86asm.LOOPNE:
		c.r[RCX] = uint64(s.IntN(3))
		if s.IntN(2) == 0 {
			c.r[RCX] |= s.Uint64() << 32
		}
	case x86asm.MASKMOVDQU:
		c.r[RDI] = s.address()
	case x86asm.DIV, x86asm.IDIV:
		if s.IntN(2) == 0 {
			c.r[RDX] = -uint64(s.IntN(2)) // a quotient that fits
		}
	}
	for j := range in.NArgs {
		a := &in.Args[j]
		switch {
		case a.Kind == Mem:
			s.aimAt(c, in, e, a, s.address())
		case a.Kind == GPR && branches[in.Op] && s.IntN(4) != 0:
			c.r[a.Reg] = s.landing(c, in)
		}
	}
}

// landing returns an address among the INT3s around the case, which branch in ends.
func (s diffSource) landing(c *diffCase, in *Inst) uint64 {
	if s.IntN(2) == 0 {
		return in.PC - uint64(len(c.code)) - 1 - uint64(s.IntN(padSize-1))
	}
	return in.Next + uint64(s.IntN(padSize))
}

// aimAt makes memory operand a point to target.
func (s diffSource) aimAt(c *diffCase, in *Inst, e *encoding, a *Arg, target uint64) {
	switch a.Seg {
	case FSBase:
		target -= diffFSBase
	case GSBase:
		target -= diffGSBase
	}
	if in.Op == x86asm.BT || in.Op == x86asm.BTS || in.Op == x86asm.BTR || in.Op == x86asm.BTC {
		if b := &in.Args[1]; b.Kind == GPR && b.Reg != a.Base && b.Reg != a.Index {
			c.r[b.Reg] = uint64(s.IntN(4000)) - 2000
			if s.IntN(4) == 0 {
				c.r[b.Reg] = s.Uint64() // far away
			}
		}
	}
	high := uint64(0)
	if a.Addr32 {
		target = uint64(uint32(target))
		high = s.Uint64() << 32
	}
	switch {
	case a.Base != Zero && a.Index == a.Base:
		c.r[a.Base] = (target-a.Imm)/(1+1<<a.Shift) | high
	case a.Base != Zero:
		if a.Index != Zero {
			c.r[a.Index] = uint64(s.IntN(8000)) - 4000
			target -= c.r[a.Index] << a.Shift
		}
		c.r[a.Base] = target - a.Imm
		if a.Addr32 {
			c.r[a.Base] = c.r[a.Base]&0xffffffff | high
		}
	case a.Index != Zero:
		c.r[a.Index] = (target-a.Imm)>>a.Shift&^(high>>8) | high
	case e.disp != 0: // an absolute or RIP-relative address: the displacement is all that can be changed
		by := target - a.Imm
		for k := range e.dispSize {
			was := uint64(e.bytes[e.disp+k])
			by += was
			e.bytes[e.disp+k] = byte(by)
			by >>= 8
		}
	}
	regs := c.diffRegs
	addr := regs.address(a)
	if branches[in.Op] {
		if s.IntN(4) != 0 {
			c.write(addr, s.landing(c, in))
		}
		return
	}
	size := uint64(a.Size)
	switch in.Op {
	case x86asm.LDMXCSR:
		c.write(addr, s.Uint64()&0xffff)
		return
	case x86asm.CMPXCHG, x86asm.CMPXCHG8B, x86asm.CMPXCHG16B:
		if s.IntN(2) == 0 { // equal
			c.write(addr, c.r[RAX])
			switch in.Op {
			case x86asm.CMPXCHG8B:
				c.write(addr, c.r[RAX]&0xffffffff|c.r[RDX]<<32)
			case x86asm.CMPXCHG16B:
				c.write(addr+8, c.r[RDX])
			}
			return
		}
	}
	for k := uint64(0); k < max(size, 8) && k < 16; k += 8 {
		c.write(addr+k, s.lane64())
	}
}

// address returns the linear address of a.
func (d *diffRegs) address(a *Arg) uint64 {
	c := CPU{}
	copy(c.R[:], d.r[:])
	c.R[FSBase], c.R[GSBase] = diffFSBase, diffGSBase
	return c.Addr(a)
}

// write notes a store to do before the case, if it lies in the part of the data region that can be written.
func (c *diffCase) write(addr, value uint64) {
	if addr >= diffData && addr < diffData+diffWritable-8 && len(c.writes) < 8 {
		c.writes = append(c.writes, diffWrite{uint32(addr), value})
	}
}
