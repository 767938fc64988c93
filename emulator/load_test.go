package emulator_test

import (
	"debug/elf"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
)

// hello returns a small program for the guest.
func hello(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	source, file := filepath.Join(dir, "hello.go"), filepath.Join(dir, "hello")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() { println(1) }\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-o", file, source)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// TestLoadErrors tells the errors of New apart as a program outside of this module does.
func TestLoadErrors(t *testing.T) {
	program := hello(t)
	with := func(at int, b ...byte) []byte {
		p := append([]byte(nil), program...)
		copy(p[at:], b)
		return p
	}
	for _, c := range []struct {
		name string
		cfg  emulator.Config
		want error
	}{
		{"no ELF file", emulator.Config{Program: []byte("#!/bin/sh\n")}, emulator.ErrNotELF},
		{"arm64", emulator.Config{Program: with(18, byte(elf.EM_AARCH64))}, emulator.ErrWrongMachine},
		{"object file", emulator.Config{Program: with(16, byte(elf.ET_REL))}, emulator.ErrNotExecutable},
		{"truncated", emulator.Config{Program: program[:100]}, emulator.ErrTruncated},
		{"header size", emulator.Config{Program: with(54, 1)}, emulator.ErrBadHeaders},
		{"memory limit", emulator.Config{Program: program, MemLimit: 8192}, emulator.ErrTooBig},
		{"arguments", emulator.Config{Program: program, Args: []string{strings.Repeat("x", 1<<20)}}, emulator.ErrArgumentsTooLong},
	} {
		if _, err := emulator.New(c.cfg); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}

	// The first program header becomes a PT_INTERP that names the linker, which lies at the file's end.
	const linker = "/lib64/ld-linux-x86-64.so.2"
	dynamic := append(with(64, byte(elf.PT_INTERP), 0, 0, 0), linker+"\x00"...)
	for i, v := range []uint64{8: uint64(len(program)), 32: uint64(len(linker) + 1)} {
		if v != 0 {
			for k := range 8 {
				dynamic[64+i+k] = byte(v >> (8 * k))
			}
		}
	}
	var d *emulator.DynamicError
	if _, err := emulator.New(emulator.Config{Program: dynamic}); !errors.As(err, &d) || d.Interpreter != linker {
		t.Errorf("a dynamically linked program: %v", err)
	}
}

// TestMemLimitTotal: a program that does not fit says how much would do to load it.
func TestMemLimitTotal(t *testing.T) {
	program := hello(t)
	for _, limit := range []uint64{8192, 1 << 20, 8 << 20} { // the code, the data or the stack does not fit
		_, err := emulator.New(emulator.Config{Program: program, MemLimit: limit})
		tooBig, ok := errors.AsType[*emulator.MemLimitError](err)
		if !ok || tooBig.Limit != limit || tooBig.Total <= 8<<20 {
			t.Fatalf("limit %#x: %v", limit, err)
		}
		if _, err := emulator.New(emulator.Config{Program: program, MemLimit: tooBig.Total - 1}); !errors.Is(err, emulator.ErrTooBig) {
			t.Errorf("with less than %#x: %v", tooBig.Total, err)
		}
		const files = 64 << 10 // of the kernel's own, at most
		if _, err := emulator.New(emulator.Config{Program: program, MemLimit: tooBig.Total + files}); err != nil {
			t.Errorf("with %#x: %v", tooBig.Total+files, err)
		}
	}
}
