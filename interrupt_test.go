package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/patience"
)

// writesMuch writes 1 GiB to a file with one call, after a line that tells that it is about to.
const writesMuch = `package main

import "os"

func main() {
	os.Stdout.WriteString("now\n")
	if err := os.WriteFile("/tmp/big", make([]byte, 1<<30), 0o600); err != nil {
		panic(err)
	}
}
`

// goFile writes a Go file into a folder of the test's and returns its name.
func goFile(t *testing.T, text string) string {
	name := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestMaxTicksInsideACall: the line says where the run was stopped.
func TestMaxTicksInsideACall(t *testing.T) {
	_, stderr, status := rt0(t, "run", "-max-ticks", "8000000", goFile(t, writesMuch))
	if want := ", inside system call write at 0x"; status != statusTicks || !strings.Contains(stderr, want) {
		t.Errorf("status %d, want %d; stderr %q, want %q in it", status, statusTicks, stderr, want)
	}
}

// TestInterruptOfOutput: ^C ends a guest whose output nobody reads.
func TestInterruptOfOutput(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer r.Close()
	var errs bytes.Buffer
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"rt0", "run", "hellofmt"}, streams{strings.NewReader(""), w, &errs})
	}()
	if _, err := r.Read(make([]byte, 1)); err != nil { // the guest is writing its line
		t.Fatal(err)
	}
	cancel()
	if status := patience.Receive(t, "its end", ended); status != statusInterrupted {
		t.Errorf("status %d, want %d: %s", status, statusInterrupted, &errs)
	}
}
