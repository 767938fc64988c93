package loader

import (
	"debug/elf"
	"errors"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

func TestLoadRefuses(t *testing.T) {
	edit := func(change func(*elfFile)) []byte {
		f := goodFile()
		change(&f)
		return f.bytes()
	}
	tests := []struct {
		name string
		file []byte
		want error
		text string // what the error must say
	}{
		{"empty", nil, ErrNotELF, "empty"},
		{"script", []byte("#!/bin/sh\n"), ErrNotELF, `"#!/b"`},
		{"short magic", []byte("\x7fEL"), ErrNotELF, "starts with"},
		{"header cut", goodFile().bytes()[:40], ErrTruncated, "40 bytes"},
		{"32 bit", edit(func(f *elfFile) { f.class = elf.ELFCLASS32 }), ErrWrongMachine, "ELFCLASS32"},
		{"big endian", edit(func(f *elfFile) { f.data = elf.ELFDATA2MSB }), ErrWrongMachine, "little endian"},
		{"arm64", edit(func(f *elfFile) { f.machine = elf.EM_AARCH64 }), ErrWrongMachine, "EM_AARCH64"},
		{"FreeBSD", edit(func(f *elfFile) { f.osabi = elf.ELFOSABI_FREEBSD }), ErrWrongMachine, "FREEBSD"},
		{"object file", edit(func(f *elfFile) { f.typ = elf.ET_REL }), ErrNotExecutable, "link it"},
		{"core dump", edit(func(f *elfFile) { f.typ = elf.ET_CORE }), ErrNotExecutable, "ET_CORE"},
		{"shared library", edit(func(f *elfFile) { f.typ, f.entry = elf.ET_DYN, 0 }), ErrNotExecutable, "shared library"},
		{"header size", edit(func(f *elfFile) { f.phent = 32 }), ErrBadHeaders, "32 bytes"},
		{"no headers", edit(func(f *elfFile) { f.progs = nil }), ErrBadHeaders, "0 program headers"},
		{"too many headers", edit(func(f *elfFile) { f.progs, f.size = make([]programHeader, 1171), 1<<17 }), ErrBadHeaders, "1171"},
		{"headers outside", edit(func(f *elfFile) { f.phoff = 0x2ff0 }), ErrTruncated, "program headers"},
		{"headers far outside", edit(func(f *elfFile) { f.phoff = 1<<64 - 8 }), ErrTruncated, "program headers"},
		{"nothing to load", edit(func(f *elfFile) { f.progs = f.progs[2:] }), ErrBadHeaders, "no segment"},
		{"file cut", goodFile().bytes()[:0x2020], ErrTruncated, "segment 1"},
		{"offset overflow", edit(func(f *elfFile) { f.progs[1].Offset = 1<<64 - 0xff0 }), ErrTruncated, "segment 1"},
		{"more file than memory", edit(func(f *elfFile) { f.progs[0].MemSize = 1 }), ErrBadHeaders, "segment 0"},
		{"misaligned", edit(func(f *elfFile) { f.progs[1].Addr++ }), ErrBadHeaders, "within the page"},
		{"kernel address", edit(func(f *elfFile) { f.progs[1].Addr = 0xffffffff80000010 }), ErrTooBig, "address space"},
		{"endless .bss", edit(func(f *elfFile) { f.progs[1].MemSize = 1<<64 - 1 }), ErrTooBig, "address space"},
		{"overlap", edit(func(f *elfFile) { f.progs[1].Addr = 0x400010 }), ErrBadHeaders, "0 and 1 overlap"},
		{"same bytes again and again", edit(func(f *elfFile) {
			f.progs, f.size = nil, 0x3000
			for i := range uint64(50) {
				f.progs = append(f.progs, programHeader{Type: elf.PT_LOAD, Addr: i << 20, FileSize: 0x3000, MemSize: 0x3000})
			}
		}), ErrBadHeaders, "from a file of 0x3000"},
		{"position independent, too wide", edit(func(f *elfFile) {
			f.typ, f.progs[1].Addr, f.progs[1].MemSize = elf.ET_DYN, 0x404010, 0x600000000000
		}), ErrTooBig, "build it again"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(tt.file)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %q; want %q, and in it %q", err, tt.want, tt.text)
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), ";") && !errors.Is(err, ErrNotExecutable)) {
				t.Errorf("error %q is not one line that says what to do", err)
			}
		})
	}
}

func TestLoadNamesInterpreter(t *testing.T) {
	f := goodFile()
	f.progs = append(f.progs, programHeader{Type: elf.PT_INTERP, Offset: 0x1000, FileSize: 28, MemSize: 28})
	b := f.bytes()
	copy(b[0x1000:], "/lib64/ld-linux-x86-64.so.2\x00")
	_, err := Load(b)
	var dynamic *DynamicError
	if !errors.As(err, &dynamic) || dynamic.Interpreter != "/lib64/ld-linux-x86-64.so.2" {
		t.Fatalf("error %v; want a DynamicError with the interpreter", err)
	}
	if !strings.Contains(err.Error(), "CGO_ENABLED=0") || !strings.Contains(err.Error(), "-extldflags -static") {
		t.Errorf("error %q does not say how to build statically", err)
	}
}

func TestMap(t *testing.T) {
	img, err := Load(goodFile().bytes())
	if err != nil {
		t.Fatal(err)
	}
	img.Name = "/bin/good"
	mem := memory.New(1 << 20)
	if err := img.Map(mem); err != nil {
		t.Fatal(err)
	}
	if img.Entry != 0x401000 || img.Brk != 0x408000 || img.ProgramHeaders != 0x400040 || img.ExecutableStack {
		t.Errorf("entry %#x, brk %#x, program headers %#x, executable stack %v", img.Entry, img.Brk, img.ProgramHeaders, img.ExecutableStack)
	}
	want := []memory.Area{
		{Start: 0x400000, End: 0x402000, Prot: memory.Read | memory.Exec, Name: "/bin/good"},
		{Start: 0x404000, End: 0x405000, Prot: memory.Read | memory.Write, Name: "/bin/good", Offset: 0x2000, Accounted: true},
		{Start: 0x405000, End: 0x408000, Prot: memory.Read | memory.Write, Accounted: true},
	}
	if got := mem.Areas(); len(got) != len(want) {
		t.Fatalf("areas %v; want %v", got, want)
	} else {
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("area %d is %+v; want %+v", i, got[i], want[i])
			}
		}
	}
	for _, c := range []struct {
		addr uint64
		want byte
		what string
	}{
		{0x400001, 'E', "the ELF header"},
		{0x4017ff, 0xcc, "the last byte of code"},
		{0x401fff, 0xcc, "what follows in the file, as with mmap"},
		{0x404000, 0xcc, "what comes before in the file, as with mmap"},
		{0x40402f, 0xcc, "the last byte of data"},
		{0x404030, 0, "the first byte of .bss"},
		{0x404fff, 0, ".bss to the end of the page"},
		{0x407fff, 0, "the last byte of .bss"},
	} {
		var b [1]byte
		if !mem.Peek(b[:], c.addr) || b[0] != c.want {
			t.Errorf("%s: [%#x] = %#x; want %#x", c.what, c.addr, b[0], c.want)
		}
	}
}

func TestMapPositionIndependent(t *testing.T) {
	f := goodFile()
	f.typ, f.entry = elf.ET_DYN, 0x1000
	f.progs[0].Addr, f.progs[1].Addr = 0, 0x4010
	f.progs[1].Align = 0x200000
	img, err := Load(f.bytes())
	if err != nil {
		t.Fatal(err)
	}
	const bias = pieBase &^ 0x1fffff
	if img.Bias != bias || img.Entry != bias+0x1000 || img.ProgramHeaders != bias+0x40 || img.Segments[1].Addr != bias+0x4010 {
		t.Errorf("bias %#x, entry %#x, program headers %#x, segment 1 at %#x", img.Bias, img.Entry, img.ProgramHeaders, img.Segments[1].Addr)
	}
}

func TestMapHonoursLimit(t *testing.T) {
	f := goodFile()
	f.progs[1].MemSize = 1 << 40
	img, err := Load(f.bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := img.Map(memory.New(1 << 20)); !errors.Is(err, ErrTooBig) || !strings.Contains(err.Error(), "-mem") {
		t.Errorf("error %v; want ErrTooBig that names -mem", err)
	}
}
