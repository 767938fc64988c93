package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// memoryProbe makes the test binary run hello as rt0 does and then say what it took.
const memoryProbe = "RT0_MEMORY_PROBE"

func TestMain(m *testing.M) {
	if os.Getenv(memoryProbe) == "" {
		os.Exit(m.Run())
	}
	os.Unsetenv(memoryProbe)
	status := run(context.Background(), []string{"rt0", "run", "hello"}, streams{os.Stdin, os.Stdout, os.Stderr})
	proc, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Stdout.Write(proc)
	os.Exit(status)
}

// TestMemory holds all of rt0, its own runtime included, to 64 MiB while it runs hello. It reads VmHWM, the most memory
// that the process had (proc_pid_status(5)): the kernel's resource usage would count the test's own memory before exec.
func TestMemory(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), memoryProbe+"=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("rt0 run hello: %v, %q", err, out)
	}
	_, rest, ok := bytes.Cut(out, []byte("\nVmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB\n"))
	kib, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if !ok || err != nil {
		t.Fatalf("no VmHWM in %q", out)
	}
	if kib > 64<<10 {
		t.Errorf("rt0 run hello takes %d KiB", kib)
	}
	t.Logf("rt0 run hello takes %d KiB", kib)
}
