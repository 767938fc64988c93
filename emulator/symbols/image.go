package symbols

import (
	"debug/elf"
	"encoding/binary"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/elffile"
)

// Memory reads bytes at an address: a machine's memory, or a program's own image.
type Memory interface {
	// ReadMemory fills b from addr; it reports an error naming the address when a part is not mapped.
	ReadMemory(b []byte, addr uint64) error
}

// An image is a program's memory as the file describes it: the PT_LOAD segments before the first instruction.
type image struct{ segments []segment }

type segment struct {
	addr, size uint64
	data       []byte // may be shorter than size: the rest is zero
	exec       bool
}

func newImage(f *elffile.File, elfBytes []byte) image {
	var img image
	for _, p := range f.Segments {
		if p.Type != elf.PT_LOAD || p.Offset > uint64(len(elfBytes)) || p.Addr+p.MemSize < p.Addr {
			continue
		}
		data := elfBytes[p.Offset:]
		data = data[:min(p.FileSize, uint64(len(data)), p.MemSize)]
		img.segments = append(img.segments, segment{addr: p.Addr, size: p.MemSize, data: data, exec: p.Flags&elf.PF_X != 0})
	}
	return img
}

// ReadMemory implements Memory. One read does not cross segments.
func (img image) ReadMemory(b []byte, addr uint64) error {
	for _, s := range img.segments {
		if off := addr - s.addr; addr >= s.addr && off <= s.size && uint64(len(b)) <= s.size-off {
			clear(b)
			if off < uint64(len(s.data)) {
				copy(b, s.data[off:])
			}
			return nil
		}
	}
	return fmt.Errorf("address %#x is not in the program", addr)
}

// relocated is an image at the place where the loader put it.
type relocated struct {
	image
	bias uint64
}

func (r relocated) ReadMemory(b []byte, addr uint64) error {
	return r.image.ReadMemory(b, addr-r.bias)
}

// Image returns the program's memory as it is before the first instruction. (In a position-independent program pointers in
// the data still lack the bias.)
func (t *Table) Image() Memory { return relocated{t.image, t.bias} }

// readWord reads 8 bytes, little-endian.
func readWord(mem Memory, addr uint64) (uint64, error) {
	var b [8]byte
	if err := mem.ReadMemory(b[:], addr); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(b[:]), nil
}

// readString reads the Go string whose header (pointer, length) lies at addr, up to limit bytes of it.
func readString(mem Memory, addr, limit uint64) (string, error) {
	p, err := readWord(mem, addr)
	if err != nil {
		return "", err
	}
	n, err := readWord(mem, addr+8)
	if err != nil {
		return "", err
	}
	b := make([]byte, min(n, limit))
	if err := mem.ReadMemory(b, p); err != nil {
		return "", err
	}
	return string(b), nil
}
