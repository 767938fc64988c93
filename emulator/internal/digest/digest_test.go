package digest

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"math/rand/v2"
	"testing"
)

// TestPortable compares the implementation of our own with the standard one, written to in pieces of all sizes.
func TestPortable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 5000)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	for n := 0; n <= 300; n++ {
		var p, std hash.Hash = newPortable(), sha256.New()
		for rest := data[:n]; len(rest) > 0; {
			piece := rest[:min(len(rest), 1+r.IntN(100))]
			rest = rest[len(piece):]
			p.Write(piece)
			std.Write(piece)
			if !bytes.Equal(p.Sum([]byte("x")), std.Sum([]byte("x"))) {
				t.Fatalf("%d of %d bytes: the digests differ", n-len(rest), n)
			}
		}
		if !bytes.Equal(p.Sum(nil), std.Sum(nil)) {
			t.Fatalf("%d bytes: the digests differ", n)
		}
	}
	p := newPortable()
	p.Write([]byte("something"))
	p.Reset()
	p.Write(data)
	if got, want := p.sum(), sha256.Sum256(data); got != want || Sum(data) != want || p.Size() != sha256.Size || p.BlockSize() != sha256.BlockSize {
		t.Errorf("%x, %x; want %x", got, Sum(data), want)
	}
}

func BenchmarkPortable(b *testing.B) {
	page := make([]byte, 4096)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		newPortable().Write(page)
	}
}
