package loader

import (
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// Map puts the program into mem, each segment as Linux does (elf_load): whole pages of the file, zeroes from the end of
// the file part to the end of its page where the segment goes on, and fresh pages for the rest.
func (img *Image) Map(mem *memory.Space) error {
	for i, s := range img.Segments {
		if err := img.mapSegment(mem, s); err != nil {
			if errors.Is(err, memory.ErrNoMemory) {
				return &MemLimitError{fmt.Sprintf("segment %d", i), s.MemSize, mem.Limit()}
			}
			return fmt.Errorf("segment %d: %w", i, err)
		}
	}
	return nil
}

func (img *Image) mapSegment(mem *memory.Space, s Segment) error {
	start, end := pageDown(s.Addr), pageUp(s.Addr+s.MemSize)
	fileEnd := start
	if s.FileSize > 0 {
		fileEnd = pageUp(s.Addr + s.FileSize)
		area := memory.Area{Start: start, End: fileEnd, Prot: s.Prot, Name: img.Name, Offset: pageDown(s.Offset)}
		if err := mem.Map(area); err != nil {
			return err
		}
		copyFile(mem, start, img.file[pageDown(s.Offset):], s.Addr-start+s.FileSize, s.MemSize > s.FileSize)
	}
	if end > fileEnd {
		return mem.Map(memory.Area{Start: fileEnd, End: end, Prot: s.Prot})
	}
	return nil
}

// copyFile copies the pages that hold the first size bytes of file to start. As with mmap, the rest of the last page holds
// what follows in the file, unless zero is set. Pages of zeroes are left untouched: they cost nothing.
func copyFile(mem *memory.Space, start uint64, file []byte, size uint64, zero bool) {
	if !zero {
		size = pageUp(size)
	}
	file = file[:min(size, uint64(len(file)))]
	for at := uint64(0); at < uint64(len(file)); at += memory.PageSize {
		page := file[at:min(at+memory.PageSize, uint64(len(file)))]
		if !allZero(page) {
			mem.Poke(page, start+at)
		}
	}
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
