package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sse4.2 string compare",
	opcode{x86asm.PCMPESTRI, compareStrings(true, true)}, opcode{x86asm.PCMPISTRI, compareStrings(false, true)},
	opcode{x86asm.PCMPESTRM, compareStrings(true, false)}, opcode{x86asm.PCMPISTRM, compareStrings(false, false)},
)

// A piece is one operand of a string comparison: up to 16 bytes or 8 words, of which the first n are part of the string.
type piece struct {
	v [16]int64
	n int
}

// The fields of the immediate (SDM vol. 2, 4.1).
const (
	strWords   = 1 << 0 // elements are words, not bytes
	strSigned  = 1 << 1
	strNegate  = 1 << 4
	strValid   = 1 << 5 // negate only where the second string reaches
	strExpand  = 1 << 6 // the mask has an element, not a bit, for each element …
	strHighest = 1 << 6 // … and the index is that of the highest bit set

	strHow     = 3 << 2
	strAny     = 0 << 2 // which elements occur in the first string
	strRanges  = 1 << 2 // which lie in one of the ranges that the first string lists
	strEach    = 2 << 2 // which are equal to the one in the same place
	strOrdered = 3 << 2 // where the first string occurs
)

// compareStrings is PCMPxSTRx: with lengths given explicitly in EAX and EDX or by a terminating zero, with the result as an
// index in ECX or as a mask in XMM0.
func compareStrings(explicit, index bool) func(*CPU, *Inst) {
	return func(c *CPU, in *Inst) {
		y := c.GetX(in, 1, false)
		x := *c.dst(in)
		imm := imm8(in, 2)
		a, b := newPiece(x, imm), newPiece(y, imm)
		count := 16
		if imm&strWords != 0 {
			count = 8
		}
		if explicit {
			a.n, b.n = given(c.R[RAX], in.Wide, count), given(c.R[RDX], in.Wide, count)
		}
		bitsSet := a.match(&b, imm, count)
		if imm&strNegate != 0 {
			m := uint32(1)<<count - 1
			if imm&strValid != 0 {
				m = 1<<b.n - 1
			}
			bitsSet ^= m
		}
		var f uint64
		if bitsSet != 0 {
			f |= FlagCF
		}
		if b.n < count {
			f |= FlagZF
		}
		if a.n < count {
			f |= FlagSF
		}
		if bitsSet&1 != 0 {
			f |= FlagOF
		}
		c.setStatus(FlagsArith, f)
		switch {
		case !index:
			c.X[0] = maskOf(bitsSet, imm, count)
		case bitsSet == 0:
			c.R[RCX] = uint64(count)
		case imm&strHighest != 0:
			c.R[RCX] = uint64(bits.Len32(bitsSet) - 1)
		default:
			c.R[RCX] = uint64(bits.TrailingZeros32(bitsSet))
		}
	}
}

// newPiece takes x apart; the string ends before the first zero element.
func newPiece(x XMM, imm uint8) (p piece) {
	width, count := uint(8), uint(16)
	if imm&strWords != 0 {
		width, count = 16, 8
	}
	p.n = int(count)
	for i := range count {
		v := x.lane(width, i)
		if v == 0 && p.n > int(i) {
			p.n = int(i)
		}
		if imm&strSigned != 0 {
			v = signExtend(v, uint8(width/8))
		}
		p.v[i] = int64(v)
	}
	return p
}

// given returns the length that a register holds: its magnitude, cut to count.
func given(r uint64, wide bool, count int) int {
	n := int64(r)
	if !wide {
		n = int64(int32(r))
	}
	if n > int64(count) || n < -int64(count) {
		return count
	}
	return int(max(n, -n))
}

// match compares b's elements with a's and returns a bit for each place.
func (a *piece) match(b *piece, imm uint8, count int) (set uint32) {
	for j := range count {
		var r bool
		switch imm & strHow {
		case strAny:
			for i := range a.n {
				r = r || a.v[i] == b.v[j]
			}
			r = r && j < b.n
		case strRanges:
			for i := 0; i+1 < a.n; i += 2 {
				r = r || a.v[i] <= b.v[j] && b.v[j] <= a.v[i+1]
			}
			r = r && j < b.n
		case strEach:
			r = j >= a.n && j >= b.n || j < a.n && j < b.n && a.v[j] == b.v[j]
		case strOrdered:
			r = true
			for i := 0; i < a.n && i+j < count; i++ {
				r = r && i+j < b.n && a.v[i] == b.v[i+j]
			}
		}
		if r {
			set |= 1 << j
		}
	}
	return set
}

// maskOf returns the bits as they are, or each as a whole element.
func maskOf(set uint32, imm uint8, count int) (x XMM) {
	if imm&strExpand == 0 {
		return XMM{uint64(set)}
	}
	width := uint(128 / count)
	for i := range uint(count) {
		x.setLane(width, i, -uint64(set>>i&1))
	}
	return x
}
