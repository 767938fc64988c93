package x86

import (
	"encoding/binary"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sse shuffle",
	opcode{x86asm.PSHUFB, binaryX(pshufb)},
	opcode{x86asm.PSHUFD, immX(func(_, b XMM, imm uint8) XMM { return selectDwords(b, b, imm) })},
	opcode{x86asm.SHUFPS, immX(selectDwords)},
	opcode{x86asm.PSHUFLW, immX(func(_, b XMM, imm uint8) XMM { return XMM{selectWords(b[0], imm), b[1]} })},
	opcode{x86asm.PSHUFHW, immX(func(_, b XMM, imm uint8) XMM { return XMM{b[0], selectWords(b[1], imm)} })},
	opcode{x86asm.SHUFPD, immX(func(a, b XMM, imm uint8) XMM { return XMM{a[imm&1], b[imm>>1&1]} })},
	opcode{x86asm.PALIGNR, immX(func(a, b XMM, imm uint8) XMM { return shiftBytes(b, a, uint(imm)) })},

	opcode{x86asm.PUNPCKLBW, binaryX(unpackLanes(8, 0))}, opcode{x86asm.PUNPCKHBW, binaryX(unpackLanes(8, 1))},
	opcode{x86asm.PUNPCKLWD, binaryX(unpackLanes(16, 0))}, opcode{x86asm.PUNPCKHWD, binaryX(unpackLanes(16, 1))},
	opcode{x86asm.PUNPCKLDQ, binaryX(unpackLanes(32, 0))}, opcode{x86asm.PUNPCKHDQ, binaryX(unpackLanes(32, 1))},
	opcode{x86asm.UNPCKLPS, binaryX(unpackLanes(32, 0))}, opcode{x86asm.UNPCKHPS, binaryX(unpackLanes(32, 1))},
	opcode{x86asm.PUNPCKLQDQ, binaryX(unpackLanes(64, 0))}, opcode{x86asm.PUNPCKHQDQ, binaryX(unpackLanes(64, 1))},
	opcode{x86asm.UNPCKLPD, binaryX(unpackLanes(64, 0))}, opcode{x86asm.UNPCKHPD, binaryX(unpackLanes(64, 1))},

	opcode{x86asm.PACKSSWB, binaryX(packLanes(16, func(v int64) int64 { return clamp(v, 8) }))},
	opcode{x86asm.PACKSSDW, binaryX(packLanes(32, func(v int64) int64 { return clamp(v, 16) }))},
	opcode{x86asm.PACKUSWB, binaryX(packLanes(16, func(v int64) int64 { return min(max(v, 0), 0xff) }))},
	opcode{x86asm.PACKUSDW, binaryX(packLanes(32, func(v int64) int64 { return min(max(v, 0), 0xffff) }))},

	opcode{x86asm.BLENDPS, immX(blendLanes(32))}, opcode{x86asm.BLENDPD, immX(blendLanes(64))}, opcode{x86asm.PBLENDW, immX(blendLanes(16))},
	opcode{x86asm.BLENDVPS, blendv(32)}, opcode{x86asm.BLENDVPD, blendv(64)}, opcode{x86asm.PBLENDVB, blendv(8)},

	opcode{x86asm.PEXTRB, extractLane(1)}, opcode{x86asm.PEXTRW, extractLane(2)}, opcode{x86asm.PEXTRD, extractLane(4)},
	opcode{x86asm.PEXTRQ, extractLane(8)}, opcode{x86asm.EXTRACTPS, extractLane(4)},
	opcode{x86asm.PINSRB, insertLane(1)}, opcode{x86asm.PINSRW, insertLane(2)}, opcode{x86asm.PINSRD, insertLane(4)},
	opcode{x86asm.PINSRQ, insertLane(8)}, opcode{x86asm.INSERTPS, insertps},

	opcode{x86asm.PMOVSXBW, extendLanes(8, 16, true)}, opcode{x86asm.PMOVZXBW, extendLanes(8, 16, false)},
	opcode{x86asm.PMOVSXBD, extendLanes(8, 32, true)}, opcode{x86asm.PMOVZXBD, extendLanes(8, 32, false)},
	opcode{x86asm.PMOVSXBQ, extendLanes(8, 64, true)}, opcode{x86asm.PMOVZXBQ, extendLanes(8, 64, false)},
	opcode{x86asm.PMOVSXWD, extendLanes(16, 32, true)}, opcode{x86asm.PMOVZXWD, extendLanes(16, 32, false)},
	opcode{x86asm.PMOVSXWQ, extendLanes(16, 64, true)}, opcode{x86asm.PMOVZXWQ, extendLanes(16, 64, false)},
	opcode{x86asm.PMOVSXDQ, extendLanes(32, 64, true)}, opcode{x86asm.PMOVZXDQ, extendLanes(32, 64, false)},
)

// pshufb takes for each byte the byte of a that b names, or 0 if b's top bit is set.
func pshufb(a, b XMM) (r XMM) {
	var from [16]uint8
	binary.LittleEndian.PutUint64(from[:8], a[0])
	binary.LittleEndian.PutUint64(from[8:], a[1])
	for h, sel := range b {
		var v uint64
		for s := 0; s < 64; s += 8 {
			v |= uint64(from[sel>>s&15]) << s
		}
		r[h] = v &^ (sel & topBytes >> 7 * 0xff)
	}
	return r
}

// selectDwords takes two double words of a, then two of b, as the four two-bit fields of imm say.
func selectDwords(a, b XMM, imm uint8) XMM {
	pick := func(x *XMM, k uint8) uint64 { return x[k>>1&1] >> (k & 1 * 32) & 0xffffffff }
	return XMM{pick(&a, imm) | pick(&a, imm>>2)<<32, pick(&b, imm>>4) | pick(&b, imm>>6)<<32}
}

// selectWords takes four words of v as the four two-bit fields of imm say.
func selectWords(v uint64, imm uint8) (r uint64) {
	for i := uint8(0); i < 4; i++ {
		r |= v >> (imm >> (2 * i) & 3 * 16) & 0xffff << (16 * i)
	}
	return r
}

// unpackLanes interleaves the lanes of half number half of both operands.
func unpackLanes(width, half uint) func(a, b XMM) XMM {
	switch width {
	case 64:
		return func(a, b XMM) XMM { return XMM{a[half&1], b[half&1]} }
	case 32:
		return func(a, b XMM) XMM {
			x, y := a[half&1], b[half&1]
			return XMM{x&0xffffffff | y<<32, x>>32 | y>>32<<32}
		}
	}
	spread := spreadBytes
	if width == 16 {
		spread = spreadWords
	}
	return func(a, b XMM) XMM {
		x, y := a[half&1], b[half&1]
		return XMM{spread(uint32(x)) | spread(uint32(y))<<width, spread(uint32(x>>32)) | spread(uint32(y>>32))<<width}
	}
}

// spreadWords puts a gap of a word behind each of the two words of v, spreadBytes one of a byte behind each byte.
func spreadWords(v uint32) uint64 {
	x := uint64(v)
	return (x | x<<16) & 0x0000ffff0000ffff
}

func spreadBytes(v uint32) uint64 {
	x := spreadWords(v)
	return (x | x<<8) & 0x00ff00ff00ff00ff
}

// packLanes halves the width of signed lanes with f, which saturates: those of a to the low half, those of b to the high half.
func packLanes(width uint, f func(v int64) int64) func(a, b XMM) XMM {
	return func(a, b XMM) (r XMM) {
		n := 128 / width
		for i := range n {
			r.setLane(width/2, i, uint64(f(int64(signExtend(a.lane(width, i), uint8(width/8))))))
			r.setLane(width/2, n+i, uint64(f(int64(signExtend(b.lane(width, i), uint8(width/8))))))
		}
		return r
	}
}

// blendLanes takes the lanes of b whose bit in imm is set.
func blendLanes(width uint) func(a, b XMM, imm uint8) XMM {
	return func(a, b XMM, imm uint8) XMM {
		for i := range 128 / width {
			if imm>>i&1 != 0 {
				a.setLane(width, i, b.lane(width, i))
			}
		}
		return a
	}
}

// blendv takes the lanes of the source for which the lane of XMM0 has the top bit set.
func blendv(width uint) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		b, mask := c.GetX(in, 1, true), c.X[0]
		d := c.dst(in)
		for i := range 128 / width {
			if mask.lane(width, i)>>(width-1) != 0 {
				d.setLane(width, i, b.lane(width, i))
			}
		}
	}
}

// extractLane writes a lane of size bytes to a general register, zero-extended to all 64 bits, or to memory.
func extractLane(size uint8) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		v := c.X[in.Args[1].Reg&15].lane(8*uint(size), uint(imm8(in, 2)))
		if a := &in.Args[0]; a.Kind == Mem {
			c.Store(c.Addr(a), size, v)
		} else {
			c.R[a.Reg&15] = v
		}
	}
}

// insertLane replaces a lane by the low size bytes of a general register or by memory.
func insertLane(size uint8) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		v := c.low(in, 1, size)
		c.dst(in).setLane(8*uint(size), uint(imm8(in, 2)), v)
	}
}

// insertps moves single imm[7:6] of the source (memory has but one) to place imm[5:4], then clears those that imm[3:0]
// names.
func insertps(c *CPU, in *Inst) {
	imm := uint(imm8(in, 2))
	var v uint64
	if a := &in.Args[1]; a.Kind == Mem {
		v = c.Load(c.Addr(a), 4)
	} else {
		v = c.X[a.Reg&15].lane(32, imm>>6)
	}
	d := c.dst(in)
	d.setLane(32, imm>>4&3, v)
	for i := range uint(4) {
		if imm>>i&1 != 0 {
			d.setLane(32, i, 0)
		}
	}
}

// extendLanes widens lanes from the low end of the source, which is read no further than needed.
func extendLanes(from, to uint, sign bool) func(*CPU, *Inst) {
	n := 128 / to
	size := uint8(n * from / 8)
	return func(c *CPU, in *Inst) {
		src := XMM{c.low(in, 1, size)}
		var r XMM
		for i := range n {
			v := src.lane(from, i)
			if sign {
				v = signExtend(v, uint8(from/8))
			}
			r.setLane(to, i, v)
		}
		*c.dst(in) = r
	}
}
