package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/rt0lab/rt0/internal/program"
)

// TestBehaviour runs the samples in the machine and, where that can be done, natively: standard output, exit status and,
// addresses and goroutine numbers apart, standard error must be the same.
func TestBehaviour(t *testing.T) {
	for _, tt := range []struct {
		sample string
		status int
		stdout string
		stderr string // a part of it
	}{
		{"hello", 0, "", "hello\n"},
		{"hellofmt", 0, "hello, world\n", ""},
		{"pingpong", 0, "sum 74784 collected true\n", ""},
		{"nilderef", 2, "", "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x"},
		{"exit3", 3, "exiting\n", ""},
		{"sigterm", 143, "caught: terminated\n", ""},
		{"deepstack", 0, "13056001\n", ""},
		{"timers", 0, "slept long enough: true\nticked long enough: true\ntimed out: true\nstopped in time: true\n", ""},
		{"httpself", 0, "200 OK 5 HELLO\n200 OK 100000 LONG \n404 Not Found\n", ""},
		{"deadlock", 2, "first: 1\n", "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n"},
		{"panicgo", 2, "starting\n", "panic: worker: out of luck\n\ngoroutine "},
		{"spin", 0, "preempted\n", ""},
	} {
		t.Run(tt.sample, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, status := rt0(t, "run", tt.sample)
			if stdout != tt.stdout || status != tt.status || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("status %d, want %d\nstdout %q, want %q\nstderr %q, want %q in it", status, tt.status, stdout, tt.stdout, stderr, tt.stderr)
			}
			nout, nerr, nstatus := native(t, tt.sample)
			if stdout != nout || status != nstatus || mask(stderr) != mask(nerr) {
				t.Errorf("natively: status %d\nstdout %q\nstderr:\n%s\nin the machine: stderr:\n%s", nstatus, nout, nerr, stderr)
			}
		})
	}
}

// native runs a sample on this computer, with the machine's default environment.
func native(t *testing.T, sample string) (stdout, stderr string, status int) {
	t.Helper()
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("NOT COMPARED: this computer does not run linux/amd64 programs")
	}
	p, err := program.Find(t.Context(), sample, program.Options{Messages: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), sample)
	if err := os.WriteFile(file, p.File, 0o777); err != nil {
		t.Fatal(err)
	}
	var cmd *exec.Cmd
	var out, errs bytes.Buffer
	for err = syscall.ETXTBSY; errors.Is(err, syscall.ETXTBSY); {
		// A child that another test is about to start may still have the file open for writing (go.dev/issue/22315).
		cmd = exec.CommandContext(t.Context(), file)
		cmd.Env = defaultEnv
		cmd.Stdout, cmd.Stderr = &out, &errs
		err = cmd.Run()
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	status = cmd.ProcessState.ExitCode()
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		status = 128 + int(ws.Signal())
	}
	return out.String(), errs.String(), status
}

var masked = regexp.MustCompile(`0x[0-9a-f]+|goroutine \d+`)

// mask hides what differs between two runs on Linux too.
func mask(stderr string) string { return masked.ReplaceAllString(stderr, "…") }
