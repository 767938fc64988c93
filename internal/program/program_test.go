package program

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func find(t *testing.T, arg string, opt Options) (*Program, error) {
	t.Helper()
	var messages bytes.Buffer
	opt.Messages = &messages
	p, err := Find(t.Context(), arg, opt)
	if err != nil && messages.Len() > 0 {
		t.Logf("the go command said: %s", messages.String())
	}
	return p, err
}

// emptyCache gives the test a cache of programs of its own; the go command keeps the one that it has.
func emptyCache(t *testing.T) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Skipf("NOT TESTED: no go command: %v", err)
	}
	t.Setenv("GOCACHE", strings.TrimSpace(string(out)))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
}

// checkBuilt checks that p is a static linux/amd64 program with its DWARF uncompressed.
func checkBuilt(t *testing.T, p *Program) {
	t.Helper()
	f, err := elf.NewFile(bytes.NewReader(p.File))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != elf.EM_X86_64 || f.Type != elf.ET_EXEC {
		t.Errorf("%v for %v", f.Type, f.Machine)
	}
	for _, prog := range f.Progs {
		if prog.Type == elf.PT_INTERP {
			t.Error("it is dynamically linked")
		}
	}
	if s := f.Section(".debug_info"); s == nil || s.Flags&elf.SHF_COMPRESSED != 0 {
		t.Error("its DWARF is missing or compressed")
	}
}

func TestFindSample(t *testing.T) {
	emptyCache(t)
	t.Setenv("GOARCH", "arm64") // the user's settings do not count
	p, err := find(t, "hello", Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkBuilt(t, p)
	if p.Name != "hello" || p.Path != "/bin/hello" || p.GOROOT == "" {
		t.Errorf("name %q, path %q, GOROOT %q", p.Name, p.Path, p.GOROOT)
	}
	again, err := find(t, "hello", Options{})
	if err != nil || !bytes.Equal(again.File, p.File) {
		t.Errorf("the second time: %v, the same bytes: %v", err, err == nil && bytes.Equal(again.File, p.File))
	}
}

// TestFindSource builds a Go file, a package folder and a file that does not compile.
func TestFindSource(t *testing.T) {
	emptyCache(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const source = "package main\n\nfunc main() { println(text) }\n"
	alone := write("alone.go", source+`const text = "alone"`)
	write("mod/go.mod", "module example\n\ngo 1.21\n")
	pkg := filepath.Dir(write("mod/cmd/tool/main.go", source))
	write("mod/cmd/tool/text.go", "package main\n\n"+`const text = "tool"`)
	library := filepath.Dir(write("mod/lib/lib.go", "package lib\n"))
	broken := write("broken.go", source)

	for _, tt := range []struct{ arg, name string }{{alone, "alone"}, {pkg, "tool"}} {
		p, err := find(t, tt.arg, Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkBuilt(t, p)
		if p.Name != tt.name {
			t.Errorf("%s: name %q; want %q", tt.arg, p.Name, tt.name)
		}
	}
	for _, tt := range []struct{ arg, want string }{
		{library, "not a main package"},
		{broken, "go build: exit status 1 (its own words are above)"},
	} {
		if _, err := find(t, tt.arg, Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v; want %q in it", tt.arg, err, tt.want)
		}
	}
}

func TestFindElse(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("text", []byte("just text, long enough to be cut short by whoever reads only the start of it"), 0o666); err != nil {
		t.Fatal(err)
	}
	if p, err := find(t, "text", Options{}); err != nil || len(p.File) > 64 || !strings.HasPrefix(string(p.File), "just") {
		t.Errorf("a text file: %+v, %v; want its start, for the loader to refuse", p, err)
	}
	if _, err := find(t, "text", Options{Go: "1.21.13"}); err == nil || !strings.Contains(err.Error(), "leave -go out") {
		t.Errorf("-go with a file that is not built: %v", err)
	}
	if _, err := find(t, "hullo", Options{}); !errors.Is(err, ErrNoProgram) || !strings.Contains(err.Error(), "hello") {
		t.Errorf("nothing of that name: %v; want the samples named", err)
	}
	if err := os.Mkdir("hello", 0o777); err != nil {
		t.Fatal(err)
	}
	if p, err := find(t, "hello", Options{}); err != nil || p.Name != "hello" {
		t.Errorf("a folder without Go files in the way of a sample: %v", err)
	}
	t.Setenv("PATH", "")
	if _, err := find(t, "hello", Options{}); !errors.Is(err, ErrNoToolchain) {
		t.Errorf("without a go command: %v", err)
	}
}

// TestFindOldToolchain builds a sample with another Go.
func TestFindOldToolchain(t *testing.T) {
	emptyCache(t)
	const version = "1.21.13"
	p, err := find(t, "hello", Options{Go: version})
	if err != nil {
		t.Skipf("NOT TESTED: no toolchain go%s here: %v", version, err)
	}
	checkBuilt(t, p)
	if info, err := buildinfo.Read(bytes.NewReader(p.File)); err != nil || info.GoVersion != "go"+version {
		t.Errorf("built with %+v, %v; want go%s", info, err, version)
	}
	if _, err := find(t, "hello", Options{Go: "1.99.1"}); err == nil || !strings.Contains(err.Error(), "no toolchain go1.99.1") {
		t.Errorf("a toolchain that does not exist: %v", err)
	}
}

func TestSamplesAreDescribed(t *testing.T) {
	for _, name := range Samples() {
		if s := Summary(name); len(s) < 20 || strings.ContainsAny(s, "\n/") || !strings.EqualFold(s[:len(name)], name) {
			t.Errorf("sample %s: summary %q", name, s)
		}
	}
}
