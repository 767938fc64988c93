//go:build unix

package site

import (
	"net"
	"net/http"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSpecialFiles: what is not a regular file is not the site's, and nothing waits for it or reads from it.
func TestSpecialFiles(t *testing.T) {
	s, dir := open(t)
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "src", "a.s.txt.gz"), 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	paths := []string{"/fifo", "/socket", "/socket/", "/src"}
	const zero = 1<<8 | 5 // the numbers of /dev/zero on Linux: 1, 5
	if err := syscall.Mknod(filepath.Join(dir, "zero"), syscall.S_IFCHR|0o666, zero); err != nil {
		t.Logf("NOT TESTED: a device: %v", err)
	} else {
		paths = append(paths, "/zero")
	}
	for _, path := range paths {
		if w := request(s, "GET", path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %q", path, w.Code, w.Body)
		}
	}
	if w := request(s, "GET", "/src/a.s.txt", "Accept-Encoding", "gzip"); w.Code != http.StatusOK || w.Body.String() != long {
		t.Errorf("a file beside a pipe that is called as its gzipped copy: %d, %d bytes", w.Code, w.Body.Len())
	}
}
