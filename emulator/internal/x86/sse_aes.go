package x86

import (
	"math/bits"

	"golang.org/x/arch/x86/x86asm"
)

var _ = family("aes",
	opcode{x86asm.AESENC, binaryX(aesenc)}, opcode{x86asm.AESENCLAST, binaryX(aesenclast)},
	opcode{x86asm.AESDEC, binaryX(aesdec)}, opcode{x86asm.AESDECLAST, binaryX(aesdeclast)},
	opcode{x86asm.AESIMC, unaryX(aesimc)},
	opcode{x86asm.AESKEYGENASSIST, immX(func(_, b XMM, imm uint8) XMM { return aeskeygenassist(b, imm) })},
)

// aesTables holds what AES (FIPS 197) does to one byte. Go's maps hash with AESENC, so rounds go by table: an entry of
// encode is the column that MixColumns makes of a substituted byte in row 0, low byte first; in row r it is the same
// rotated by r bytes.
type aesTables struct {
	sbox, inverse  [256]uint8
	encode, decode [256]uint32
}

var aes = newAESTables()

func newAESTables() *aesTables {
	t := new(aesTables)
	for i := range 256 {
		// The inverse in GF(2⁸) is the 254th power; 0 stays 0. Then the affine map of FIPS 197, 5.1.1.
		inv := uint8(1)
		for range 254 {
			inv = gfMul(inv, uint8(i))
		}
		s := inv ^ bits.RotateLeft8(inv, 1) ^ bits.RotateLeft8(inv, 2) ^ bits.RotateLeft8(inv, 3) ^ bits.RotateLeft8(inv, 4) ^ 0x63
		t.sbox[i] = s
		t.inverse[s] = uint8(i)
		t.encode[i] = mixColumn(s, 2, 1, 1, 3)
		t.decode[s] = mixColumn(uint8(i), 14, 9, 13, 11)
	}
	return t
}

// gfMul multiplies in GF(2⁸) modulo x⁸+x⁴+x³+x+1.
func gfMul(a, b uint8) (r uint8) {
	for ; b != 0; b >>= 1 {
		r ^= a * (b & 1)
		a = a<<1 ^ 0x1b*(a>>7)
	}
	return r
}

// mixColumn returns the products of s with a column of the matrix of MixColumns or its inverse.
func mixColumn(s, a, b, c, d uint8) uint32 {
	return uint32(gfMul(s, a)) | uint32(gfMul(s, b))<<8 | uint32(gfMul(s, c))<<16 | uint32(gfMul(s, d))<<24
}

// columns returns the four columns of the state in x, row 0 in the low byte, and fromColumns puts them back.
func columns(x XMM) [4]uint32 {
	return [4]uint32{uint32(x[0]), uint32(x[0] >> 32), uint32(x[1]), uint32(x[1] >> 32)}
}

func fromColumns(w [4]uint32) XMM {
	return XMM{uint64(w[0]) | uint64(w[1])<<32, uint64(w[2]) | uint64(w[3])<<32}
}

// mixedColumn is a column of a round up to the key, of a row from each of the columns that ShiftRows brings together.
func mixedColumn(t *[256]uint32, a, b, c, d uint32) uint32 {
	return t[uint8(a)] ^ bits.RotateLeft32(t[uint8(b>>8)], 8) ^ bits.RotateLeft32(t[uint8(c>>16)], 16) ^ bits.RotateLeft32(t[d>>24], 24)
}

func aesenc(x, key XMM) XMM {
	a, b, c, d := uint32(x[0]), uint32(x[0]>>32), uint32(x[1]), uint32(x[1]>>32)
	t := &aes.encode
	return XMM{
		uint64(mixedColumn(t, a, b, c, d)) | uint64(mixedColumn(t, b, c, d, a))<<32 ^ key[0],
		uint64(mixedColumn(t, c, d, a, b)) | uint64(mixedColumn(t, d, a, b, c))<<32 ^ key[1],
	}
}

func aesdec(x, key XMM) XMM {
	a, b, c, d := uint32(x[0]), uint32(x[0]>>32), uint32(x[1]), uint32(x[1]>>32)
	t := &aes.decode
	return XMM{
		uint64(mixedColumn(t, a, d, c, b)) | uint64(mixedColumn(t, b, a, d, c))<<32 ^ key[0],
		uint64(mixedColumn(t, c, b, a, d)) | uint64(mixedColumn(t, d, c, b, a))<<32 ^ key[1],
	}
}

// Row r of column i comes from column i+r when ShiftRows goes forwards, from column i-r when it goes back.
const (
	inPlace  = 0
	forwards = 1
	back     = 3 // -1 in the arithmetic of two bits
)

// substituted is a last round up to the key: shifted rows and substituted bytes.
func substituted(x XMM, box *[256]uint8, step int) XMM {
	w := columns(x)
	var r [4]uint32
	for i := range r {
		r[i] = uint32(box[uint8(w[i])]) |
			uint32(box[uint8(w[(i+step)&3]>>8)])<<8 |
			uint32(box[uint8(w[(i+2*step)&3]>>16)])<<16 |
			uint32(box[uint8(w[(i+3*step)&3]>>24)])<<24
	}
	return fromColumns(r)
}

func aesenclast(a, key XMM) XMM { return xorX(substituted(a, &aes.sbox, forwards), key) }
func aesdeclast(a, key XMM) XMM { return xorX(substituted(a, &aes.inverse, back), key) }

// aesimc is InvMixColumns alone: decode would undo the substitution too, so it gets substituted bytes.
func aesimc(b XMM) XMM {
	w := columns(substituted(b, &aes.sbox, inPlace))
	for i, v := range w {
		w[i] = mixedColumn(&aes.decode, v, v, v, v)
	}
	return fromColumns(w)
}

// aeskeygenassist prepares key expansion from the second and fourth double word of b (SDM vol. 2).
func aeskeygenassist(b XMM, rcon uint8) XMM {
	w := columns(substituted(b, &aes.sbox, inPlace))
	turn := func(v uint32) uint32 { return bits.RotateLeft32(v, -8) ^ uint32(rcon) }
	return fromColumns([4]uint32{w[1], turn(w[1]), w[3], turn(w[3])})
}
