package main

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestMemory holds all of rt0, its own runtime included, to 64 MiB while it runs hello.
func TestMemory(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "rt0")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), exe, "run", "hello")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "hello\n" {
		t.Fatalf("rt0 run hello: %v, %q", err, out)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("NOT TESTED: no resource usage here")
	}
	if kib := usage.Maxrss; kib > 64<<10 {
		t.Errorf("rt0 run hello takes %d KiB", kib)
	} else {
		t.Logf("rt0 run hello takes %d KiB", kib)
	}
}
