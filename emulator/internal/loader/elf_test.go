package loader

import (
	"debug/elf"
	"encoding/binary"
)

// elfFile builds small ELF files for tests: a header, program headers right behind it, then size bytes in all.
type elfFile struct {
	class   elf.Class
	data    elf.Data
	osabi   elf.OSABI
	typ     elf.Type
	machine elf.Machine
	entry   uint64
	phoff   uint64
	phent   uint16
	progs   []programHeader
	size    int
}

// goodFile is a file with one segment of code and one of data with .bss behind it.
func goodFile() elfFile {
	return elfFile{
		class: elf.ELFCLASS64, data: elf.ELFDATA2LSB, typ: elf.ET_EXEC, machine: elf.EM_X86_64,
		entry: 0x401000, phoff: headerSize, phent: programHeaderSize, size: 0x3000,
		progs: []programHeader{
			{Type: elf.PT_LOAD, Flags: elf.PF_R | elf.PF_X, Offset: 0, Addr: 0x400000, FileSize: 0x1800, MemSize: 0x1800, Align: 0x1000},
			{Type: elf.PT_LOAD, Flags: elf.PF_R | elf.PF_W, Offset: 0x2010, Addr: 0x404010, FileSize: 0x20, MemSize: 0x3000, Align: 0x1000},
			{Type: elf.PT_GNU_STACK, Flags: elf.PF_R | elf.PF_W},
		},
	}
}

// bytes returns the file; what is neither header nor program header is 0xcc.
func (f elfFile) bytes() []byte {
	b := make([]byte, max(f.size, headerSize+len(f.progs)*programHeaderSize))
	for i := range b {
		b[i] = 0xcc
	}
	le := binary.LittleEndian
	copy(b, elf.ELFMAG)
	b[elf.EI_CLASS], b[elf.EI_DATA], b[elf.EI_VERSION], b[elf.EI_OSABI] = byte(f.class), byte(f.data), 1, byte(f.osabi)
	le.PutUint16(b[16:], uint16(f.typ))
	le.PutUint16(b[18:], uint16(f.machine))
	le.PutUint64(b[24:], f.entry)
	le.PutUint64(b[32:], f.phoff)
	le.PutUint16(b[54:], f.phent)
	le.PutUint16(b[56:], uint16(len(f.progs)))
	for i, p := range f.progs {
		at := b[headerSize+i*programHeaderSize:]
		le.PutUint32(at, uint32(p.Type))
		le.PutUint32(at[4:], uint32(p.Flags))
		for j, v := range []uint64{p.Offset, p.Addr, p.Addr, p.FileSize, p.MemSize, p.Align} {
			le.PutUint64(at[8+8*j:], v)
		}
	}
	return b[:f.size]
}
