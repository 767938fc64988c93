package loader

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/memory"
)

func buildTestStack(t *testing.T, spec StackSpec) (*memory.Space, uint64, StackLayout) {
	t.Helper()
	img, err := Load(goodFile().bytes())
	if err != nil {
		t.Fatal(err)
	}
	mem := memory.New(64 << 20)
	sp, layout, err := BuildStack(mem, img, spec)
	if err != nil {
		t.Fatal(err)
	}
	return mem, sp, layout
}

func peek(t *testing.T, mem *memory.Space, s Span) []byte {
	t.Helper()
	b := make([]byte, s.Len())
	if !mem.Peek(b, s.Start) {
		t.Fatalf("[%#x, %#x) is not mapped", s.Start, s.End)
	}
	return b
}

func peekWord(t *testing.T, mem *memory.Space, addr uint64) uint64 {
	t.Helper()
	return binary.LittleEndian.Uint64(peek(t, mem, Span{addr, addr + 8}))
}

// TestStackParts reads the stack as a program would, from the stack pointer on, and compares it with the layout.
func TestStackParts(t *testing.T) {
	spec := StackSpec{
		Args: []string{"hello", "", "three words here"}, Env: []string{"A=1", "LONG=" + strings.Repeat("x", 5000)},
		Execfn: "/bin/hello", Random: [16]byte{0: 1, 15: 0xff}, HWCap: 0x1f8bfbff, HWCap2: 2, UID: 1000, GID: 100,
	}
	mem, sp, l := buildTestStack(t, spec)
	if sp%16 != 0 || sp != l.Argc.Start {
		t.Errorf("sp = %#x, argc at %#x", sp, l.Argc.Start)
	}
	if n := peekWord(t, mem, sp); n != 3 {
		t.Errorf("argc = %d; want 3", n)
	}
	at := sp + 8
	for _, list := range []struct {
		name    string
		strings []string
		spans   []Span
		array   Span
	}{{"argv", spec.Args, l.Args, l.Argv}, {"envp", spec.Env, l.Env, l.Envp}} {
		if list.array.Start != at {
			t.Errorf("%s at %#x; the layout says %#x", list.name, at, list.array.Start)
		}
		for i, want := range list.strings {
			if p := peekWord(t, mem, at); p != list.spans[i].Start {
				t.Errorf("%s[%d] = %#x; the layout says %#x", list.name, i, p, list.spans[i].Start)
			}
			if got := string(peek(t, mem, list.spans[i])); got != want+"\x00" {
				t.Errorf("%s[%d] is %q; want %q and a NUL", list.name, i, got, want)
			}
			at += 8
		}
		if p := peekWord(t, mem, at); p != 0 {
			t.Errorf("%s ends with %#x; want 0", list.name, p)
		}
		at += 8
		if list.array.End != at {
			t.Errorf("%s ends at %#x; the layout says %#x", list.name, at, list.array.End)
		}
	}
	got := make(map[uint64]uint64)
	if l.Auxv.Start != at {
		t.Errorf("auxv at %#x; the layout says %#x", at, l.Auxv.Start)
	}
	for ; ; at += 16 {
		tag := peekWord(t, mem, at)
		if tag == AT_NULL {
			break
		}
		got[tag] = peekWord(t, mem, at+8)
	}
	if l.Auxv.End != at+16 {
		t.Errorf("auxv ends at %#x; the layout says %#x", at+16, l.Auxv.End)
	}
	want := map[uint64]uint64{
		AT_MINSIGSTKSZ: 1040, AT_HWCAP: 0x1f8bfbff, AT_PAGESZ: 4096, AT_CLKTCK: 100, AT_PHDR: 0x400040, AT_PHENT: 56, AT_PHNUM: 3,
		AT_BASE: 0, AT_FLAGS: 0, AT_ENTRY: 0x401000, AT_UID: 1000, AT_EUID: 1000, AT_GID: 100, AT_EGID: 100, AT_SECURE: 0,
		AT_RANDOM: l.Random.Start, AT_HWCAP2: 2, AT_EXECFN: l.Execfn.Start, AT_PLATFORM: l.Platform.Start,
	}
	for tag, v := range want {
		if g, ok := got[tag]; !ok || g != v {
			t.Errorf("auxv tag %d = %#x, present %v; want %#x", tag, g, ok, v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("auxv holds %d tags; want %d", len(got), len(want))
	}
	if s := string(peek(t, mem, l.Platform)); s != "x86_64\x00" {
		t.Errorf("platform %q", s)
	}
	if s := string(peek(t, mem, l.Execfn)); s != "/bin/hello\x00" || l.Execfn.End != memory.MaxAddr-8 {
		t.Errorf("execfn %q ends at %#x", s, l.Execfn.End)
	}
	if b := peek(t, mem, l.Random); [16]byte(b) != spec.Random {
		t.Errorf("random bytes %x; want %x", b, spec.Random)
	}
}

func TestStackIsAligned(t *testing.T) {
	for n := range 20 {
		args := make([]string, n)
		for i := range args {
			args[i] = strings.Repeat("x", i)
		}
		_, sp, l := buildTestStack(t, StackSpec{Args: args, Env: args[:n/2]})
		if sp%16 != 0 {
			t.Errorf("%d arguments: sp = %#x", n, sp)
		}
		if len(l.Args) == 0 {
			t.Errorf("%d arguments: no argv[0]", n)
		}
		if l.Auxv.End > l.Random.Start || l.Random.Start-l.Auxv.End > 16 {
			t.Errorf("%d arguments: auxv ends at %#x, random bytes are at %#x", n, l.Auxv.End, l.Random.Start)
		}
	}
}

func TestStackRefuses(t *testing.T) {
	img, err := Load(goodFile().bytes())
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", maxString-1)
	tests := []struct {
		name  string
		spec  StackSpec
		limit uint64
		want  error // nil: it must succeed
	}{
		{"longest argument", StackSpec{Args: []string{long}}, 64 << 20, nil},
		{"argument too long", StackSpec{Args: []string{long + "x"}}, 64 << 20, ErrArgumentsTooLong},
		{"variable too long", StackSpec{Env: []string{long + "x"}}, 64 << 20, ErrArgumentsTooLong},
		{"15 long arguments", StackSpec{Args: []string{long, long, long, long, long, long, long, long, long, long, long, long, long, long, long}}, 64 << 20, nil},
		{"16 long arguments", StackSpec{Args: []string{long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long}}, 64 << 20, ErrArgumentsTooLong},
		{"pointers count", StackSpec{Env: make([]string, maxStrings/9+1)}, 64 << 20, ErrArgumentsTooLong},
		{"no memory", StackSpec{}, stackSize - 1, ErrTooBig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := BuildStack(memory.New(tt.limit), img, tt.spec); !errors.Is(err, tt.want) {
				t.Errorf("error %v; want %v", err, tt.want)
			}
		})
	}
	if _, _, err := BuildStack(memory.New(64<<20), img, StackSpec{Args: []string{"a\x00b"}}); err == nil {
		t.Error("an argument with a NUL byte was accepted")
	}
}
