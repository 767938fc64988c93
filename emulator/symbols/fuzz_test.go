package symbols

import (
	"debug/dwarf"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

// ask asks a table everything that can be asked, of a few addresses.
func ask(t *Table) {
	funcs := t.Funcs()
	for i := 0; i < len(funcs); i += 1 + len(funcs)/16 {
		at := funcs[i].Entry + 3
		t.Func(at)
		t.Line(at)
		t.Frames(at)
		t.Name(at)
		t.Around(t.Image(), at, 3, 3)
		t.SPDelta(at)
		locals, _ := t.Locals(at, 0)
		for i := range locals {
			locals[i].Locate(func(int) (uint64, uint64, bool) { return 1, 2, true }, at)
		}
	}
	for _, name := range []string{"runtime.g", "runtime.m", "runtime.p"} {
		typ, err := t.TypeNamed(name)
		if err != nil {
			continue
		}
		fields, _ := typ.Fields()
		for _, f := range fields {
			if ft, err := f.Type(); err == nil {
				ft.Elem()
			}
		}
	}
	t.Variable("runtime.allp")
	t.Constants("runtime._G")
	t.Addrs("proc.go", 100)
	t.InlinedAt("runtime.add")
}

// FuzzPatch opens a real program of which some bytes were overwritten: whatever comes of it, it is no panic.
func FuzzPatch(f *testing.F) {
	program := testprog.Build(f, testprog.Versions[len(testprog.Versions)-1], testprog.Hello, "-ldflags=-compressdwarf=false")
	tab, err := Open(program)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0x20), []byte{0xff, 0xff})
	f.Add(uint32(0x28), []byte{1, 2, 3, 4, 5})
	for _, s := range tab.file.Sections {
		f.Add(uint32(s.Offset), []byte{0xff, 0xff, 0xff, 0xff})
		f.Add(uint32(s.Offset+s.Size/2), []byte{0, 1, 2, 3, 0x80, 0xff})
	}
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		b := append([]byte(nil), program...)
		copy(b[int(at)%len(b):], patch)
		if tab, err := Open(b); err == nil {
			ask(tab)
		}
	})
}

// FuzzOpen opens arbitrary bytes.
func FuzzOpen(f *testing.F) {
	f.Add(tinyELF())
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if tab, err := Open(b); err == nil {
			ask(tab)
		}
	})
}

// FuzzLocation evaluates arbitrary location expressions and lists.
func FuzzLocation(f *testing.F) {
	f.Add([]byte{opFbreg, 0x70})
	f.Add([]byte{opReg0, opPiece, 8, opReg0 + 3, opPiece, 8})
	f.Add([]byte{opConsts, 0x7f, opStackValue})
	f.Add([]byte{lleBaseAddress, 0, 0, 0, 0, 0, 0, 0, 0, lleOffsetPair, 0, 80, 1, opCallFrameCFA, lleEndOfList})
	tab := &Table{sections: map[string][]byte{"addr": make([]byte, 64)}}
	u := &unit{entry: &dwarf.Entry{}}
	f.Fuzz(func(t *testing.T, b []byte) {
		locate(b, func(n int) (uint64, uint64, bool) { return uint64(n), 0, n < 17 }, 1000, 0)
		tab.locationV5(u, b, 0, 50)
		tab.locationV4(u, b, 0, 50)
	})
}
