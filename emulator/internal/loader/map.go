package loader

import (
	"errors"
	"fmt"
	"math"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// Map puts the program into mem, each segment as Linux does (elf_load): whole pages of the file, zeroes from the end of
// the file part to the end of its page where the segment goes on, and fresh pages for the rest.
func (img *Image) Map(mem *memory.Space) error {
	for i, s := range img.Segments {
		if err := img.mapSegment(mem, s); err != nil {
			if errors.Is(err, memory.ErrNoMemory) {
				return &MemLimitError{fmt.Sprintf("segment %d", i), s.MemSize, mem.Limit(), img.total()}
			}
			return fmt.Errorf("segment %d: %w", i, err)
		}
	}
	return nil
}

// total returns what the segments and the stack of the program count towards a memory limit, in bytes.
func (img *Image) total() uint64 {
	mem := memory.New(math.MaxInt64)
	for _, s := range img.Segments {
		for _, area := range img.areas(s) {
			mem.Map(area) // what cannot be mapped is not charged, and stays an error of Map
		}
	}
	mem.Map(stackArea(memory.Read | memory.Write))
	return mem.Held()
}

func (img *Image) mapSegment(mem *memory.Space, s Segment) error {
	for i, area := range img.areas(s) {
		if err := mem.Map(area); err != nil {
			return err
		}
		if i == 0 && s.FileSize > 0 {
			copyFile(mem, area.Start, img.file[pageDown(s.Offset):], s.Addr-area.Start+s.FileSize, s.MemSize > s.FileSize)
		}
	}
	return nil
}

// areas returns the areas of a segment: the pages of the file, if any, and the fresh ones.
func (img *Image) areas(s Segment) (list []memory.Area) {
	start, end := pageDown(s.Addr), pageUp(s.Addr+s.MemSize)
	fileEnd := start
	if s.FileSize > 0 {
		fileEnd = pageUp(s.Addr + s.FileSize)
		list = append(list, memory.Area{Start: start, End: fileEnd, Prot: s.Prot, Name: img.Name, Offset: pageDown(s.Offset)})
	}
	if end > fileEnd {
		list = append(list, memory.Area{Start: fileEnd, End: end, Prot: s.Prot})
	}
	return list
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
