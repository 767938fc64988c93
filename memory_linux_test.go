package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/hostile"
	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/testprog"
)

// memoryProbe makes the test binary run rt0 with the arguments that it holds as JSON, and then say what that took.
const memoryProbe = "RT0_MEMORY_PROBE"

func TestMain(m *testing.M) {
	probe := os.Getenv(memoryProbe)
	if probe == "" {
		os.Exit(m.Run())
	}
	os.Unsetenv(memoryProbe)
	var args []string
	if err := json.Unmarshal([]byte(probe), &args); err != nil {
		panic(err)
	}
	status := run(context.Background(), args, streams{os.Stdin, os.Stdout, os.Stderr})
	proc, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(proc)
	os.Exit(status)
}

// apart is rt0 with the arguments in a process of its own.
func apart(t *testing.T, ctx context.Context, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	probe, err := json.Marshal(append([]string{"rt0"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), memoryProbe+"="+string(probe))
	return cmd
}

// peak runs rt0 with the arguments in a process of its own and returns the most memory that it had, in bytes, and what it
// printed. It reads VmHWM (proc_pid_status(5)): the kernel's resource usage would count the test's own memory before exec.
func peak(t *testing.T, args ...string) (uint64, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
	defer cancel()
	cmd := apart(t, ctx, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if ctx.Err() != nil {
		t.Fatalf("rt0 %q does not end", args)
	}
	said, rest, ok := bytes.Cut(out, []byte("Name:\t"))
	took, errStatus := hostile.HighWater(rest)
	if !ok || errStatus != nil {
		t.Fatalf("rt0 %q: %v; no VmHWM in %q, stderr %q", args, err, out, errs.String())
	}
	return took, string(said)
}

// TestMemory holds all of rt0, its own runtime included, to 64 MiB while it runs hello.
func TestMemory(t *testing.T) {
	took, _ := peak(t, "run", "hello")
	if took > 64<<20 {
		t.Errorf("rt0 run hello takes %d KiB", took>>10)
	}
	t.Logf("rt0 run hello takes %d KiB", took>>10)
}

// TestHostileGuests holds the host's memory to 2 × -mem + 64 MiB, whatever a guest takes as much of as it gets.
func TestHostileGuests(t *testing.T) {
	exe := buildHostile(t)
	for _, g := range hostile.Guests {
		if g.Slow {
			continue // in the benchmark
		}
		t.Run(g.Name, func(t *testing.T) {
			took, said := peak(t, "run", "-mem", "128M", "-max-ticks", g.MaxTicks(2_000_000_000), exe, g.Name)
			checkHostile(t, g, took, hostile.Budget(hostileMem, false), said)
		})
	}
}

// TestHostileGuestsInTimeTravel allows 128 MiB more with snapshots, on the way to the guest's end and back to its beginning.
func TestHostileGuestsInTimeTravel(t *testing.T) {
	exe := buildHostile(t)
	for _, g := range hostile.Guests {
		if g.SlowTravel {
			continue // in the benchmark
		}
		t.Run(g.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience.Limit)
			defer cancel()
			took, said, err := hostile.Travel(apart(t, ctx, "gdb", "-listen", "127.0.0.1:0", "-mem", "128M", "-max-ticks", g.MaxTicks(2_000_000_000), exe, g.Name))
			if err != nil {
				t.Fatal(err)
			}
			checkHostile(t, g, took, hostile.Budget(hostileMem, true), said)
		})
	}
}

// hostileMem is the -mem of hostile guests, in bytes.
const hostileMem = 128 << 20

// buildHostile returns the path of the hostile guest.
func buildHostile(t *testing.T) string {
	t.Helper()
	exe := t.TempDir() + "/hostile"
	if err := os.WriteFile(exe, testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], hostile.Source), 0o755); err != nil {
		t.Fatal(err)
	}
	return exe
}

func checkHostile(t *testing.T, g hostile.Guest, took, budget uint64, said string) {
	t.Helper()
	if took > budget {
		t.Errorf("the host holds %d MiB, want at most %d", took>>20, budget>>20)
	}
	if want := g.Name + ": " + g.Ends; g.Ends != "" && !strings.HasPrefix(said, want) {
		t.Errorf("the guest says %q, want %q", said, want)
	}
	t.Logf("%d MiB, %q", took>>20, said)
}
