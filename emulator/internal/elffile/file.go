// Package elffile finds the parts of a 64-bit little-endian ELF file: segments, sections, symbols. It reads in place: what
// it returns shares memory with the file, but for sections that are compressed.
//
// Package debug/elf does all this and much more, but brings relocations and a Zstandard decoder for every architecture into
// a program that is loaded over a network before it can show anything.
package elffile

import (
	"bytes"
	"compress/zlib"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Sizes of the ELF64 structures in bytes (System V ABI, chapters 4 and 5).
const (
	headerSize        = 64
	programHeaderSize = 56
	sectionHeaderSize = 64
	symbolSize        = 24
)

// maxUnpacked bounds what a compressed section is unpacked to, in bytes: a small hostile file can claim anything.
const maxUnpacked = 1 << 29

// ErrFormat means that the bytes are no ELF file of the kind that is read here.
var ErrFormat = errors.New("not a 64-bit little-endian ELF file")

// A File is an ELF file.
type File struct {
	Entry    uint64
	Segments []Segment
	Sections []*Section
}

// A Segment is an entry of the program header table.
type Segment struct {
	Type              elf.ProgType
	Flags             elf.ProgFlag
	Offset, Addr      uint64
	FileSize, MemSize uint64
}

// A Section is an entry of the section header table.
type Section struct {
	Name               string
	Type               elf.SectionType
	Flags              elf.SectionFlag
	Addr, Offset, Size uint64
	Link               uint32

	file []byte
}

// A Symbol is an entry of the symbol table.
type Symbol struct {
	Name        string
	Type        elf.SymType
	Section     elf.SectionIndex
	Value, Size uint64
}

// Open reads the headers. Tables that lie outside of the file are an error; what a section or segment claims is looked at
// when its bytes are asked for.
func Open(file []byte) (*File, error) {
	if len(file) < headerSize || !bytes.HasPrefix(file, []byte(elf.ELFMAG)) ||
		elf.Class(file[elf.EI_CLASS]) != elf.ELFCLASS64 || elf.Data(file[elf.EI_DATA]) != elf.ELFDATA2LSB {
		return nil, ErrFormat
	}
	le := binary.LittleEndian
	f := &File{Entry: le.Uint64(file[24:])}
	progs, err := table(file, le.Uint64(file[32:]), le.Uint16(file[54:]), le.Uint16(file[56:]), programHeaderSize)
	if err != nil {
		return nil, fmt.Errorf("program headers: %w", err)
	}
	for ; len(progs) > 0; progs = progs[programHeaderSize:] {
		f.Segments = append(f.Segments, Segment{
			Type: elf.ProgType(le.Uint32(progs)), Flags: elf.ProgFlag(le.Uint32(progs[4:])),
			Offset: le.Uint64(progs[8:]), Addr: le.Uint64(progs[16:]), FileSize: le.Uint64(progs[32:]), MemSize: le.Uint64(progs[40:]),
		})
	}
	sections, err := table(file, le.Uint64(file[40:]), le.Uint16(file[58:]), le.Uint16(file[60:]), sectionHeaderSize)
	if err != nil {
		return nil, fmt.Errorf("section headers: %w", err)
	}
	var names []uint32
	for ; len(sections) > 0; sections = sections[sectionHeaderSize:] {
		names = append(names, le.Uint32(sections))
		f.Sections = append(f.Sections, &Section{
			Type: elf.SectionType(le.Uint32(sections[4:])), Flags: elf.SectionFlag(le.Uint64(sections[8:])),
			Addr: le.Uint64(sections[16:]), Offset: le.Uint64(sections[24:]), Size: le.Uint64(sections[32:]), Link: le.Uint32(sections[40:]),
			file: file,
		})
	}
	if len(f.Sections) == 0 {
		return f, nil
	}
	strings, err := f.strings(uint32(le.Uint16(file[62:])))
	if err != nil {
		return nil, fmt.Errorf("section names: %w", err)
	}
	for i, s := range f.Sections {
		s.Name = cstring(strings, names[i])
	}
	return f, nil
}

// table returns the bytes of n entries of a header table.
func table(file []byte, off uint64, entry, n, want uint16) ([]byte, error) {
	switch size := uint64(n) * uint64(want); {
	case n == 0 || off == 0:
		return nil, nil
	case entry != want:
		return nil, fmt.Errorf("%w: entries of %d bytes, not %d", ErrFormat, entry, want)
	case off > uint64(len(file)) || size > uint64(len(file))-off:
		return nil, fmt.Errorf("%w: the table at %#x ends behind the file's %d bytes", ErrFormat, off, len(file))
	default:
		return file[off : off+size], nil
	}
}

// strings returns the string table in the section of that number.
func (f *File) strings(section uint32) (string, error) {
	if uint64(section) >= uint64(len(f.Sections)) {
		return "", fmt.Errorf("%w: there is no section %d", ErrFormat, section)
	}
	b, err := f.Sections[section].Raw()
	return string(b), err
}

// cstring returns the string that begins at the offset, "" if there is none.
func cstring(table string, off uint32) string {
	if uint64(off) >= uint64(len(table)) {
		return ""
	}
	s, _, _ := strings.Cut(table[off:], "\x00")
	return s
}

// Section returns the section of that name, nil if there is none.
func (f *File) Section(name string) *Section {
	for _, s := range f.Sections {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Raw returns the section's bytes as they lie in the file.
func (s *Section) Raw() ([]byte, error) {
	switch n := uint64(len(s.file)); {
	case s.Type == elf.SHT_NOBITS:
		return nil, fmt.Errorf("%w: section %s has no bytes in the file", ErrFormat, s.Name)
	case s.Offset > n || s.Size > n-s.Offset:
		return nil, fmt.Errorf("%w: section %s ends behind the file's %d bytes", ErrFormat, s.Name, n)
	}
	return s.file[s.Offset : s.Offset+s.Size], nil
}

// Data returns the section's bytes, unpacked if they are compressed with zlib, which is all that Go's linker knows.
func (s *Section) Data() ([]byte, error) {
	b, err := s.Raw()
	if err != nil || s.Flags&elf.SHF_COMPRESSED == 0 {
		return b, err
	}
	const chdr = 24 // Elf64_Chdr: type, reserved, size, alignment
	if len(b) < chdr {
		return nil, fmt.Errorf("%w: section %s is too short to be compressed", ErrFormat, s.Name)
	}
	if c := elf.CompressionType(binary.LittleEndian.Uint32(b)); c != elf.COMPRESS_ZLIB {
		return nil, fmt.Errorf("section %s is compressed in a way (%d) that is not known here; link with -compressdwarf=false", s.Name, uint32(c))
	}
	return Unpack(b[chdr:], binary.LittleEndian.Uint64(b[8:]))
}

// Unpack returns the zlib stream's first size bytes, or as many as there are.
func Unpack(b []byte, size uint64) ([]byte, error) {
	if size > maxUnpacked {
		return nil, fmt.Errorf("%w: %d bytes compressed to %d", ErrFormat, size, len(b))
	}
	z, err := zlib.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, int64(size)))
}

// Symbols returns the symbols of .symtab but the first, which is none. A file without has none.
func (f *File) Symbols() ([]Symbol, error) {
	var table *Section
	for _, s := range f.Sections {
		if s.Type == elf.SHT_SYMTAB {
			table = s
			break
		}
	}
	if table == nil {
		return nil, nil
	}
	b, err := table.Raw()
	if err != nil {
		return nil, err
	}
	names, err := f.strings(table.Link)
	if err != nil || len(b) < 2*symbolSize {
		return nil, err
	}
	b = b[symbolSize:]
	le := binary.LittleEndian
	symbols := make([]Symbol, 0, len(b)/symbolSize)
	for ; len(b) >= symbolSize; b = b[symbolSize:] {
		symbols = append(symbols, Symbol{
			Name: cstring(names, le.Uint32(b)), Type: elf.ST_TYPE(b[4]), Section: elf.SectionIndex(le.Uint16(b[6:])),
			Value: le.Uint64(b[8:]), Size: le.Uint64(b[16:]),
		})
	}
	return symbols, nil
}
