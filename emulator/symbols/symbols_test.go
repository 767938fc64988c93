package symbols

import (
	"debug/elf"
	"reflect"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

func open(t testing.TB, version string, flags ...string) *Table {
	t.Helper()
	tab, err := Open(testprog.Build(t, version, testprog.Hello, flags...))
	if err != nil {
		t.Fatal(err)
	}
	return tab
}

func TestVersions(t *testing.T) {
	for _, version := range testprog.Versions {
		for _, flags := range []string{"", "-ldflags=-compressdwarf=false", "-ldflags=-w", "-ldflags=-s"} {
			t.Run(version+flags, func(t *testing.T) {
				var f []string
				if flags != "" {
					f = []string{flags}
				}
				tab := open(t, version, f...)
				if tab.GoVersion() != version {
					t.Errorf("version %q", tab.GoVersion())
				}
				if tab.BuildID() == "" {
					t.Error("no build id")
				}
				main, ok := tab.FuncNamed("main.main")
				if !ok || main.End <= main.Entry {
					t.Fatalf("main.main: %+v, %v", main, ok)
				}
				for _, at := range []uint64{main.Entry, main.End - 1} {
					if f, ok := tab.Func(at); !ok || f != main {
						t.Errorf("%#x is in %+v, not in %+v", at, f, main)
					}
				}
				file, line, ok := tab.Line(main.Entry)
				if !ok || !strings.HasSuffix(file, "/main.go") || line != 3 {
					t.Errorf("main.main is at %s:%d, %v", file, line, ok)
				}
				rt0, ok := tab.FuncNamed("runtime.rt0_go")
				if file, _, _ := tab.Line(rt0.Entry); !ok || !strings.HasSuffix(file, "/runtime/asm_amd64.s") {
					t.Errorf("runtime.rt0_go is in %s, %v", file, ok)
				}
				hasTypes := flags == "" || strings.Contains(flags, "compress")
				if tab.HasDWARF() != hasTypes {
					t.Errorf("HasDWARF is %v", tab.HasDWARF())
				}
				if _, ok := tab.Data("runtime.g0"); ok != (flags != "-ldflags=-s") {
					t.Errorf("runtime.g0 found: %v", ok)
				}
			})
		}
	}
}

// TestSources: the three sources agree wherever all have a word.
func TestSources(t *testing.T) {
	for _, version := range testprog.Versions {
		t.Run(version, func(t *testing.T) {
			tab := open(t, version)
			n, differ := 0, 0
			for _, f := range tab.pcln.funcs() {
				if g, ok := tab.FuncNamed(f.Name); ok && g.Entry != f.Entry && !strings.HasPrefix(f.Name, "go.") {
					if h, ok := tab.Func(f.Entry); !ok || h.Entry != f.Entry {
						t.Errorf("%s: .symtab %#x, pclntab %#x", f.Name, g.Entry, f.Entry)
					}
				}
				for at := f.Entry; at < f.End; at += 7 {
					file, line, ok := tab.dwarfLine(at)
					file2, line2, ok2 := tab.pcln.line(at)
					if ok && ok2 {
						n++
						if file != file2 || line != line2 {
							differ++
						}
					}
				}
			}
			// Padding and inlined code at the edges differ in a few places.
			if n < 10000 || differ*50 > n {
				t.Errorf("%d of %d lines differ between DWARF and pclntab", differ, n)
			}
		})
	}
}

func TestLayouts(t *testing.T) {
	sizes := map[string][4]int64{ // g, m, p, schedt: BOOT.md, measured with gdb
		"go1.18.10": {392, 1008, 8888, 6080},
		"go1.21.13": {408, 1008, 8912, 1632},
		"go1.24.9":  {440, 1832, 8952, 6824},
		"go1.25.0":  {440, 1816, 9512, 6848},
		"go1.26.8":  {456, 1824, 15920, 6872},
	}
	for _, version := range testprog.Versions {
		tab := open(t, version)
		want, known := sizes[version]
		for i, name := range []string{"g", "m", "p", "schedt"} {
			typ, err := tab.TypeNamed("runtime." + name)
			if err != nil {
				t.Fatal(err)
			}
			if typ.Kind != reflect.Struct || known && typ.Size != want[i] {
				t.Errorf("%s: runtime.%s is a %v of %d bytes, want %d", version, name, typ.Kind, typ.Size, want[i])
			}
		}
		tls, err := fieldType(tab, "runtime.m", "tls")
		if err != nil || tls.Kind != reflect.Array || tls.Size != 8*tls.Len {
			t.Errorf("%s: m.tls is %+v, %v", version, tls, err)
		}
		allp, err := tab.Variable("runtime.allp")
		if err != nil || allp.Type.Kind != reflect.Slice || allp.Type.Size != 24 || allp.Addr == 0 {
			t.Fatalf("%s: allp is %+v, %v", version, allp, err)
		}
		elem, err := allp.Type.Elem()
		if err != nil || elem.Name != "*runtime.p" {
			t.Errorf("%s: allp is made of %+v, %v", version, elem, err)
		}
	}
}

func fieldType(tab *Table, name, field string) (*Type, error) {
	typ, err := tab.TypeNamed(name)
	if err != nil {
		return nil, err
	}
	f, err := typ.Field(field)
	if err != nil {
		return nil, err
	}
	return f.Type()
}

// TestInlining: wherever Frames tells an inlined call, the innermost line is the line at the address.
func TestInlining(t *testing.T) {
	for _, version := range testprog.Versions {
		tab := open(t, version)
		f, ok := tab.FuncNamed("runtime.schedinit")
		if !ok {
			t.Fatal("no runtime.schedinit")
		}
		found := map[string]bool{}
		strays := uint64(0)
		for at := f.Entry; at < f.End; at++ {
			frames := tab.Frames(at)
			for i, fr := range frames {
				found[fr.Func] = true
				if fr.Inlined != (i < len(frames)-1) || fr.Line == 0 || fr.File == "" {
					t.Fatalf("%s %#x: %+v", version, at, frames)
				}
			}
			if last := frames[len(frames)-1]; last.Func != f.Name {
				t.Fatalf("%s %#x: %+v", version, at, frames)
			} else if !strings.HasSuffix(last.File, "runtime/proc.go") {
				strays++
			}
		}
		// The compiler leaves a few instructions of inlined calls out of their ranges.
		if strays*50 > f.End-f.Entry {
			t.Errorf("%s: the outermost frame is in another file at %d of %d addresses", version, strays, f.End-f.Entry)
		}
		if !found["runtime.goenvs"] || !found["runtime.sigsave"] {
			t.Errorf("%s: goenvs and sigsave are not seen inlined in schedinit: %v", version, found)
		}
	}
}

func TestAddrs(t *testing.T) {
	tab := open(t, testprog.Versions[0])
	main, _ := tab.FuncNamed("main.main")
	got := tab.Addrs("main.go", 3)
	if len(got) == 0 || got[0] != main.Entry {
		t.Errorf("main.go:3 is at %#x, main.main at %#x", got, main.Entry)
	}
	if got := tab.Addrs("ain.go", 3); got != nil {
		t.Errorf("half a file name matches: %#x", got)
	}
}

// TestNoSections: without section headers the table is found by its magic.
func TestNoSections(t *testing.T) {
	for _, version := range testprog.Versions {
		elfBytes := append([]byte(nil), testprog.Build(t, version, testprog.Hello)...)
		clear(elfBytes[0x28:0x30]) // e_shoff
		clear(elfBytes[0x3c:0x40]) // e_shnum, e_shstrndx
		tab, err := Open(elfBytes)
		if err != nil {
			t.Fatal(err)
		}
		f, ok := tab.FuncNamed("main.main")
		file, line, _ := tab.Line(f.Entry)
		if !ok || line != 3 || !strings.HasSuffix(file, "/main.go") {
			t.Errorf("%s: main.main is %+v at %s:%d", version, f, file, line)
		}
	}
}

func TestRelocate(t *testing.T) {
	const bias = 0x7f0000000000
	tab := open(t, testprog.Versions[len(testprog.Versions)-1])
	before, _ := tab.FuncNamed("main.main")
	g0, _ := tab.Data("runtime.g0")
	tab.Relocate(bias)
	after, _ := tab.FuncNamed("main.main")
	if after.Entry != before.Entry+bias || tab.Entry()-bias != tab.file.Entry {
		t.Errorf("main.main moved from %#x to %#x", before.Entry, after.Entry)
	}
	if name, base := tab.Name(g0.Addr + bias + 8); name != "runtime.g0" || base != g0.Addr+bias {
		t.Errorf("g0+8 is %s at %#x", name, base)
	}
	if file, line, _ := tab.Line(after.Entry); line != 3 {
		t.Errorf("main.main is at %s:%d", file, line)
	}
}

func TestNotELF(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("\x7fELF"), []byte("#!/bin/sh\n"), make([]byte, 64)} {
		if _, err := Open(b); err == nil {
			t.Errorf("%q opens", b)
		}
	}
}

func TestNotGo(t *testing.T) {
	tab, err := Open(tinyELF())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := tab.FuncNamed("main.main"); ok || tab.GoVersion() != "" || tab.HasDWARF() {
		t.Error("it knows what is not there")
	}
	if _, err := tab.TypeNamed("runtime.g"); err != ErrNoDWARF {
		t.Errorf("type: %v", err)
	}
}

// tinyELF is an ELF header and one segment, which holds a RET.
func tinyELF() []byte {
	b := make([]byte, 0x79)
	copy(b, "\x7fELF\x02\x01\x01")
	b[16], b[18], b[20] = byte(elf.ET_EXEC), byte(elf.EM_X86_64), 1
	b[0x18], b[0x1a] = 0x78, 0x40 // e_entry
	b[0x20], b[0x34], b[0x36], b[0x38] = 0x40, 0x40, 0x38, 1
	b[0x40], b[0x44] = 1, 5                      // PT_LOAD, R+X
	b[0x52], b[0x60], b[0x68] = 0x40, 0x79, 0x79 // p_vaddr, p_filesz, p_memsz
	b[0x78] = 0xc3
	return b
}
