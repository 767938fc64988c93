package vfs

import (
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

func TestMemfd(t *testing.T) {
	f := newTest(t)
	before := price(f)
	fd, err := f.Memfd("x", MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := f.Write(fd, []byte("kept")); n != 4 || err != nil {
		t.Fatalf("write: %d, %v", n, err)
	}
	b := make([]byte, 9)
	if n, err := f.ReadAt(fd, b, 0); string(b[:n]) != "kept" || err != nil {
		t.Errorf("read: %q, %v", b[:n], err)
	}
	if got, want := f.describe(fd), "/memfd:x (deleted)"; got != want {
		t.Errorf("it is called %q, want %q", got, want)
	}
	if on, _ := f.Cloexec(fd); !on {
		t.Error("execve would not close it")
	}
	if f.Close(fd); price(f) != before {
		t.Errorf("closed, it takes %d bytes", price(f)-before)
	}
	for _, c := range []struct {
		name  string
		flags uint32
	}{{"huge", 4}, {strings.Repeat("x", memfdNameMax+1), 0}} {
		if _, err := f.Memfd(c.name, c.flags); err != errno.EINVAL {
			t.Errorf("Memfd(%.5q…, %d): %v", c.name, c.flags, err)
		}
	}
}
