package digest

import (
	"encoding/binary"
	"math/bits"
)

// blockSize is how many bytes are worked on at a time.
const blockSize = 64

// A portable is the hash in plain Go.
type portable struct {
	state [8]uint32
	block [blockSize]byte
	n     int // bytes in block
	total uint64
}

// initial and constants are the first 32 bits of the fractional parts of the square roots of the first 8 primes and of the
// cube roots of the first 64 primes (FIPS 180-4, 5.3.3 and 4.2.2).
var initial = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

var constants = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

func newPortable() *portable { return &portable{state: initial} }

// Write implements io.Writer. It never fails.
func (p *portable) Write(b []byte) (int, error) {
	written := len(b)
	p.total += uint64(written)
	if p.n > 0 {
		n := copy(p.block[p.n:], b)
		b = b[n:]
		if p.n += n; p.n < blockSize {
			return written, nil
		}
		p.add(p.block[:])
		p.n = 0
	}
	for ; len(b) >= blockSize; b = b[blockSize:] {
		p.add(b[:blockSize])
	}
	p.n = copy(p.block[:], b)
	return written, nil
}

// add works a block into the state (FIPS 180-4, 6.2.2).
func (p *portable) add(block []byte) {
	var w [64]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(block[4*i:])
	}
	for i := 16; i < 64; i++ {
		x, y := w[i-15], w[i-2]
		s0 := bits.RotateLeft32(x, -7) ^ bits.RotateLeft32(x, -18) ^ x>>3
		s1 := bits.RotateLeft32(y, -17) ^ bits.RotateLeft32(y, -19) ^ y>>10
		w[i] = w[i-16] + s0 + w[i-7] + s1
	}
	a, b, c, d, e, f, g, h := p.state[0], p.state[1], p.state[2], p.state[3], p.state[4], p.state[5], p.state[6], p.state[7]
	for i := range 64 {
		s1 := bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)
		t1 := h + s1 + (e&f ^ ^e&g) + constants[i] + w[i]
		s0 := bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)
		t2 := s0 + (a&b ^ a&c ^ b&c)
		a, b, c, d, e, f, g, h = t1+t2, a, b, c, d+t1, e, f, g
	}
	for i, v := range [...]uint32{a, b, c, d, e, f, g, h} {
		p.state[i] += v
	}
}

// Sum appends the digest of what was written to b; more may be written afterwards.
func (p *portable) Sum(b []byte) []byte {
	sum := (&portable{p.state, p.block, p.n, p.total}).sum()
	return append(b, sum[:]...)
}

// sum ends the hash: a bit, zeroes, and the length in bits (FIPS 180-4, 5.1.1).
func (p *portable) sum() (out [Size]byte) {
	bitLen := p.total * 8
	p.Write([]byte{0x80})
	for p.n != blockSize-8 {
		p.Write([]byte{0})
	}
	p.Write(binary.BigEndian.AppendUint64(nil, bitLen))
	for i, v := range p.state {
		binary.BigEndian.PutUint32(out[4*i:], v)
	}
	return out
}

// Reset implements hash.Hash.
func (p *portable) Reset() { *p = *newPortable() }

// Size implements hash.Hash.
func (p *portable) Size() int { return Size }

// BlockSize implements hash.Hash.
func (p *portable) BlockSize() int { return blockSize }
