package emulator

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const filesInput = "some\ninput\n"

// files returns a machine with testdata/files, and where its output goes.
func files(t testing.TB, change ...func(*Config)) (m *Machine, out, errs *bytes.Buffer) {
	out, errs = new(bytes.Buffer), new(bytes.Buffer)
	c := Config{Program: build(t, "testdata/files"), CPUs: 2, Seed: 3, Stdin: strings.NewReader(filesInput), Stdout: out, Stderr: errs}
	for _, f := range change {
		f(&c)
	}
	return start(t, c), out, errs
}

// TestFilesAsNatively runs a program that uses all kinds of files in the machine and on this computer.
func TestFilesAsNatively(t *testing.T) {
	m, out, errs := files(t)
	finish(t, m)
	if s, _ := m.Exited(); s.Status() != 0 || errs.String() != "done\n" {
		t.Fatalf("%v\n%s%s", s, out, errs)
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("NOT COMPARED: this computer does not run linux/amd64 programs")
	}
	file := filepath.Join(t.TempDir(), "files")
	if err := os.WriteFile(file, m.Config().Program, 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file)
	cmd.Stdin = strings.NewReader(filesInput)
	native, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		t.Fatalf("natively: %v\n%s", err, exit.Stderr)
	}
	if out.String() != string(native) {
		t.Errorf("in the machine:\n%s\nnatively:\n%s", out, native)
	}
}

// TestFilesReplay goes back to several moments of the program and on to its end again: the state is the same each time, and
// nothing is written twice or read from the host twice.
func TestFilesReplay(t *testing.T) {
	host := t.TempDir()
	m, out, errs := files(t, func(c *Config) {
		c.Mounts = []Mount{{Host: host, Guest: "/tmp", Writable: true}}
	})
	finish(t, m)
	end, hash, once := m.Tick(), m.Hash(), out.String()
	if left, err := os.ReadDir(host); len(left) != 0 || err != nil {
		t.Errorf("the program removes its folder, yet the host has %v, %v", left, err)
	}
	for i := range uint64(3) {
		if err := m.Seek(end * i / 3); err != nil {
			t.Fatal(err)
		}
		finish(t, m)
		if m.Tick() != end || m.Hash() != hash {
			t.Errorf("from %d/3 on: tick %d, want %d; same state: %v", i, m.Tick(), end, m.Hash() == hash)
		}
	}
	if out.String() != once || errs.String() != "done\n" {
		t.Errorf("written twice: %d bytes, once %d; stderr %q", out.Len(), len(once), errs)
	}
}

func TestMountThatCannotBe(t *testing.T) {
	_, err := New(Config{Program: build(t, "testdata/files"), Mounts: []Mount{{Host: filepath.Join(t.TempDir(), "missing"), Guest: "/x"}}})
	if err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a mount of nothing: %v", err)
	}
	_, err = New(Config{Program: build(t, "testdata/files"), Dir: "/nowhere"})
	if err == nil || !strings.Contains(err.Error(), "/nowhere") {
		t.Errorf("a working directory that is not there: %v", err)
	}
}
