package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// The Go linker leaves runs of zeros out of a module's data, and so makes a hundred thousand small segments of it, whose
// headers compress badly. Zeros compress well: joined, the session's module is 4 % smaller when packed, and 4 % larger before.

// smallGap is how many zeros between two segments are kept, in bytes.
const smallGap = 256

var errModule = errors.New("this is no wasm module as the Go linker writes it")

// A segment is a piece of memory at the start.
type segment struct {
	at   int64
	data []byte
}

// join returns the module with its data segments made one wherever fewer than gap zeros lie between two. Format:
// https://webassembly.github.io/spec/core/binary/modules.html#data-section
func join(module []byte, gap int64) ([]byte, error) {
	const header = 8
	if len(module) < header || string(module[:4]) != "\x00asm" {
		return nil, errModule
	}
	out := append([]byte{}, module[:header]...)
	for rest := module[header:]; len(rest) > 0; {
		id := rest[0]
		size, n := binary.Uvarint(rest[1:])
		if n <= 0 || uint64(len(rest)-1-n) < size {
			return nil, errModule
		}
		body := rest[1+n : 1+n+int(size)]
		rest = rest[1+n+int(size):]
		if id == 11 {
			list, err := segments(body)
			if err != nil {
				return nil, err
			}
			body = encode(joined(list, gap))
		}
		if id == 12 { // how many segments there are, which only passive ones need
			return nil, fmt.Errorf("%w: it counts its data segments", errModule)
		}
		out = append(out, id)
		out = binary.AppendUvarint(out, uint64(len(body)))
		out = append(out, body...)
	}
	return out, nil
}

// segments reads a data section of active segments at constant addresses.
func segments(b []byte) (list []segment, err error) {
	at := 0
	number := func() (v uint64) {
		v, n := binary.Uvarint(b[min(at, len(b)):])
		if n <= 0 {
			err, at = errModule, len(b)
			return 0
		}
		at += n
		return v
	}
	for range number() {
		if at+2 > len(b) || b[at] != 0 || b[at+1] != 0x41 { // memory 0; i32.const
			return nil, errModule
		}
		at += 2
		addr := signed(b, &at)
		if at >= len(b) || b[at] != 0x0b { // end
			return nil, errModule
		}
		at++
		size := int(number())
		if err != nil || size > len(b)-at {
			return nil, errModule
		}
		list = append(list, segment{addr, b[at : at+size]})
		at += size
	}
	return list, err
}

// signed reads a signed LEB128 number.
func signed(b []byte, at *int) (v int64) {
	for shift := 0; *at < len(b); shift += 7 {
		c := b[*at]
		*at++
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if c&0x40 != 0 {
				v |= -1 << (shift + 7)
			}
			break
		}
	}
	return v
}

func joined(list []segment, gap int64) (out []segment) {
	for _, s := range list {
		if n := len(out); n > 0 {
			last := &out[n-1]
			zeros := s.at - last.at - int64(len(last.data))
			if 0 <= zeros && zeros < gap {
				last.data = append(append(last.data, make([]byte, zeros)...), s.data...)
				continue
			}
		}
		out = append(out, segment{s.at, append([]byte{}, s.data...)})
	}
	return out
}

func encode(list []segment) []byte {
	out := binary.AppendUvarint(nil, uint64(len(list)))
	for _, s := range list {
		out = append(out, 0, 0x41)
		for v := s.at; ; {
			c := byte(v & 0x7f)
			v >>= 7
			if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
				out = append(out, c, 0x0b)
				break
			}
			out = append(out, c|0x80)
		}
		out = binary.AppendUvarint(out, uint64(len(s.data)))
		out = append(out, s.data...)
	}
	return out
}
