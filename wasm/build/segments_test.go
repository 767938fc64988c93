package main

import (
	"bytes"
	"math/rand"
	"os"
	"path/filepath"
	"testing"
)

// moduleOf makes a module of data only.
func moduleOf(list []segment) []byte {
	body := encode(list)
	out := append([]byte("\x00asm\x01\x00\x00\x00\x05\x01\x00\x0b"), byte(len(body)|0x80), byte(len(body)>>7|0x80), byte(len(body)>>14))
	return append(out, body...)
}

// memory lays the segments of a module out.
func memory(t *testing.T, module []byte) (image []byte, count int) {
	t.Helper()
	at := bytes.IndexByte(module, 0x0b) + 1
	for ; module[at]&0x80 != 0; at++ {
	}
	list, err := segments(module[at+1:])
	if err != nil {
		t.Fatal(err)
	}
	image = make([]byte, 1<<21)
	for _, s := range list {
		copy(image[s.at:], s.data)
	}
	return image, len(list)
}

func TestJoinKeepsTheMemory(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	var list []segment
	for at := int64(60); at < 1<<20; at += 1 + r.Int63n(3000) {
		data := make([]byte, 1+r.Intn(40))
		r.Read(data)
		list = append(list, segment{at, data})
		at += int64(len(data))
	}
	module := moduleOf(list)
	want, _ := memory(t, module)
	last := len(list) + 1
	for _, gap := range []int64{0, 100, 1000, 1 << 30} {
		out, err := join(module, gap)
		if err != nil {
			t.Fatal(err)
		}
		image, count := memory(t, out)
		if !bytes.Equal(image, want) {
			t.Errorf("gap %d: another memory", gap)
		}
		if count >= last {
			t.Errorf("gap %d: %d segments, and %d with a smaller one", gap, count, last)
		}
		last = count
	}
	if last != 1 {
		t.Errorf("%d segments are left", last)
	}
}

func TestJoinRefuses(t *testing.T) {
	good := moduleOf([]segment{{8, []byte("abc")}})
	for _, bad := range [][]byte{nil, []byte("\x7fELF"), good[:len(good)-1], append(bytes.Clone(good), 11, 9), append(bytes.Clone(good), 11, 3, 1, 1, 0)} {
		if _, err := join(bad, 1); err == nil {
			t.Errorf("%q is joined", bad)
		}
	}
}

// BenchmarkJoin shows what it is for, if `make web` has left a module here.
func BenchmarkJoin(b *testing.B) {
	module, err := os.ReadFile(filepath.Join("..", "web", "generated", "session.wasm"))
	if err != nil {
		b.Skip("NOT MEASURED: make web first: ", err)
	}
	for b.Loop() {
		for _, gap := range []int64{0, 16, 64, 256, 4096, 1 << 30} {
			out, err := join(module, gap)
			if err != nil {
				b.Fatal(err)
			}
			z, err := compress(out)
			if err != nil {
				b.Fatal(err)
			}
			b.Logf("gap %d: %d bytes, packed %d", gap, len(out), len(z))
		}
	}
}
