package symbols

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

// at serves bytes as memory at 0x1000.
type at []byte

func (m at) ReadMemory(b []byte, addr uint64) error {
	return image{[]segment{{addr: 0x1000, size: uint64(len(m)), data: m}}}.ReadMemory(b, addr)
}

func TestDisassemble(t *testing.T) {
	tab, err := Open(tinyELF())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ code, want string }{
		{"c3", "RET"},
		{"4889442418", "MOVQ AX, 0x18(SP)"},
		{"f30f1efa", "ENDBR64"},
		{"c5f877", "VZEROUPPER"},
		{"64488b0c25f8ffffff", "MOVQ FS:-0x8, CX"},
		{"488b05f0ffffff", "MOVQ -0x10(IP), AX"},
		{"0f0b", "UD2"},
		{"06", "? // byte 0x06"},
		{"48", "? // byte 0x48"},
		{"e80000", "? // byte 0xe8"},
	} {
		code, _ := hex.DecodeString(c.code)
		in, err := tab.Disassemble(at(code), 0x1000)
		if err != nil || in.Text != c.want {
			t.Errorf("%s is %q, %v, want %q", c.code, in.Text, err, c.want)
		}
		if known := !strings.HasPrefix(c.want, "?"); known && len(in.Bytes) != len(code) {
			t.Errorf("%s is %d bytes long", c.code, len(in.Bytes))
		}
	}
	if _, err := tab.Disassemble(at(nil), 0x1000); err == nil {
		t.Error("there is no memory to disassemble")
	}
}

// TestAround: from every instruction of long functions the neighbours are the same ones.
func TestAround(t *testing.T) {
	tab := open(t, testprog.Versions[len(testprog.Versions)-1])
	mem := tab.Image()
	for _, name := range []string{"runtime.rt0_go", "runtime.schedinit", "runtime.mallocgc", "runtime.memmove", "runtime.findRunnable"} {
		f, ok := tab.FuncNamed(name)
		if !ok {
			t.Fatalf("no %s", name)
		}
		var starts []uint64
		for pc := f.Entry; pc < f.End; {
			in, err := tab.Disassemble(mem, pc)
			if err != nil {
				t.Fatal(err)
			}
			starts = append(starts, pc)
			pc += uint64(len(in.Bytes))
		}
		for i := 0; i < len(starts); i += 5 {
			list, err := tab.Around(mem, starts[i], 3, 2)
			if err != nil {
				t.Fatal(err)
			}
			first := max(0, i-3)
			for j, in := range list {
				if in.Addr != starts[first+j] {
					t.Fatalf("%s+%#x: instruction %d of those around is at %#x, want %#x", name, starts[i]-f.Entry, j, in.Addr, starts[first+j])
				}
			}
			if want := min(len(starts), i+3) - first; len(list) != want {
				t.Fatalf("%s+%#x: %d instructions, want %d", name, starts[i]-f.Entry, len(list), want)
			}
		}
	}
}

// BenchmarkLayouts is the cost of the first question about the runtime's structs.
func BenchmarkLayouts(b *testing.B) {
	for _, flags := range []string{"-ldflags=-compressdwarf=false", "-ldflags=-compressdwarf=true"} {
		program := testprog.Build(b, testprog.Versions[len(testprog.Versions)-1], testprog.Hello, flags)
		b.Run(flags[len("-ldflags=-"):], func(b *testing.B) {
			for b.Loop() {
				tab, err := Open(program)
				if err != nil {
					b.Fatal(err)
				}
				for _, name := range []string{"runtime.g", "runtime.m", "runtime.p", "runtime.schedt"} {
					typ, err := tab.TypeNamed(name)
					if err != nil {
						b.Fatal(err)
					}
					if _, err := typ.Fields(); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
