package emulator

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestCAsNatively runs each program of testdata/c, linked statically with the C library of this computer, in the machine and
// on this computer, and compares what it prints and how it ends.
func TestCAsNatively(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil || runtime.GOARCH != "amd64" {
		t.Skip("NOT TESTED: no gcc for amd64 Linux here")
	}
	sources, err := filepath.Glob("testdata/c/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, source := range sources {
		t.Run(strings.TrimSuffix(filepath.Base(source), ".c"), func(t *testing.T) {
			t.Parallel()
			program := compile(t, "gcc", source)
			status, out := inMachine(t, program)
			native, err := exec.Command(program).Output()
			code := 0
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				code = exit.ExitCode()
				if w := exit.Sys().(syscall.WaitStatus); w.Signaled() {
					code = 128 + int(w.Signal())
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if out != string(native) || status.Status() != code {
				t.Errorf("in the machine, status %d:\n%s\nnatively, status %d:\n%s", status.Status(), out, code, native)
			}
		})
	}
}

// compile returns the path of the static program that the compiler makes of the source file.
func compile(t *testing.T, compiler, source string) string {
	program := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command(compiler, "-O1", "-static", "-pthread", "-o", program, source, "-lm").CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", compiler, err, out)
	}
	return program
}

// inMachine runs the program to its end and returns its status and its stdout.
func inMachine(t *testing.T, program string) (ExitStatus, string) {
	var out bytes.Buffer
	file, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(Config{Program: file, CPUs: 2, Stdout: &out, CheckpointEvery: NoCheckpoints})
	if err != nil {
		t.Fatal(err)
	}
	finish(t, m)
	status, _ := m.Exited()
	return status, out.String()
}

// TestCPlusPlusThrows: libgcc's unwinder reads the shadow stack pointer with RDSSPQ, a hint on a processor without one.
func TestCPlusPlusThrows(t *testing.T) {
	if _, err := exec.LookPath("g++"); err != nil || runtime.GOARCH != "amd64" {
		t.Skip("NOT TESTED: no g++ for amd64 Linux here")
	}
	source := filepath.Join(t.TempDir(), "throw.cc")
	text := `int main() { try { throw 1; } catch (int e) { return e + 4; } }`
	if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _ := inMachine(t, compile(t, "g++", source)); status.Status() != 5 {
		t.Errorf("%v, want exit status 5", status)
	}
}
