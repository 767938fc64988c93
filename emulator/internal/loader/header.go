package loader

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// Sizes of the ELF64 structures in bytes (System V ABI, chapters 4 and 5).
const (
	headerSize        = 64
	programHeaderSize = 56
)

// header is what the loader needs of Elf64_Ehdr.
type header struct {
	Type         elf.Type
	Entry, Phoff uint64
	Phnum        uint16
}

// readHeader checks the ELF header as load_elf_binary does, with a reason for each refusal.
func readHeader(file []byte) (header, error) {
	if !bytes.HasPrefix(file, []byte(elf.ELFMAG)) {
		if len(file) == 0 {
			return header{}, fmt.Errorf("%w (it is empty); give an executable built for linux/amd64", ErrNotELF)
		}
		return header{}, fmt.Errorf("%w (starts with %q); give an executable built for linux/amd64", ErrNotELF, file[:min(len(file), 4)])
	}
	if len(file) < headerSize {
		return header{}, fmt.Errorf("%w: %d bytes of an ELF header of %d; copy or build it again", ErrTruncated, len(file), headerSize)
	}
	if c := elf.Class(file[elf.EI_CLASS]); c != elf.ELFCLASS64 {
		return header{}, fmt.Errorf("%w: %v; build it for 64 bits: GOARCH=amd64", ErrWrongMachine, c)
	}
	if d := elf.Data(file[elf.EI_DATA]); d != elf.ELFDATA2LSB {
		return header{}, fmt.Errorf("%w: %v is not little endian; build it with GOARCH=amd64", ErrWrongMachine, d)
	}
	le := binary.LittleEndian
	if m := elf.Machine(le.Uint16(file[18:])); m != elf.EM_X86_64 {
		return header{}, fmt.Errorf("%w: it is for %v; build it with GOOS=linux GOARCH=amd64", ErrWrongMachine, m)
	}
	switch abi := elf.OSABI(file[elf.EI_OSABI]); abi {
	case elf.ELFOSABI_NONE, elf.ELFOSABI_LINUX:
	default:
		return header{}, fmt.Errorf("%w: it is for %v; build it with GOOS=linux GOARCH=amd64", ErrWrongMachine, abi)
	}
	h := header{
		Type:  elf.Type(le.Uint16(file[16:])),
		Entry: le.Uint64(file[24:]),
		Phoff: le.Uint64(file[32:]),
		Phnum: le.Uint16(file[56:]),
	}
	if h.Type != elf.ET_EXEC && h.Type != elf.ET_DYN {
		return header{}, fmt.Errorf("%w: its type is %v; link it: go build", ErrNotExecutable, h.Type)
	}
	if n := le.Uint16(file[54:]); n != programHeaderSize {
		return header{}, fmt.Errorf("%w: program headers of %d bytes, not %d; build it again", ErrBadHeaders, n, programHeaderSize)
	}
	if h.Phnum == 0 || h.Phnum > maxProgramHeaders {
		return header{}, fmt.Errorf("%w: %d program headers (1 to %d are allowed); build it again", ErrBadHeaders, h.Phnum, maxProgramHeaders)
	}
	return h, nil
}

// programHeader is Elf64_Phdr less the physical address.
type programHeader struct {
	Type                            elf.ProgType
	Flags                           elf.ProgFlag
	Offset, Addr, FileSize, MemSize uint64
	Align                           uint64
}

func readProgramHeaders(file []byte, h header) ([]programHeader, error) {
	size := uint64(h.Phnum) * programHeaderSize
	if h.Phoff > uint64(len(file)) || size > uint64(len(file))-h.Phoff {
		return nil, fmt.Errorf("%w: the program headers at %#x end behind the file's %d bytes; copy or build it again", ErrTruncated, h.Phoff, len(file))
	}
	le := binary.LittleEndian
	progs := make([]programHeader, h.Phnum)
	for i := range progs {
		b := file[h.Phoff+uint64(i)*programHeaderSize:]
		progs[i] = programHeader{
			Type:     elf.ProgType(le.Uint32(b)),
			Flags:    elf.ProgFlag(le.Uint32(b[4:])),
			Offset:   le.Uint64(b[8:]),
			Addr:     le.Uint64(b[16:]),
			FileSize: le.Uint64(b[32:]),
			MemSize:  le.Uint64(b[40:]),
			Align:    le.Uint64(b[48:]),
		}
	}
	return progs, nil
}

// segment checks a PT_LOAD header against the size of the file and of the address space.
func (p programHeader) segment(fileLen uint64) (Segment, error) {
	s := Segment{Addr: p.Addr, Offset: p.Offset, FileSize: p.FileSize, MemSize: p.MemSize, Prot: prot(p.Flags)}
	switch {
	case p.Offset > fileLen || p.FileSize > fileLen-p.Offset:
		return s, fmt.Errorf("%w: %#x bytes at %#x of a file of %#x; copy or build it again", ErrTruncated, p.FileSize, p.Offset, fileLen)
	case p.FileSize > p.MemSize:
		return s, fmt.Errorf("%w: %#x bytes in the file but only %#x in memory; build it again", ErrBadHeaders, p.FileSize, p.MemSize)
	case (p.Addr-p.Offset)&memory.PageMask != 0:
		return s, fmt.Errorf("%w: address %#x and file offset %#x differ within the page; build it again", ErrBadHeaders, p.Addr, p.Offset)
	case p.Addr >= mmapTop || p.MemSize > mmapTop-p.Addr:
		return s, fmt.Errorf("%w: %#x bytes at %#x leave the address space of a user process; build it again", ErrTooBig, p.MemSize, p.Addr)
	}
	return s, nil
}

// checkSegments looks at all segments together. The bound on the bytes copied keeps a small hostile file, whose many
// segments all name the same bytes, from filling memory.
func checkSegments(segs []Segment, fileLen uint64) error {
	if len(segs) == 0 {
		return fmt.Errorf("%w: no segment to load; build it again", ErrBadHeaders)
	}
	var total uint64
	for i, s := range segs {
		total += s.FileSize
		for j, o := range segs[:i] {
			if s.Addr < o.Addr+o.MemSize && o.Addr < s.Addr+s.MemSize {
				return fmt.Errorf("%w: loadable segments %d and %d overlap in memory; build it again", ErrBadHeaders, j, i)
			}
		}
	}
	if total > 2*fileLen {
		return fmt.Errorf("%w: the segments take %#x bytes from a file of %#x; build it again", ErrBadHeaders, total, fileLen)
	}
	return nil
}

// interpreter returns the path in a PT_INTERP segment, cut where the file or good sense ends.
func interpreter(file []byte, p programHeader) string {
	const most = 4096 // PATH_MAX
	if p.Offset > uint64(len(file)) {
		return ""
	}
	b := file[p.Offset:]
	b = b[:min(p.FileSize, uint64(len(b)), most)]
	path, _, _ := bytes.Cut(b, []byte{0})
	return string(path)
}

// prot turns a segment's flags into permissions.
func prot(f elf.ProgFlag) (p memory.Prot) {
	if f&elf.PF_R != 0 {
		p |= memory.Read
	}
	if f&elf.PF_W != 0 {
		p |= memory.Write
	}
	if f&elf.PF_X != 0 {
		p |= memory.Exec
	}
	return p
}
