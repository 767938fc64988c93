package vfs

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/internal/patience"
)

// promptly fails the test if f waits for something that never comes.
func promptly(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	patience.Receive(t, "what must not wait for ever", done)
}

// TestHostFileReplaced: a host file that is replaced, after the guest has seen it, by one of another type gives EIO at once, and a
// directory that is replaced is empty.
func TestHostFileReplaced(t *testing.T) {
	for _, c := range []struct {
		name    string
		replace func(t *testing.T, name string) error
	}{
		{"FIFO", func(_ *testing.T, name string) error { return syscall.Mkfifo(name, 0o666) }},
		{"link to a FIFO", func(_ *testing.T, name string) error {
			return errors.Join(syscall.Mkfifo(name+".fifo", 0o666), os.Symlink(filepath.Base(name)+".fifo", name))
		}},
		{"socket", func(t *testing.T, name string) error {
			l, err := net.Listen("unix", name)
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		}},
		{"device", func(t *testing.T, name string) error {
			err := syscall.Mknod(name, syscall.S_IFCHR|0o666, 1<<8|5) // /dev/zero
			if err == syscall.EPERM {
				t.Skip("NOT TESTED: making a device takes root")
			}
			return err
		}},
		{"directory", func(_ *testing.T, name string) error { return os.Mkdir(name, 0o777) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			host := t.TempDir()
			for _, name := range []string{"read", "write", "cut"} {
				if err := os.WriteFile(filepath.Join(host, name), []byte("content"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Mkdir(filepath.Join(host, "dir"), 0o777); err != nil {
				t.Fatal(err)
			}
			f, err := New(Config{Mounts: []Mount{{Host: host, Guest: "/host", Writable: true}}}, NewOutside(nil, nil, nil))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Stat(AT_FDCWD, "/host/read", 0); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"read", "write", "cut", "dir"} {
				name = filepath.Join(host, name)
				if err := errors.Join(os.Remove(name), c.replace(t, name)); err != nil {
					t.Fatal(err)
				}
			}
			promptly(t, func() {
				fd, err := f.Open(AT_FDCWD, "/host/read", O_RDONLY, 0, nil)
				if err == nil {
					_, err = f.Read(fd, make([]byte, 10))
				}
				if err != errno.EIO {
					t.Errorf("read: %v", err)
				}
				fd, err = f.Open(AT_FDCWD, "/host/write", O_WRONLY, 0, nil)
				if err == nil {
					_, err = f.Write(fd, []byte("x"))
				}
				if err != errno.EIO {
					t.Errorf("write: %v", err)
				}
				if err := f.Truncate("/host/cut", 0); err != errno.EIO {
					t.Errorf("truncate: %v", err)
				}
				fd, err = f.Open(AT_FDCWD, "/host/dir", O_RDONLY|O_DIRECTORY, 0, nil)
				if err == nil {
					err = f.ReadDir(fd, func(d Dirent) bool {
						if d.Name != "." && d.Name != ".." {
							t.Errorf("the directory has %q", d.Name)
						}
						return true
					})
				}
				if err != nil {
					t.Errorf("list: %v", err)
				}
			})
		})
	}
}

// TestMountOfAFIFO checks that a mount of anything but a directory is refused, and that checking does not wait.
func TestMountOfAFIFO(t *testing.T) {
	name := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(name, 0o666); err != nil {
		t.Fatal(err)
	}
	promptly(t, func() {
		_, err := New(Config{Mounts: []Mount{{Host: name, Guest: "/host"}}}, NewOutside(nil, nil, nil))
		if err == nil {
			t.Error("mounted")
		}
	})
}
