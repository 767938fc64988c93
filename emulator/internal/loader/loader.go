// Package loader reads static ELF64 programs for amd64 and lays them and the process stack out as Linux does
// (fs/binfmt_elf.c and fs/exec.c of Linux 6.x, address space randomisation off).
package loader

import (
	"debug/elf"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// pieBase is where a position-independent program goes: ELF_ET_DYN_BASE, two thirds of the address space, rounded down to
// a page (arch/x86/include/asm/elf.h).
const pieBase = 0x555555554000

// maxProgramHeaders is how many program headers Linux reads: 64 KiB worth of them (load_elf_phdrs).
const maxProgramHeaders = 65536 / programHeaderSize

// An Image is a program, checked and ready to be mapped.
type Image struct {
	// Name is what /proc/self/maps calls the mappings of the file.
	Name string
	// Entry is the address of the first instruction.
	Entry uint64
	// Bias is what was added to every address in the file: 0 unless the program is position independent.
	Bias uint64
	// ProgramHeaders is the address at which the guest finds its program headers (AT_PHDR), 0 when no segment holds them;
	// ProgramHeaderCount is AT_PHNUM.
	ProgramHeaders     uint64
	ProgramHeaderCount uint16
	// Segments are the PT_LOAD segments, in the order of the file.
	Segments []Segment
	// Brk is the first page boundary above all segments: where the heap of brk(2) starts.
	Brk uint64
	// ExecutableStack says that PT_GNU_STACK asks for one.
	ExecutableStack bool

	file []byte
}

// A Segment is a part of the file that goes into memory, and the zeroes behind it.
type Segment struct {
	// Addr is the address in memory, bias included; Offset is the place in the file. Both are in bytes and equal modulo
	// the page size.
	Addr, Offset uint64
	// FileSize bytes come from the file; from there up to MemSize bytes are zeroes (.bss).
	FileSize, MemSize uint64
	Prot              memory.Prot
}

// Load checks an ELF file and says where everything will lie. It refuses what Linux refuses, and programs that need a
// dynamic linker. The image keeps the file.
func Load(file []byte) (*Image, error) {
	h, err := readHeader(file)
	if err != nil {
		return nil, err
	}
	progs, err := readProgramHeaders(file, h)
	if err != nil {
		return nil, err
	}
	img := &Image{Entry: h.Entry, ProgramHeaderCount: h.Phnum, file: file}
	var highestAlign uint64 = memory.PageSize
	for i, p := range progs {
		switch p.Type {
		case elf.PT_INTERP:
			return nil, &DynamicError{interpreter(file, p), staticBuild(file)}
		case elf.PT_GNU_STACK:
			img.ExecutableStack = p.Flags&elf.PF_X != 0
		case elf.PT_LOAD:
			s, err := p.segment(uint64(len(file)))
			if err != nil {
				return nil, fmt.Errorf("segment %d: %w", i, err)
			}
			if p.MemSize == 0 {
				continue
			}
			if isPowerOfTwo(p.Align) {
				highestAlign = max(highestAlign, p.Align)
			}
			if p.Offset <= h.Phoff && h.Phoff-p.Offset < p.FileSize {
				img.ProgramHeaders = h.Phoff - p.Offset + p.Addr
			}
			img.Segments = append(img.Segments, s)
		}
	}
	if err := checkSegments(img.Segments, uint64(len(file))); err != nil {
		return nil, err
	}
	if h.Type == elf.ET_DYN {
		if h.Entry == 0 {
			return nil, fmt.Errorf("%w: a shared library has no entry point; give an executable", ErrNotExecutable)
		}
		if err := img.relocate(highestAlign); err != nil {
			return nil, err
		}
	}
	for _, s := range img.Segments {
		img.Brk = max(img.Brk, pageUp(s.Addr+s.MemSize))
	}
	return img, nil
}

// relocate moves the image to pieBase. A static position-independent program relocates itself: nothing in it is changed
// here.
func (img *Image) relocate(align uint64) error {
	lowest := img.Segments[0].Addr
	highest := uint64(0)
	for _, s := range img.Segments {
		lowest = min(lowest, s.Addr)
		highest = max(highest, s.Addr+s.MemSize)
	}
	bias := (pieBase - pageDown(lowest)) &^ (align - 1)
	if pageDown(lowest) > pieBase || align > pieBase || highest-lowest > mmapTop-pieBase {
		return fmt.Errorf("%w: it spans %#x bytes of addresses; build it again", ErrTooBig, highest-lowest)
	}
	img.Bias = bias
	img.Entry += bias
	if img.ProgramHeaders != 0 {
		img.ProgramHeaders += bias
	}
	for i := range img.Segments {
		img.Segments[i].Addr += bias
	}
	return nil
}

// mmapTop is where Linux starts handing out addresses downwards: the top of user space less the least gap that it keeps
// for the stack, 128 MiB (mmap_base in arch/x86/mm/mmap.c).
const mmapTop = memory.MaxAddr - 128<<20

func pageDown(n uint64) uint64 { return n &^ memory.PageMask }

func pageUp(n uint64) uint64 { return (n + memory.PageMask) &^ memory.PageMask }

func isPowerOfTwo(n uint64) bool { return n != 0 && n&(n-1) == 0 }

// End returns the first address behind the program's last segment: where the heap of brk may begin.
func (img *Image) End() uint64 {
	var end uint64
	for _, s := range img.Segments {
		end = max(end, s.Addr+s.MemSize)
	}
	return end
}
