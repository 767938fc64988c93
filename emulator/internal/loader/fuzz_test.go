package loader

import (
	"debug/elf"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

// FuzzLoad feeds hostile files to the loader: it must refuse them or map them, in memory that is in proportion to the
// file, and never panic.
func FuzzLoad(f *testing.F) {
	f.Add(goodFile().bytes())
	pie := goodFile()
	pie.typ = elf.ET_DYN
	f.Add(pie.bytes())
	wide := goodFile()
	wide.progs[1].MemSize = 1 << 46
	wide.progs[1].Flags = elf.PF_R
	f.Add(wide.bytes())
	high := goodFile()
	high.typ, high.progs[0].Addr = elf.ET_DYN, mmapTop-0x2000
	f.Add(high.bytes())
	empty := goodFile()
	empty.progs[0].FileSize, empty.progs[0].MemSize = 0, 0
	f.Add(empty.bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		img, err := Load(file)
		if err != nil {
			return
		}
		mem := memory.New(64 << 20)
		if err := img.Map(mem); err != nil {
			return
		}
		if most := 2*len(file)/memory.PageSize + 2*len(img.Segments); mem.Pages() > most {
			t.Errorf("%d pages for a file of %d bytes with %d segments", mem.Pages(), len(file), len(img.Segments))
		}
		sp, layout, err := BuildStack(mem, img, StackSpec{Args: []string{"a"}, Execfn: "a"})
		if err != nil {
			return
		}
		if sp%16 != 0 || layout.Argc.Start != sp || layout.Auxv.End > layout.Random.Start {
			t.Errorf("stack pointer %#x, layout %+v", sp, layout)
		}
	})
}
