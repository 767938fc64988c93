package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("sha",
	opcode{x86asm.SHA1RNDS4, immX(sha1rnds4)}, opcode{x86asm.SHA1NEXTE, binaryX(sha1nexte)},
	opcode{x86asm.SHA1MSG1, binaryX(sha1msg1)}, opcode{x86asm.SHA1MSG2, binaryX(sha1msg2)},
	opcode{x86asm.SHA256RNDS2, sha256rnds2},
	opcode{x86asm.SHA256MSG1, binaryX(sha256msg1)}, opcode{x86asm.SHA256MSG2, binaryX(sha256msg2)},
)

// The double words of a register are called w[0], lowest, to w[3] here. SHA-1's come in the reverse order: its first word
// is in w[3] (SDM vol. 2, chapter 4, "SHA1RNDS4").

// sha1Constants are K of FIPS 180-4, 4.2.1.
var sha1Constants = [4]uint32{0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6}

// sha1rnds4 does four rounds of the group that imm[1:0] names. e comes added to the first word of b.
func sha1rnds4(x, y XMM, imm uint8) XMM {
	s, msg := columns(x), columns(y)
	a, b, c, d, e := s[3], s[2], s[1], s[0], uint32(0)
	for i := range 4 {
		var f uint32
		switch imm & 3 {
		case 0:
			f = b&c ^ ^b&d
		case 2:
			f = b&c ^ b&d ^ c&d
		default:
			f = b ^ c ^ d
		}
		a, b, c, d, e = f+bits.RotateLeft32(a, 5)+msg[3-i]+e+sha1Constants[imm&3], a, bits.RotateLeft32(b, 30), c, d
	}
	return fromColumns([4]uint32{d, c, b, a})
}

// sha1nexte adds what e will be in four rounds, a rotated, to the next message word.
func sha1nexte(x, y XMM) XMM {
	w := columns(y)
	w[3] += bits.RotateLeft32(columns(x)[3], 30)
	return fromColumns(w)
}

func sha1msg1(x, y XMM) XMM {
	a, b := columns(x), columns(y)
	return fromColumns([4]uint32{b[2] ^ a[0], b[3] ^ a[1], a[0] ^ a[2], a[1] ^ a[3]})
}

func sha1msg2(x, y XMM) XMM {
	a, b := columns(x), columns(y)
	w16 := bits.RotateLeft32(a[3]^b[2], 1)
	w17 := bits.RotateLeft32(a[2]^b[1], 1)
	w18 := bits.RotateLeft32(a[1]^b[0], 1)
	w19 := bits.RotateLeft32(a[0]^w16, 1)
	return fromColumns([4]uint32{w19, w18, w17, w16})
}

// sha256rnds2 does two rounds: C, D, G, H are in the destination, A, B, E, F in the source, and the message words with
// their constants already added in the low half of XMM0.
func sha256rnds2(cpu *CPU, in *Inst) {
	src := columns(cpu.GetX(in, 1, true))
	dst := columns(*cpu.dst(in))
	wk := columns(cpu.X[0])
	a, b, c, d := src[3], src[2], dst[3], dst[2]
	e, f, g, h := src[1], src[0], dst[1], dst[0]
	for i := range 2 {
		t := h + (e&f ^ ^e&g) + wk[i] +
			(bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25))
		u := (a&b ^ a&c ^ b&c) + (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22))
		a, b, c, d, e, f, g, h = t+u, a, b, c, d+t, e, f, g
	}
	*cpu.dst(in) = fromColumns([4]uint32{f, e, b, a})
}

// sha256msg1 adds σ0 (FIPS 180-4, 4.1.2) of the next word to each word.
func sha256msg1(x, y XMM) XMM {
	a := columns(x)
	next := [4]uint32{a[1], a[2], a[3], uint32(y[0])}
	for i, w := range next {
		a[i] += bits.RotateLeft32(w, -7) ^ bits.RotateLeft32(w, -18) ^ w>>3
	}
	return fromColumns(a)
}

// sha256msg2 adds σ1 of the word two before to each word; the last two depend on the first two.
func sha256msg2(x, y XMM) XMM {
	a, b := columns(x), columns(y)
	before := [6]uint32{b[2], b[3]}
	for i := range a {
		w := before[i]
		a[i] += bits.RotateLeft32(w, -17) ^ bits.RotateLeft32(w, -19) ^ w>>10
		before[i+2] = a[i]
	}
	return fromColumns(a)
}
