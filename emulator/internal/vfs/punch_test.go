package vfs

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// allocate does fallocate to its end and returns in how many pieces.
func allocate(f *Files, fd int, mode uint32, off, size int64) (pieces int, err error) {
	for done := int64(0); done < size; pieces++ {
		n, err := f.Fallocate(fd, mode, off, size, done)
		if err != nil {
			return pieces, err
		}
		done += n
	}
	return pieces, nil
}

const punchHole = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE

// TestFallocate: what each mode does to a file's size and to the bytes held.
func TestFallocate(t *testing.T) {
	const big = 1 << 40
	for _, c := range []struct {
		name      string
		mode      uint32
		off, size int64
		err       error
		length    int64 // of the file, which had 3 chunks
		held      int64
	}{
		{"no longer", 0, 0, 10, nil, 3 * chunkSize, 3 * chunkSize},
		{"longer", 0, 0, big, nil, big, 3 * chunkSize},
		{"reserve", FALLOC_FL_KEEP_SIZE, 0, big, nil, 3 * chunkSize, 3 * chunkSize},
		{"a hole", punchHole, chunkSize, chunkSize, nil, 3 * chunkSize, 2 * chunkSize},
		{"a hole with ragged ends", punchHole, 10, 2 * chunkSize, nil, 3 * chunkSize, chunkSize + 10},
		{"a hole within a chunk", punchHole, 10, 10, nil, 3 * chunkSize, 3 * chunkSize},
		{"a hole of all and more", punchHole, 0, big, nil, 3 * chunkSize, 0},
		{"a hole behind the end", punchHole, big, big, nil, 3 * chunkSize, 3 * chunkSize},
		{"zeroes", FALLOC_FL_ZERO_RANGE, chunkSize, chunkSize, nil, 3 * chunkSize, 2 * chunkSize},
		{"zeroes and longer", FALLOC_FL_ZERO_RANGE, chunkSize, big, nil, big + chunkSize, chunkSize},
		{"zeroes, not longer", FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, chunkSize, big, nil, 3 * chunkSize, chunkSize},
		{"a hole that changes the size", FALLOC_FL_PUNCH_HOLE, 0, 10, errno.EOPNOTSUPP, 3 * chunkSize, 3 * chunkSize},
		{"collapse", 8, 0, chunkSize, errno.EOPNOTSUPP, 3 * chunkSize, 3 * chunkSize},
		{"nothing", 0, 0, 0, errno.EINVAL, 3 * chunkSize, 3 * chunkSize},
	} {
		f := newTest(t)
		write(t, f, "f", string(bytes.Repeat([]byte("x"), 3*chunkSize)))
		fd := open(t, f, "f", O_RDWR)
		_, err := f.Fallocate(fd, c.mode, c.off, c.size, 0)
		s, _ := f.Fstat(fd)
		audit(t, f)
		if held := f.inode(f.mustInode(fd)).data.stored(); err != c.err || s.Size != c.length || held != c.held {
			t.Errorf("%s: %v, %d bytes long, %d held", c.name, err, s.Size, held)
		}
	}
}

// mustInode returns the inode of an open file.
func (f *Files) mustInode(fd int) ID {
	o, err := f.file(fd)
	if err != nil {
		panic(err)
	}
	return o.ino
}

// TestHolesAgainstModel writes, punches and cuts a file at random, and wants what a plain slice of bytes holds; so too in a copy
// made in between, and in a host's file.
func TestHolesAgainstModel(t *testing.T) {
	const most = 5 * chunkSize
	host := t.TempDir()
	if err := os.WriteFile(filepath.Join(host, "f"), bytes.Repeat([]byte("host"), chunkSize), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/tmp/f", "/host/f"} {
		f := newTest(t, func(c *Config) { c.Mounts = []Mount{{Host: host, Guest: "/host", Writable: true}} })
		fd := open(t, f, path, O_RDWR|O_CREAT)
		r := rand.New(rand.NewPCG(5, 6))
		model := make([]byte, 0, most)
		if path == "/host/f" {
			model = append(model, bytes.Repeat([]byte("host"), chunkSize)...)
		}
		var old *Files
		var oldModel []byte
		resize := func(n int) {
			for len(model) < n {
				model = append(model, 0)
			}
			model = model[:n]
		}
		for i := range 600 {
			off, n := r.IntN(most), 1+r.IntN(2*chunkSize)
			if r.IntN(3) == 0 {
				off, n = off&^(chunkSize-1), chunkSize
			}
			n = min(n, most-off)
			var err error
			switch r.IntN(5) {
			case 0, 1:
				b := bytes.Repeat([]byte{byte(i)}, n)
				_, err = f.WriteAt(fd, b, int64(off))
				resize(max(len(model), off+n))
				copy(model[off:], b)
			case 2:
				_, err = allocate(f, fd, punchHole, int64(off), int64(n))
				if off < len(model) {
					clear(model[off:min(off+n, len(model))])
				}
			case 3:
				_, err = allocate(f, fd, FALLOC_FL_ZERO_RANGE, int64(off), int64(n))
				resize(max(len(model), off+n))
				clear(model[off : off+n])
			case 4:
				err = f.Ftruncate(fd, int64(off))
				resize(off)
			}
			if err != nil {
				t.Fatal(err)
			}
			got := make([]byte, most+1)
			size, err := f.ReadAt(fd, got, 0)
			if err != nil || !bytes.Equal(got[:size], model) {
				t.Fatalf("%s: change %d: %d bytes, %v, want %d; the same: %v", path, i, size, err, len(model), bytes.Equal(got[:size], model))
			}
			for _, e := range f.Data(fd, 0, most) { // outside of the extents are zeroes
				clear(got[e.Off : e.Off+e.Size])
			}
			if left := bytes.Trim(got[:size], "\x00"); len(left) > 0 {
				t.Fatalf("%s: change %d: %d bytes lie in no extent", path, i, len(left))
			}
			if i == 300 {
				old, oldModel = f.Clone(), bytes.Clone(model)
			}
		}
		got := make([]byte, most+1)
		if size, err := old.ReadAt(fd, got, 0); err != nil || !bytes.Equal(got[:size], oldModel) {
			t.Errorf("%s: the copy has changed: %v", path, err)
		}
		if path == "/host/f" {
			if onHost, err := os.ReadFile(filepath.Join(host, "f")); err != nil || !bytes.Equal(onHost, model) {
				t.Errorf("the host's file differs: %v", err)
			}
		}
	}
}

// TestPunchOfAHostFileInPieces: zeroes are written to a host's file, 1 MiB at a time.
func TestPunchOfAHostFileInPieces(t *testing.T) {
	host := t.TempDir()
	if err := os.WriteFile(filepath.Join(host, "f"), bytes.Repeat([]byte("x"), 5<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newTest(t, func(c *Config) { c.Mounts = []Mount{{Host: host, Guest: "/host", Writable: true}} })
	fd := open(t, f, "/host/f", O_RDWR)
	if pieces, err := allocate(f, fd, punchHole, 1, 1<<40); err != nil || pieces != 5 {
		t.Errorf("%d pieces, %v, want 5", pieces, err)
	}
	want := append([]byte("x"), make([]byte, 5<<20-1)...)
	if got, err := os.ReadFile(filepath.Join(host, "f")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the host's file has %d bytes that differ or %v", len(got), err)
	}
}
