package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
)

// moduleOf makes a module whose data section puts the pieces, one after the other, where they belong.
func moduleOf(pieces map[uint64][]byte) []byte {
	body := binary.AppendUvarint(nil, uint64(len(pieces)))
	for addr, b := range pieces {
		body = append(body, activeSegment, i32Const)
		body = append(appendSigned(body, int64(addr)), endOfExpr)
		body = append(binary.AppendUvarint(body, uint64(len(b))), b...)
	}
	return (&wasmFile{[]wasmSection{{customSection, []byte("name")}, {5, []byte{1, 0}}, {dataSection, body}}}).bytes()
}

func memoryOf(t *testing.T, module []byte) (img memoryImage, segments uint64) {
	t.Helper()
	w, err := readWasm(module)
	if err != nil {
		t.Fatal(err)
	}
	if img, err = w.image(); err != nil {
		t.Fatal(err)
	}
	segments, _, err = unsigned(w.section(dataSection).body)
	if err != nil {
		t.Fatal(err)
	}
	return img, segments
}

func TestPackKeepsTheMemory(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := map[uint64][]byte{}
	for at := uint64(60); at < 1<<20; at += r.Uint64N(900) {
		b := make([]byte, 1+r.IntN(40))
		for i := range b {
			b[i] = 1 + byte(r.IntN(255))
		}
		pieces[at] = b
		at += uint64(len(b))
	}
	module := moduleOf(pieces)
	packed, err := pack(module)
	if err != nil {
		t.Fatal(err)
	}
	before, n := memoryOf(t, module)
	after, m := memoryOf(t, packed)
	if before.base != after.base || !bytes.Equal(before.bytes, after.bytes) {
		t.Error("packed, the module begins with another memory")
	}
	if m >= n || m == 1 {
		t.Errorf("%d segments have become %d", n, m)
	}
	if w, _ := readWasm(packed); len(w.sections) != 2 || w.section(5) == nil {
		t.Errorf("%d sections are left", len(w.sections))
	}
}

func TestSigned(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 63, 64, -64, -65, 1 << 20, -1 << 31, 1<<62 + 5, -1 << 63} {
		got, rest, err := signed(append(appendSigned(nil, n), 9))
		if err != nil || got != n || len(rest) != 1 {
			t.Errorf("%d is read as %d, %v", n, got, err)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	good := moduleOf(map[uint64][]byte{8: []byte("abc")})
	section := func(body ...byte) []byte { return (&wasmFile{[]wasmSection{{dataSection, body}}}).bytes() }
	for _, bad := range [][]byte{
		nil, []byte("\x7fELF"), good[:len(good)-1], []byte(wasmHeader), section(), section(0), section(1, 0), section(1, 1, 0),
		section(1, activeSegment, i32Const, 0x80), section(1, activeSegment, i32Const, 8, endOfExpr, 2, 'a'), section(1, activeSegment, i32Const, 8),
	} {
		if _, err := pack(bad); !errors.Is(err, errNotWasm) {
			t.Errorf("%q: %v; want a refusal", bad, err)
		}
	}
}
