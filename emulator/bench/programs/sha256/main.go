// Sha256 hashes 16 MiB of zeroes with a plain Go implementation (FIPS 180-4): rotations and additions in 32 bits. The
// standard library's would be assembly.
package main

import (
	"encoding/binary"
	"math/big"
	"math/bits"
)

// roots returns the first 32 bits of the fractional parts of the roots (2: square, 3: cube) of the first n primes, which
// is how the standard defines its constants.
func roots(n, degree int) []uint32 {
	var out []uint32
	for p := int64(2); len(out) < n; p++ {
		if !big.NewInt(p).ProbablyPrime(0) {
			continue
		}
		// The degree-th root of p, scaled by 2^32, by bisection.
		scaled := new(big.Int).Lsh(big.NewInt(p), uint(32*degree))
		lo, hi := big.NewInt(0), new(big.Int).Lsh(big.NewInt(p), 32)
		for {
			mid := new(big.Int).Rsh(new(big.Int).Add(lo, hi), 1)
			if mid.Cmp(lo) == 0 {
				break
			}
			if new(big.Int).Exp(mid, big.NewInt(int64(degree)), nil).Cmp(scaled) <= 0 {
				lo = mid
			} else {
				hi = mid
			}
		}
		out = append(out, uint32(lo.Uint64()))
	}
	return out
}

func block(h *[8]uint32, k *[64]uint32, p []byte) {
	var w [64]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(p[4*i:])
	}
	for i := 16; i < 64; i++ {
		a, b := w[i-15], w[i-2]
		s0 := bits.RotateLeft32(a, -7) ^ bits.RotateLeft32(a, -18) ^ a>>3
		s1 := bits.RotateLeft32(b, -17) ^ bits.RotateLeft32(b, -19) ^ b>>10
		w[i] = w[i-16] + s0 + w[i-7] + s1
	}
	a, b, c, d, e, f, g, z := h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]
	for i := range 64 {
		t1 := z + (bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)) + (e&f ^ ^e&g) + k[i] + w[i]
		t2 := (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)) + (a&b ^ a&c ^ b&c)
		z, g, f, e, d, c, b, a = g, f, e, d+t1, c, b, a, t1+t2
	}
	for i, v := range [8]uint32{a, b, c, d, e, f, g, z} {
		h[i] += v
	}
}

func main() {
	k := [64]uint32(roots(64, 3))
	h := [8]uint32(roots(8, 2))
	var p [64]byte
	const size = 16 << 20
	for range size / len(p) {
		block(&h, &k, p[:])
	}
	p[0] = 0x80
	binary.BigEndian.PutUint64(p[56:], size*8)
	block(&h, &k, p[:])
	for _, v := range h {
		print(v, " ")
	}
	println()
}
