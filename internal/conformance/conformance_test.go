package conformance

import (
	"bytes"
	"context"
	"flag"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/emulator"
)

var full = flag.Bool("full", false, "run all packages of the list, not only the quick ones")

// TestConformance builds each package's test binary and runs it inside the machine, in the package's own folder, with
// GOROOT visible and nothing else of the host.
func TestConformance(t *testing.T) {
	list, err := Packages()
	if err != nil {
		t.Fatal(err)
	}
	goroot := goCommand(t, "env", "GOROOT")
	for _, p := range list {
		if !p.Quick && !*full {
			continue
		}
		t.Run(p.Name(), func(t *testing.T) {
			t.Parallel()
			runPackage(t, p, goroot)
		})
	}
}

func runPackage(t *testing.T, p *Package, goroot string) {
	binary := filepath.Join(t.TempDir(), p.Name()+".test")
	goCommand(t, "test", "-c", "-vet=off", "-o", binary, p.Path)
	file, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	m, err := emulator.New(emulator.Config{
		Program:         file,
		Args:            p.Args(),
		Env:             []string{"PATH=" + goroot + "/bin", "HOME=/tmp", "GOROOT=" + goroot},
		CPUs:            4,
		Stdout:          &output,
		Stderr:          &output,
		Mounts:          []emulator.Mount{{Host: goroot, Guest: goroot}},
		CheckpointEvery: emulator.NoCheckpoints,
		Dir:             filepath.Join(goroot, "src", filepath.FromSlash(p.Path)),
	})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	ctx := t.Context()
	if deadline, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-5*time.Second))
		defer cancel()
	}
	ev, err := m.Run(ctx, math.MaxUint64)
	wall := time.Since(start)
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(output.Bytes()))
	}
	if ev.Kind == emulator.EventCanceled {
		t.Fatalf("not done by the deadline, after %v, at tick %d; give -timeout more\n%s", wall.Round(time.Second), ev.Tick, tail(output.Bytes()))
	}
	status, exited := m.Exited()
	if !exited || status.Status() != 0 {
		t.Fatalf("%v at tick %d, status %d\n%s", ev.Kind, ev.Tick, status.Status(), tail(output.Bytes()))
	}
	if !bytes.HasSuffix(output.Bytes(), []byte("PASS\n")) {
		t.Fatalf("it does not say PASS:\n%s", tail(output.Bytes()))
	}
	t.Logf("%s: %.1f s, %d M instructions, %.0f MIPS", p.Path, wall.Seconds(), m.Tick()/1e6, float64(m.Tick())/1e6/wall.Seconds())
}

// goCommand runs the local go command for the machine's platform and returns its output.
func goCommand(t *testing.T, args ...string) string {
	t.Helper()
	goCmd, err := exec.LookPath("go")
	if err != nil {
		t.Skip("NOT TESTED: no go command in PATH")
	}
	cmd := exec.CommandContext(t.Context(), goCmd, args...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "CGO_ENABLED=0", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// tail returns the end of a long output.
func tail(b []byte) []byte { return b[max(0, len(b)-8000):] }

func TestParse(t *testing.T) {
	list, err := parse("# comment\n\na/b quick -test.short # why\n\tTestX: no network\n\tTestY: no time\nc full\n")
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	want := "a_b.test -test.short -test.skip=^(TestX|TestY)$"
	if got := strings.Join(list[0].Args(), " "); got != want || !list[0].Quick || list[1].Quick {
		t.Errorf("%+v with arguments %q; want %q", list[0], got, want)
	}
	for _, bad := range []string{"a", "a slow", "\tTestX: reason", "a quick\n\tTestX"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("parse(%q) succeeds", bad)
		}
	}
}
