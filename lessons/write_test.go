package lessons

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/symbols"
)

// handmade is a moment and the one before it, with something of everything that can be told.
func handmade(dir string) []*Moment {
	source := filepath.Join(dir, "x.go")
	before := &Moment{
		Stage: Stages[0], Go: "go1.99", CPUs: 2, Seed: 5, Symbol: "a", File: source, Line: 1,
		Registers: emulator.Registers{RIP: 0x10}, Facts: []Fact{
			{"sp", Value{Kind: Address, Word: 0x100}}, {"argc", Value{Kind: Number, Number: 1}}, {"argv", Value{Kind: Address, Word: 0x108}},
			{"allm", Value{Kind: Numbers, Numbers: []int64{0}}},
		},
	}
	after := &Moment{
		Stage: Stages[2], Tick: 12, Go: "go1.99", CPUs: 2, Seed: 5, Symbol: "b", File: source, Line: 2, Before: before,
		Registers: emulator.Registers{RIP: 0x11, GPR: [16]uint64{emulator.RSP: 0x100}},
		Facts: []Fact{
			{"sp", Value{Kind: Address, Word: 0xf0}}, {"argc", Value{Kind: Number, Number: 1}},
			{"allp.status", Value{Kind: Names, Names: []string{"_Pidle", "_Prunning"}}},
		},
		Absent: []Absence{{"ncpu", Text{"go1.99 has no ncpu", "go1.99 没有 ncpu"}}},
		Code: []CodeLine{
			{Instruction: symbols.Instruction{Addr: 0x10, Bytes: []byte{0x90}, Text: "NOPL"}, File: source, Line: 1},
			{Instruction: symbols.Instruction{Addr: 0x11, Bytes: []byte{0xc3}, Text: "RET"}, File: source, Line: 2},
		},
		Stack: []StackWord{{Addr: 0xf8, Unreadable: true}, {Addr: 0x100, Value: 0x1b, Note: same("argv[0] → \"\x1b[2J\"")}},
	}
	missing := &Moment{Stage: Stages[7], Missing: Text{"go1.99 counts no CPUs", "go1.99 不统计 CPU"}, Tick: 12, Go: "go1.99", CPUs: 2, Seed: 5, Before: after}
	return []*Moment{after, missing}
}

const handmadeText = `━━ 3/17 alignment — SP is aligned, argc and argv are copied
   tick 12 · go1.99 · CPUs 2 · seed 5 · b · x.go:2
   SP is now 0xf0, a multiple of 16; argc and argv are copied below the kernel's block, which stays as it is.

   code
     x.go:1  package x
     0x10  90                       NOPL
     x.go:2  var y int // ␛
   → 0x11  c3                       RET

   registers (changed)
     rsp    0x0 → 0x100
     rip    0x10 → 0x11

   stack
       0xf8    -8  (no memory)
   SP► 0x100    +0  0x000000000000001b  argv[0] → "␛[2J"

   facts
   * sp           0x100 → 0xf0
     argc         1
   + allp.status  [_Pidle _Prunning]
   - ncpu         not to be had: go1.99 has no ncpu

━━ 8/17 osinit — the CPUs are counted
   go1.99 · CPUs 2 · seed 5
   no such moment: go1.99 counts no CPUs
`

func TestWriteText(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.go"), []byte("package x\n\tvar y int\t// \x1b\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteText(&out, handmade(dir), Options{}); err != nil {
		t.Fatal(err)
	}
	if out.String() != handmadeText {
		t.Errorf("got\n%s\nwant\n%s", out.String(), handmadeText)
	}
	out.Reset()
	if err := WriteText(&out, handmade(dir), Options{Lang: "zh", Color: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"对齐 SP", "SP 现为 0xf0", "\x1b[1;33m0xf0\x1b[0m", "go1.99 没有 ncpu", "没有这一时刻"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestSource: Go's own source is read only from a tree of the right version, and nothing but source is read.
func TestSource(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("go/VERSION", "go1.99\ntime x\n")
	goFile := write("go/src/runtime/a.go", "line 1\nline 2\n")
	secret := write("secret", "line 1\n")
	mine := write("mine/b.s", "\tRET\n")
	for _, c := range []struct {
		goroot, version, file string
		want                  string
	}{
		{"", "go1.99", goFile, "line 2"},
		{"", "go1.98", goFile, ""},
		{"go", "go1.99", "/elsewhere/src/runtime/a.go", "line 2"},
		{"go", "go1.98", "/elsewhere/src/runtime/a.go", ""},
		{"go", "go1.99", "runtime/a.go", "line 2"},
		{"go", "go1.99", "/elsewhere/src/../../mine/b.s", ""},
		{"", "go1.99", secret, ""},
		{"", "go1.99", mine, ""},
	} {
		s := newSource("")
		if c.goroot != "" {
			s = newSource(filepath.Join(root, c.goroot))
		}
		if got, _ := s.line(c.version, c.file, 2); got != c.want {
			t.Errorf("GOROOT %q, %s, %s: %q, want %q", c.goroot, c.version, c.file, got, c.want)
		}
	}
	if got, _ := newSource("").line("go1.99", mine, 1); got != "RET" {
		t.Errorf("a program's own source: %q", got)
	}
}

func TestFill(t *testing.T) {
	m := &Moment{Facts: []Fact{{"a", Value{Kind: Number, Number: 7}}, {"&b", Value{Kind: Address, Word: 0x2a}}}}
	for _, c := range []struct{ text, want string }{
		{"plain", "plain"},
		{"{a} and {&b}", "7 and 0x2a"},
		{"x[[ {a}]] y", "x 7 y"},
		{"x[[ {c}]] y", "x y"},
		{"{c}", "?"},
		{"[[{a}]][[{c}]][[{a}{c}]]{a}", "77"},
		{"allp[0] {", "allp[0] {"},
	} {
		if got := fill(c.text, m); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}

// TestTexts: every text is there in both languages, with the same facts in the same number.
func TestTexts(t *testing.T) {
	for _, s := range Stages {
		for _, text := range []Text{s.Title, s.Story} {
			if text.En == "" || text.Zh == "" || text.En == text.Zh && s.ID != "main" {
				t.Errorf("%s: %q, %q", s.ID, text.En, text.Zh)
			}
			if strings.Count(text.En, "{") != strings.Count(text.Zh, "{") {
				t.Errorf("%s: the facts differ: %q, %q", s.ID, text.En, text.Zh)
			}
		}
		if _, ok := ends[s.ID]; !ok {
			t.Errorf("%s never ends", s.ID)
		}
	}
	for _, f := range factSources {
		if stageIndex(f.from) < 0 || f.until != "" && stageIndex(f.until) < 0 {
			t.Errorf("%s is from %s until %s", f.name, f.from, f.until)
		}
	}
}
