package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse float",
	opcode{x86asm.ADDSD, scalar64((*CPU).addF64)}, opcode{x86asm.ADDSS, scalar32((*CPU).addF32)},
	opcode{x86asm.SUBSD, scalar64((*CPU).subF64)}, opcode{x86asm.SUBSS, scalar32((*CPU).subF32)},
	opcode{x86asm.MULSD, scalar64((*CPU).mulF64)}, opcode{x86asm.MULSS, scalar32((*CPU).mulF32)},
	opcode{x86asm.DIVSD, scalar64((*CPU).divF64)}, opcode{x86asm.DIVSS, scalar32((*CPU).divF32)},
	opcode{x86asm.SQRTSD, scalar64((*CPU).sqrtF64)}, opcode{x86asm.SQRTSS, scalar32((*CPU).sqrtF32)},
	opcode{x86asm.MINSD, scalar64((*CPU).minF64)}, opcode{x86asm.MINSS, scalar32((*CPU).minF32)},
	opcode{x86asm.MAXSD, scalar64((*CPU).maxF64)}, opcode{x86asm.MAXSS, scalar32((*CPU).maxF32)},

	opcode{x86asm.ADDPD, packed64((*CPU).addF64, softAdd)}, opcode{x86asm.ADDPS, packed32((*CPU).addF32, softAdd)},
	opcode{x86asm.SUBPD, packed64((*CPU).subF64, softSub)}, opcode{x86asm.SUBPS, packed32((*CPU).subF32, softSub)},
	opcode{x86asm.MULPD, packed64((*CPU).mulF64, softMul)}, opcode{x86asm.MULPS, packed32((*CPU).mulF32, softMul)},
	opcode{x86asm.DIVPD, packed64((*CPU).divF64, softDiv)}, opcode{x86asm.DIVPS, packed32((*CPU).divF32, softDiv)},
	opcode{x86asm.SQRTPD, packed64((*CPU).sqrtF64, softSqrt)}, opcode{x86asm.SQRTPS, packed32((*CPU).sqrtF32, softSqrt)},
	opcode{x86asm.MINPD, packed64((*CPU).minF64, softMin)}, opcode{x86asm.MINPS, packed32((*CPU).minF32, softMin)},
	opcode{x86asm.MAXPD, packed64((*CPU).maxF64, softMax)}, opcode{x86asm.MAXPS, packed32((*CPU).maxF32, softMax)},

	opcode{x86asm.ADDSUBPD, packedSoft(&double, addSub)}, opcode{x86asm.ADDSUBPS, packedSoft(&single, addSub)},
	opcode{x86asm.HADDPD, packedSoft(&double, neighbours(softAdd))}, opcode{x86asm.HADDPS, packedSoft(&single, neighbours(softAdd))},
	opcode{x86asm.HSUBPD, packedSoft(&double, neighbours(softSub))}, opcode{x86asm.HSUBPS, packedSoft(&single, neighbours(softSub))},
	opcode{x86asm.DPPS, dotProduct(&single)}, opcode{x86asm.DPPD, dotProduct(&double)},
)

func scalar64(f func(c *CPU, a, b uint64) uint64) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.low(in, 1, 8)
		d := c.dst(in)
		d[0] = f(c, d[0], b)
	}
}

func scalar32(f func(c *CPU, a, b uint32) uint32) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := uint32(c.low(in, 1, 4))
		d := c.dst(in)
		d[0] = d[0]&^0xffffffff | uint64(f(c, uint32(d[0]), b))
	}
}

// allMasked says whether no floating-point exception can be raised. Then lanes may record their flags one after the other;
// else the flags of all lanes must be known before any is acted upon.
func (c *CPU) allMasked() bool { return c.MXCSR>>mxMasks&mxFlags == mxFlags }

// packed64 is an operation on both doubles: f one at a time, or soft where exceptions are raised.
func packed64(f func(c *CPU, a, b uint64) uint64, soft binop) func(*CPU, *Inst) {
	each := inLane(soft)
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		d := c.dst(in)
		if c.allMasked() {
			*d = XMM{f(c, d[0], b[0]), f(c, d[1], b[1])}
			return
		}
		*d = c.eachLane(&double, each, *d, b)
	}
}

// packed32 is packed64 for the four singles.
func packed32(f func(c *CPU, a, b uint32) uint32, soft binop) func(*CPU, *Inst) {
	each := inLane(soft)
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		d := c.dst(in)
		if c.allMasked() {
			var r XMM
			for h := range r {
				r[h] = uint64(f(c, uint32(d[h]), uint32(b[h]))) | uint64(f(c, uint32(d[h]>>32), uint32(b[h]>>32)))<<32
			}
			*d = r
			return
		}
		*d = c.eachLane(&single, each, *d, b)
	}
}

// A laneOp computes lane i of the result from the whole operands.
type laneOp func(f *format, a, b XMM, i uint, mx uint32) (uint64, uint32)

// inLane is op on the lanes in the same place.
func inLane(op binop) laneOp {
	return func(f *format, a, b XMM, i uint, mx uint32) (uint64, uint32) {
		return op(f, a.lane(f.width(), i), b.lane(f.width(), i), mx)
	}
}

// addSub subtracts in even places and adds in odd ones.
func addSub(f *format, a, b XMM, i uint, mx uint32) (uint64, uint32) {
	if i&1 == 0 {
		return softSub(f, a.lane(f.width(), i), b.lane(f.width(), i), mx)
	}
	return softAdd(f, a.lane(f.width(), i), b.lane(f.width(), i), mx)
}

// neighbours is op on pairs of neighbours: those of a give the low half, those of b the high half.
func neighbours(op binop) laneOp {
	return func(f *format, a, b XMM, i uint, mx uint32) (uint64, uint32) {
		w := f.width()
		n := 64 / w // results from each operand
		if i >= n {
			a, i = b, i-n
		}
		return op(f, a.lane(w, 2*i), a.lane(w, 2*i+1), mx)
	}
}

// eachLane computes all lanes with op, then signals their exceptions together.
func (c *CPU) eachLane(f *format, op laneOp, a, b XMM) (r XMM) {
	var flags uint32
	for i := range 128 / f.width() {
		v, fl := op(f, a, b, i, c.MXCSR)
		r.setLane(f.width(), i, v)
		flags |= fl
	}
	c.signal(flags)
	return r
}

func packedSoft(f *format, op laneOp) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b := c.GetX(in, 1, true)
		d := c.dst(in)
		*d = c.eachLane(f, op, *d, b)
	}
}

// dotProduct multiplies the lanes that imm[7:4] names and writes the sum of the products to those that imm[3:0] names. The
// order is the processor's: products of neighbours are added first, and of two NaNs each lane gets the one that Intel's
// additions, done in all lanes at once, put first there. Each step's exceptions are signalled before the next step begins.
func dotProduct(f *format) func(*CPU, *Inst) {
	n := 128 / f.width()
	first, second := addLane(0, 1), laneOp(nil)
	if n == 4 {
		first, second = addLane(1, 0), addLane(0, 2)
	}
	return func(c *CPU, in *Inst) {
		b, imm := c.GetX(in, 1, true), imm8(in, 2)
		d := c.dst(in)
		p := c.eachLane(f, func(f *format, a, b XMM, i uint, mx uint32) (uint64, uint32) {
			if imm>>(4+i)&1 == 0 {
				return 0, 0
			}
			return softMul(f, a.lane(f.width(), i), b.lane(f.width(), i), mx)
		}, *d, b)
		p = c.eachLane(f, first, p, p)
		if second != nil {
			p = c.eachLane(f, second, p, p)
		}
		for i := range n {
			if imm>>i&1 == 0 {
				p.setLane(f.width(), i, 0)
			}
		}
		*d = p
	}
}

// addLane adds, in each lane i, lanes i^x and i^y of its first operand.
func addLane(x, y uint) laneOp {
	return func(f *format, a, _ XMM, i uint, mx uint32) (uint64, uint32) {
		return softAdd(f, a.lane(f.width(), i^x), a.lane(f.width(), i^y), mx)
	}
}
