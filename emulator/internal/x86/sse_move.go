package x86

import "golang.org/x/arch/x86/x86asm"

var _ = family("sse move",
	opcode{x86asm.MOVAPS, movAligned}, opcode{x86asm.MOVAPD, movAligned}, opcode{x86asm.MOVDQA, movAligned},
	opcode{x86asm.MOVUPS, movUnaligned}, opcode{x86asm.MOVUPD, movUnaligned}, opcode{x86asm.MOVDQU, movUnaligned},
	opcode{x86asm.LDDQU, movUnaligned},
	opcode{x86asm.MOVNTPS, movAligned}, opcode{x86asm.MOVNTPD, movAligned}, opcode{x86asm.MOVNTDQ, movAligned},
	opcode{x86asm.MOVNTDQA, movAligned}, opcode{x86asm.MOVNTI, movnti},
	opcode{x86asm.MOVSS, movScalar(4)}, opcode{x86asm.MOVSD_XMM, movScalar(8)},
	opcode{x86asm.MOVD, movd(4)}, opcode{x86asm.MOVQ, movd(8)},
	opcode{x86asm.MOVLPS, movLow}, opcode{x86asm.MOVLPD, movLow},
	opcode{x86asm.MOVHPS, movHigh}, opcode{x86asm.MOVHPD, movHigh},
	opcode{x86asm.MOVHLPS, binaryX(func(a, b XMM) XMM { return XMM{b[1], a[1]} })},
	opcode{x86asm.MOVLHPS, binaryX(func(a, b XMM) XMM { return XMM{a[0], b[0]} })},
	opcode{x86asm.MOVDDUP, movddup},
	opcode{x86asm.MOVSLDUP, unaryX(func(b XMM) XMM { return XMM{twice(b[0]), twice(b[1])} })},
	opcode{x86asm.MOVSHDUP, unaryX(func(b XMM) XMM { return XMM{twice(b[0] >> 32), twice(b[1] >> 32)} })},
	opcode{x86asm.MOVMSKPS, movmskps}, opcode{x86asm.MOVMSKPD, movmskpd}, opcode{x86asm.PMOVMSKB, pmovmskb},
	opcode{x86asm.MASKMOVDQU, maskmovdqu},
)

func movAligned(c *CPU, in *Inst)   { c.SetX(in, 0, c.GetX(in, 1, true), true) }
func movUnaligned(c *CPU, in *Inst) { c.SetX(in, 0, c.GetX(in, 1, false), false) }

// movnti stores a general register; that it bypasses the caches cannot be seen here.
func movnti(c *CPU, in *Inst) { c.Set(in, 0, c.Get(in, 1)) }

// movScalar is MOVSS and MOVSD: a load clears the rest of the register, a move between registers keeps it.
func movScalar(size uint8) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		v := c.low(in, 1, size)
		switch {
		case in.Args[0].Kind == Mem:
			c.Store(c.Addr(&in.Args[0]), size, v)
		case in.Args[1].Kind == Mem:
			*c.dst(in) = XMM{v}
		default:
			d, m := c.dst(in), sizeMask(size)
			d[0] = d[0]&^m | v
		}
	}
}

// movd is MOVD and MOVQ: whatever register is written is cleared above the value.
func movd(size uint8) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		v := c.low(in, 1, size)
		switch a := &in.Args[0]; a.Kind {
		case Mem:
			c.Store(c.Addr(a), size, v)
		case GPR:
			c.R[a.Reg&15] = v
		default:
			c.X[a.Reg&15] = XMM{v}
		}
	}
}

func movLow(c *CPU, in *Inst) {
	if in.Args[0].Kind == Mem {
		c.Store(c.Addr(&in.Args[0]), 8, c.X[in.Args[1].Reg&15][0])
		return
	}
	v := c.low(in, 1, 8)
	c.dst(in)[0] = v
}

func movHigh(c *CPU, in *Inst) {
	if in.Args[0].Kind == Mem {
		c.Store(c.Addr(&in.Args[0]), 8, c.X[in.Args[1].Reg&15][1])
		return
	}
	v := c.low(in, 1, 8)
	c.dst(in)[1] = v
}

func movddup(c *CPU, in *Inst) {
	v := c.low(in, 1, 8)
	*c.dst(in) = XMM{v, v}
}

// twice returns the low half of v in both halves.
func twice(v uint64) uint64 { return v<<32 | uint64(uint32(v)) }

func movmskps(c *CPU, in *Inst) {
	x := &c.X[in.Args[1].Reg&15]
	c.SetReg(in.Args[0].Reg, 4, x[0]>>31&1|x[0]>>63<<1|x[1]>>31&1<<2|x[1]>>63<<3)
}

func movmskpd(c *CPU, in *Inst) {
	x := &c.X[in.Args[1].Reg&15]
	c.SetReg(in.Args[0].Reg, 4, x[0]>>63|x[1]>>63<<1)
}

func pmovmskb(c *CPU, in *Inst) {
	x := &c.X[in.Args[1].Reg&15]
	c.SetReg(in.Args[0].Reg, 4, signBits(x[0])|signBits(x[1])<<8)
}

// signBits gathers the top bits of the eight bytes of v: the multiplication adds up copies of v in which each of them has
// come to its place in the top byte, without two ever meeting.
func signBits(v uint64) uint64 { return (v >> 7 & 0x0101010101010101) * 0x0102040810204080 >> 56 }

// maskmovdqu stores to [RDI], its third operand, the bytes of its first operand whose mask byte has the top bit set.
func maskmovdqu(c *CPU, in *Inst) {
	v, mask := c.X[in.Args[0].Reg&15], c.X[in.Args[1].Reg&15]
	at := c.Addr(&in.Args[2])
	c.Probe(at+8, 8) // both halves must be writable, whichever bytes are stored: that is how Intel does it
	c.Probe(at, 8)
	for i := range uint(16) {
		if mask.lane(8, i)&0x80 != 0 {
			c.Store(at+uint64(i), 1, v.lane(8, i))
		}
	}
}
