package linux

import "encoding/binary"

// random is a sequence of pseudo-random numbers: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, 2014). It is state of the guest like any other, so it must be a plain number.
type random uint64

// newRandom returns the sequence that belongs to the seed and the purpose.
func newRandom(seed uint64, purpose string) random {
	r := random(seed)
	for _, c := range []byte(purpose) {
		r = random(r.next() ^ uint64(c))
	}
	return r
}

// next returns 64 bits.
func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number below n, which is small enough for the bias of the remainder not to matter.
func (r *random) below(n uint64) uint64 { return r.next() % n }

// fill fills b.
func (r *random) fill(b []byte) {
	for len(b) > 0 {
		var w [8]byte
		binary.LittleEndian.PutUint64(w[:], r.next())
		b = b[copy(b, w[:]):]
	}
}
