package symbols

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// findPclntab looks for the table where the linker says it is, else, when there are no section headers, through the
// program's memory.
func findPclntab(t *Table) *pclntab {
	for _, s := range t.file.Sections {
		if !strings.HasSuffix(s.Name, ".gopclntab") {
			continue
		}
		for _, seg := range t.image.segments {
			if off := s.Addr - seg.addr; s.Addr >= seg.addr && off < uint64(len(seg.data)) {
				if p := t.newPclntab(seg.data[off:], s.Addr); p != nil {
					return p
				}
			}
		}
	}
	for _, seg := range t.image.segments {
		for _, head := range pclnMagicBytes {
			for at := 0; ; {
				i := bytes.Index(seg.data[at:], head[:])
				if i < 0 {
					break
				}
				at += i
				if p := t.newPclntab(seg.data[at:], seg.addr+uint64(at)); p != nil {
					return p
				}
				at++
			}
		}
	}
	return nil
}

// pclnMagicBytes are the first eight bytes of a table for amd64, newest layout first: magic, two zeroes, the instruction
// quantum 1, the pointer size 8.
var pclnMagicBytes = [...][8]byte{
	{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8},
	{0xf0, 0xff, 0xff, 0xff, 0, 0, 1, 8},
	{0xfa, 0xff, 0xff, 0xff, 0, 0, 1, 8},
	{0xfb, 0xff, 0xff, 0xff, 0, 0, 1, 8},
}

// textStart returns the address from which the function table counts. It is runtime.text; else the module data tells it,
// which begins with the table's address and gives the first function's address (minpc) 160 bytes on; else the header does,
// up to Go 1.25; else it is the start of .text.
func (t *Table) textStart(table, firstOff, header uint64) uint64 {
	const minpcOffset = 160 // pcHeader, six slices, findfunctab: runtime.moduledata since Go 1.16
	if d, ok := t.dataBy["runtime.text"]; ok {
		return t.data[d].Addr
	}
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], table)
	for _, seg := range t.image.segments {
		for at := 0; ; at += 8 {
			i := bytes.Index(seg.data[at:], word[:])
			if i < 0 {
				break
			}
			at += i
			if at%8 != 0 {
				at &^= 7
				continue
			}
			if minpc := u64(seg.data, uint64(at+minpcOffset)); t.executable(minpc) && t.executable(minpc-firstOff) {
				return minpc - firstOff
			}
		}
	}
	if header != 0 {
		return header
	}
	if s := t.file.Section(".text"); s != nil {
		return s.Addr
	}
	return 0
}

func (t *Table) executable(addr uint64) bool { return t.codeEnd(addr) != 0 }

// codeEnd returns the end of the code that the file has at the address, 0 if there is none.
func (t *Table) codeEnd(addr uint64) uint64 {
	for _, s := range t.image.segments {
		if n := uint64(len(s.data)); s.exec && addr >= s.addr && addr-s.addr < n {
			return s.addr + n
		}
	}
	return 0
}
