package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sse integer",
	opcode{x86asm.PADDB, binaryX(halves(addBytes))}, opcode{x86asm.PSUBB, binaryX(halves(subBytes))},
	opcode{x86asm.PADDW, binaryX(halves(addWords))}, opcode{x86asm.PSUBW, binaryX(halves(subWords))},
	opcode{x86asm.PADDD, binaryX(halves(addDwords))}, opcode{x86asm.PSUBD, binaryX(halves(subDwords))},
	opcode{x86asm.PADDQ, binaryX(func(a, b XMM) XMM { return XMM{a[0] + b[0], a[1] + b[1]} })},
	opcode{x86asm.PSUBQ, binaryX(func(a, b XMM) XMM { return XMM{a[0] - b[0], a[1] - b[1]} })},

	opcode{x86asm.PADDSB, binaryX(signedLanes(8, addClamped(8)))}, opcode{x86asm.PADDSW, binaryX(signedLanes(16, addClamped(16)))},
	opcode{x86asm.PSUBSB, binaryX(signedLanes(8, subClamped(8)))}, opcode{x86asm.PSUBSW, binaryX(signedLanes(16, subClamped(16)))},
	opcode{x86asm.PADDUSB, binaryX(lanes(8, addUnsigned(0xff)))}, opcode{x86asm.PADDUSW, binaryX(lanes(16, addUnsigned(0xffff)))},
	opcode{x86asm.PSUBUSB, binaryX(lanes(8, subUnsigned))}, opcode{x86asm.PSUBUSW, binaryX(lanes(16, subUnsigned))},

	opcode{x86asm.PMULLW, binaryX(lanes(16, func(a, b uint64) uint64 { return a * b }))},
	opcode{x86asm.PMULLD, binaryX(lanes(32, func(a, b uint64) uint64 { return a * b }))},
	opcode{x86asm.PMULHUW, binaryX(lanes(16, func(a, b uint64) uint64 { return a * b >> 16 }))},
	opcode{x86asm.PMULHW, binaryX(signedLanes(16, func(a, b int64) int64 { return a * b >> 16 }))},
	opcode{x86asm.PMULHRSW, binaryX(signedLanes(16, func(a, b int64) int64 { return (a*b>>14 + 1) >> 1 }))},
	opcode{x86asm.PMULUDQ, binaryX(lanes(64, func(a, b uint64) uint64 { return uint64(uint32(a)) * uint64(uint32(b)) }))},
	opcode{x86asm.PMULDQ, binaryX(lanes(64, func(a, b uint64) uint64 { return uint64(int64(int32(a)) * int64(int32(b))) }))},
	opcode{x86asm.PMADDWD, binaryX(lanes(32, pmaddwd))}, opcode{x86asm.PMADDUBSW, binaryX(lanes(16, pmaddubsw))},

	opcode{x86asm.PAVGB, binaryX(lanes(8, func(a, b uint64) uint64 { return (a + b + 1) >> 1 }))},
	opcode{x86asm.PAVGW, binaryX(lanes(16, func(a, b uint64) uint64 { return (a + b + 1) >> 1 }))},
	opcode{x86asm.PSADBW, binaryX(lanes(64, psadbw))}, opcode{x86asm.MPSADBW, immX(mpsadbw)},

	opcode{x86asm.PMINUB, binaryX(lanes(8, minOf))}, opcode{x86asm.PMAXUB, binaryX(lanes(8, maxOf))},
	opcode{x86asm.PMINUW, binaryX(lanes(16, minOf))}, opcode{x86asm.PMAXUW, binaryX(lanes(16, maxOf))},
	opcode{x86asm.PMINUD, binaryX(lanes(32, minOf))}, opcode{x86asm.PMAXUD, binaryX(lanes(32, maxOf))},
	opcode{x86asm.PMINSB, binaryX(signedLanes(8, minOfSigned))}, opcode{x86asm.PMAXSB, binaryX(signedLanes(8, maxOfSigned))},
	opcode{x86asm.PMINSW, binaryX(signedLanes(16, minOfSigned))}, opcode{x86asm.PMAXSW, binaryX(signedLanes(16, maxOfSigned))},
	opcode{x86asm.PMINSD, binaryX(signedLanes(32, minOfSigned))}, opcode{x86asm.PMAXSD, binaryX(signedLanes(32, maxOfSigned))},
	opcode{x86asm.PHMINPOSUW, unaryX(phminposuw)},

	opcode{x86asm.PABSB, binaryX(signedLanes(8, absOf))}, opcode{x86asm.PABSW, binaryX(signedLanes(16, absOf))},
	opcode{x86asm.PABSD, binaryX(signedLanes(32, absOf))},
	opcode{x86asm.PSIGNB, binaryX(signedLanes(8, signOf))}, opcode{x86asm.PSIGNW, binaryX(signedLanes(16, signOf))},
	opcode{x86asm.PSIGND, binaryX(signedLanes(32, signOf))},

	opcode{x86asm.PHADDW, binaryX(horizontal(16, func(x, y int64) int64 { return x + y }))},
	opcode{x86asm.PHADDD, binaryX(horizontal(32, func(x, y int64) int64 { return x + y }))},
	opcode{x86asm.PHADDSW, binaryX(horizontal(16, addClamped(16)))},
	opcode{x86asm.PHSUBW, binaryX(horizontal(16, func(x, y int64) int64 { return x - y }))},
	opcode{x86asm.PHSUBD, binaryX(horizontal(32, func(x, y int64) int64 { return x - y }))},
	opcode{x86asm.PHSUBSW, binaryX(horizontal(16, subClamped(16)))},
)

// halves returns f applied to both halves of a register.
func halves(f func(a, b uint64) uint64) func(a, b XMM) XMM {
	return func(a, b XMM) XMM { return XMM{f(a[0], b[0]), f(a[1], b[1])} }
}

// The top bits of all bytes, words and double words. Lanes are added in one go by adding all but the top bits, whose
// carries then cannot leave their lane, and putting in the top bits by exclusive or.
const (
	topBytes  = 0x8080808080808080
	topWords  = 0x8000800080008000
	topDwords = 0x8000000080000000
)

func addLanes(a, b, top uint64) uint64 { return (a&^top + b&^top) ^ (a^b)&top }
func subLanes(a, b, top uint64) uint64 { return (a | top - b&^top) ^ (a^^b)&top }

func addBytes(a, b uint64) uint64  { return addLanes(a, b, topBytes) }
func subBytes(a, b uint64) uint64  { return subLanes(a, b, topBytes) }
func addWords(a, b uint64) uint64  { return addLanes(a, b, topWords) }
func subWords(a, b uint64) uint64  { return subLanes(a, b, topWords) }
func addDwords(a, b uint64) uint64 { return addLanes(a, b, topDwords) }
func subDwords(a, b uint64) uint64 { return subLanes(a, b, topDwords) }

// clamp cuts v to what a signed number of width bits can hold.
func clamp(v int64, width uint) int64 {
	top := int64(1) << (width - 1)
	return min(max(v, -top), top-1)
}

func addClamped(width uint) func(a, b int64) int64 {
	return func(a, b int64) int64 { return clamp(a+b, width) }
}

func subClamped(width uint) func(a, b int64) int64 {
	return func(a, b int64) int64 { return clamp(a-b, width) }
}

func addUnsigned(most uint64) func(a, b uint64) uint64 {
	return func(a, b uint64) uint64 { return min(a+b, most) }
}

func subUnsigned(a, b uint64) uint64 { return a - min(a, b) }

func minOf(a, b uint64) uint64     { return min(a, b) }
func maxOf(a, b uint64) uint64     { return max(a, b) }
func minOfSigned(a, b int64) int64 { return min(a, b) }
func maxOfSigned(a, b int64) int64 { return max(a, b) }
func absOf(_, b int64) int64       { return max(b, -b) }

// signOf gives a the sign of b: negated, zero or as it is.
func signOf(a, b int64) int64 {
	switch {
	case b < 0:
		return -a
	case b == 0:
		return 0
	}
	return a
}

// pmaddwd multiplies two pairs of signed words and adds the products.
func pmaddwd(a, b uint64) uint64 {
	return uint64(int64(int16(a))*int64(int16(b)) + int64(int16(a>>16))*int64(int16(b>>16)))
}

// pmaddubsw multiplies two pairs of bytes, unsigned by signed, and adds the products with saturation.
func pmaddubsw(a, b uint64) uint64 {
	sum := int64(uint8(a))*int64(int8(b)) + int64(uint8(a>>8))*int64(int8(b>>8))
	return uint64(clamp(sum, 16))
}

// psadbw adds up the distances between eight pairs of bytes.
func psadbw(a, b uint64) (sum uint64) {
	for s := 0; s < 64; s += 8 {
		x, y := a>>s&0xff, b>>s&0xff
		sum += max(x, y) - min(x, y)
	}
	return sum
}

// mpsadbw compares four bytes of b, from 4*imm[1:0], with eight overlapping groups of four of a, from 4*imm[2].
func mpsadbw(a, b XMM, imm uint8) (r XMM) {
	from, of := uint(imm>>2&1)*4, uint(imm&3)*4
	for i := range uint(8) {
		var sum uint64
		for j := range uint(4) {
			x, y := a.lane(8, from+i+j), b.lane(8, of+j)
			sum += max(x, y) - min(x, y)
		}
		r.setLane(16, i, sum)
	}
	return r
}

// phminposuw returns the least word and, above it, the place of its first occurrence.
func phminposuw(b XMM) XMM {
	least, at := b.lane(16, 0), uint(0)
	for i := range uint(8) {
		if v := b.lane(16, i); v < least {
			least, at = v, i
		}
	}
	return XMM{least | uint64(at)<<16}
}

// horizontal returns f applied to neighbours: the results for a's pairs in the low half, for b's in the high half.
func horizontal(width uint, f func(x, y int64) int64) func(a, b XMM) XMM {
	return func(a, b XMM) (r XMM) {
		for h, v := range [2]XMM{a, b} {
			n := uint(bits.Len(64/width) - 1) // binary logarithm of the lanes in a half
			for i := range uint(1) << n {
				x := signExtend(v.lane(width, 2*i), uint8(width/8))
				y := signExtend(v.lane(width, 2*i+1), uint8(width/8))
				r.setLane(width, uint(h)<<n+i, uint64(f(int64(x), int64(y))))
			}
		}
		return r
	}
}
