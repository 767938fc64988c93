package conformance

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
)

const helloSource = `package main

import "fmt"

func main() { fmt.Println("compiled and linked inside") }
`

// TestToolchain has Go's own compiler and linker make a program inside the machine, from the host's compiled packages, and
// runs what they made. The linker writes its output through a shared mapping.
func TestToolchain(t *testing.T) {
	goroot := goCommand(t, "env", "GOROOT")
	dir := t.TempDir()
	var importcfg strings.Builder
	for _, line := range strings.Split(goCommand(t, "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}", "fmt"), "\n") {
		pkg, export, ok := strings.Cut(line, "=")
		if !ok {
			continue
		}
		name := strings.ReplaceAll(pkg, "/", "_") + ".a"
		copyFile(t, filepath.Join(dir, name), export)
		fmt.Fprintf(&importcfg, "packagefile %s=/w/%s\n", pkg, name)
	}
	importcfg.WriteString("packagefile main=/w/main.a\n")
	write(t, filepath.Join(dir, "importcfg"), []byte(importcfg.String()))
	write(t, filepath.Join(dir, "hello.go"), []byte(helloSource))

	tool := func(name string, args ...string) {
		out := guest(t, filepath.Join(goroot, "pkg/tool/linux_amd64", name), append([]string{name}, args...),
			emulator.Mount{Host: goroot, Guest: goroot}, emulator.Mount{Host: dir, Guest: "/w", Writable: true})
		if out != "" {
			t.Errorf("%s says %q", name, out)
		}
	}
	tool("compile", "-o", "/w/main.a", "-p", "main", "-importcfg", "/w/importcfg", "-pack", "/w/hello.go")
	tool("link", "-o", "/w/hello", "-importcfg", "/w/importcfg", "-buildmode=exe", "/w/main.a")
	if got, want := guest(t, filepath.Join(dir, "hello"), []string{"hello"}), "compiled and linked inside\n"; got != want {
		t.Errorf("the program prints %q, want %q", got, want)
	}
}

// guest runs a program to its end, which must be a success, and returns what it printed.
func guest(t *testing.T, program string, args []string, mounts ...emulator.Mount) string {
	t.Helper()
	file, err := os.ReadFile(program)
	if os.IsNotExist(err) && len(mounts) > 0 {
		t.Skipf("NOT TESTED: %v", err) // a Go installation for another platform
	}
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	m, err := emulator.New(emulator.Config{
		Program: file, Args: args, Env: []string{"HOME=/tmp"}, CPUs: 4, Mounts: mounts,
		Stdout: &output, Stderr: &output, CheckpointEvery: emulator.NoCheckpoints,
	})
	if err != nil {
		t.Fatal(err)
	}
	ev, err := m.Run(t.Context(), math.MaxUint64)
	if status, exited := m.Exited(); err != nil || !exited || status.Status() != 0 {
		t.Fatalf("%s: %v, %v at tick %d\n%s", args[0], err, ev.Kind, ev.Tick, tail(output.Bytes()))
	}
	return output.String()
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, b)
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
