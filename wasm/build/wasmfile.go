package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// A wasmFile is a WebAssembly module in its sections (WebAssembly core specification, 5.5).
type wasmFile struct{ sections []wasmSection }

type wasmSection struct {
	id   byte
	body []byte
}

// The sections that are looked into.
const (
	customSection = 0
	dataSection   = 11
)

const wasmHeader = "\x00asm\x01\x00\x00\x00"

var errNotWasm = errors.New("not a WebAssembly module as Go's linker writes it")

func readWasm(b []byte) (*wasmFile, error) {
	b, ok := bytes.CutPrefix(b, []byte(wasmHeader))
	if !ok {
		return nil, errNotWasm
	}
	w := &wasmFile{}
	for len(b) > 0 {
		id := b[0]
		n, rest, err := unsigned(b[1:])
		if err != nil || n > uint64(len(rest)) {
			return nil, fmt.Errorf("%w: section %d breaks off", errNotWasm, id)
		}
		w.sections = append(w.sections, wasmSection{id, rest[:n]})
		b = rest[n:]
	}
	return w, nil
}

func (w *wasmFile) bytes() []byte {
	out := []byte(wasmHeader)
	for _, s := range w.sections {
		out = append(out, s.id)
		out = binary.AppendUvarint(out, uint64(len(s.body)))
		out = append(out, s.body...)
	}
	return out
}

func (w *wasmFile) section(id byte) *wasmSection {
	for i := range w.sections {
		if w.sections[i].id == id {
			return &w.sections[i]
		}
	}
	return nil
}

// dropCustom removes the custom sections: build id, names, producers. None has a meaning when the module runs.
func (w *wasmFile) dropCustom() {
	kept := w.sections[:0]
	for _, s := range w.sections {
		if s.id != customSection {
			kept = append(kept, s)
		}
	}
	w.sections = kept
}

// A memoryImage is what the data section puts into memory before the module runs: bytes from base on.
type memoryImage struct {
	base  uint64
	bytes []byte
}

// What a data segment of a module with one memory begins with: "active, memory 0", then i32.const ADDRESS, end.
const (
	activeSegment = 0x00
	i32Const      = 0x41
	endOfExpr     = 0x0b
)

// image returns what the data section puts into memory.
func (w *wasmFile) image() (memoryImage, error) {
	s := w.section(dataSection)
	if s == nil {
		return memoryImage{}, fmt.Errorf("%w: there is no data section", errNotWasm)
	}
	n, b, err := unsigned(s.body)
	if err != nil {
		return memoryImage{}, err
	}
	type segment struct {
		addr  uint64
		bytes []byte
	}
	var segments []segment
	var end uint64
	for range n {
		if len(b) < 2 || b[0] != activeSegment || b[1] != i32Const {
			return memoryImage{}, fmt.Errorf("%w: a data segment of another kind", errNotWasm)
		}
		addr, rest, err := signed(b[2:])
		if err != nil || len(rest) == 0 || rest[0] != endOfExpr || addr < 0 {
			return memoryImage{}, fmt.Errorf("%w: a data segment without an address", errNotWasm)
		}
		size, rest, err := unsigned(rest[1:])
		if err != nil || size > uint64(len(rest)) {
			return memoryImage{}, fmt.Errorf("%w: a data segment breaks off", errNotWasm)
		}
		segments = append(segments, segment{uint64(addr), rest[:size]})
		end = max(end, uint64(addr)+size)
		b = rest[size:]
	}
	if len(segments) == 0 {
		return memoryImage{}, fmt.Errorf("%w: the data section is empty", errNotWasm)
	}
	img := memoryImage{base: segments[0].addr}
	for _, s := range segments {
		img.base = min(img.base, s.addr)
	}
	img.bytes = make([]byte, end-img.base)
	for _, s := range segments {
		copy(img.bytes[s.addr-img.base:], s.bytes)
	}
	return img, nil
}

// longestGap is the number of zeroes above which two segments are better than one: each costs some ten bytes.
const longestGap = 256

// setImage writes the data section anew, in as few segments as make sense. Go's linker begins a new one after every eighth
// zero, up to the 100,000 that engines allow; their headers are a twelfth of the compressed module.
func (w *wasmFile) setImage(img memoryImage) {
	var body []byte
	n := uint64(0)
	for at := 0; at < len(img.bytes); {
		if img.bytes[at] == 0 {
			at++
			continue
		}
		end, zeroes := at, 0
		for i := at; i < len(img.bytes) && zeroes <= longestGap; i++ {
			if zeroes++; img.bytes[i] != 0 {
				end, zeroes = i+1, 0
			}
		}
		body = append(body, activeSegment, i32Const)
		body = appendSigned(body, int64(img.base)+int64(at))
		body = append(body, endOfExpr)
		body = binary.AppendUvarint(body, uint64(end-at))
		body = append(body, img.bytes[at:end]...)
		at = end
		n++
	}
	w.section(dataSection).body = append(binary.AppendUvarint(nil, n), body...)
}

// unsigned reads a LEB128 number, which is what encoding/binary calls a uvarint.
func unsigned(b []byte) (uint64, []byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 {
		return 0, nil, fmt.Errorf("%w: a number breaks off", errNotWasm)
	}
	return n, b[used:], nil
}

// signed reads a signed LEB128 number (two's complement; encoding/binary's varint is another code).
func signed(b []byte) (int64, []byte, error) {
	var n int64
	for i := 0; i < len(b) && i < 10; i++ {
		n |= int64(b[i]&0x7f) << (7 * i)
		if b[i] < 0x80 {
			unused := max(0, 64-7*(i+1))
			return n << unused >> unused, b[i+1:], nil
		}
	}
	return 0, nil, fmt.Errorf("%w: a number breaks off", errNotWasm)
}

func appendSigned(b []byte, n int64) []byte {
	for {
		low := byte(n & 0x7f)
		n >>= 7
		if n == 0 && low&0x40 == 0 || n == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}
