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
			program := filepath.Join(t.TempDir(), "program")
			if out, err := exec.Command("gcc", "-O1", "-static", "-pthread", "-o", program, source, "-lm").CombinedOutput(); err != nil {
				t.Fatalf("gcc: %v\n%s", err, out)
			}
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
			if out.String() != string(native) || status.Status() != code {
				t.Errorf("in the machine, status %d:\n%s\nnatively, status %d:\n%s", status.Status(), &out, code, native)
			}
		})
	}
}
