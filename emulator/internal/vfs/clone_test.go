package vfs

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// act does one random operation; the same numbers do the same on equal files.
func act(f *Files, r *rand.Rand) {
	name := fmt.Sprintf("n%d", r.IntN(8))
	other := fmt.Sprintf("n%d/n%d", r.IntN(8), r.IntN(8))
	fd, fd2 := r.IntN(16), r.IntN(16)
	b := make([]byte, r.IntN(3000))
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	at := AT_FDCWD
	f.SetNow(f.now+int64(r.IntN(1000)), f.mono+int64(r.IntN(1000)))
	switch r.IntN(34) {
	case 0:
		f.Open(at, name, O_CREAT|O_RDWR|O_NONBLOCK, 0o666, nil)
	case 1:
		f.Open(at, other, O_CREAT|O_WRONLY|O_APPEND|O_NONBLOCK, 0o666, nil)
	case 2:
		f.Mkdir(at, name, 0o777)
	case 3:
		f.Unlink(at, other)
	case 4:
		f.Rmdir(at, name)
	case 5:
		f.Rename(at, other, at, name, 0)
	case 6:
		f.Rename(at, name, at, other, RENAME_EXCHANGE)
	case 7:
		f.Link(at, name, at, other, 0)
	case 8:
		f.Symlink(other, at, name)
	case 9, 10, 11, 12:
		f.Write(fd, b)
	case 13, 14, 15:
		f.Read(fd, b)
	case 16:
		f.WriteAt(fd, b, int64(r.IntN(1<<18)))
	case 17:
		f.Ftruncate(fd, int64(r.IntN(1<<18)))
	case 18:
		f.Pipe(O_NONBLOCK)
	case 19:
		f.Eventfd(1, O_NONBLOCK)
	case 20:
		f.Timerfd(CLOCK_MONOTONIC, O_NONBLOCK)
	case 21:
		f.SetTimer(fd, 0, Timer{int64(r.IntN(5000)), 7})
	case 22:
		f.EpollCreate(0)
	case 23, 24:
		f.EpollCtl(fd, 1+r.IntN(3), fd2, EPOLLIN|EPOLLOUT|uint32(r.IntN(2))<<31, 9)
	case 25:
		f.EpollWait(fd, 4)
	case 26, 27:
		f.Close(fd)
	case 28:
		f.DupTo(fd, fd2, false, false)
	case 29:
		if fd, err := f.Socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0); err == nil {
			f.Connect(fd, IPv4(127, 0, 0, 1, 5000+uint16(r.IntN(3))))
		}
	case 30:
		if fd, err := f.Socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, 0); err == nil {
			f.Bind(fd, IPv4(127, 0, 0, 1, 5000+uint16(r.IntN(3))))
			f.Listen(fd, 3)
		}
	case 31:
		f.Accept(fd, SOCK_NONBLOCK)
	case 32:
		f.Socketpair(AF_UNIX, []int{SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET}[r.IntN(3)]|SOCK_NONBLOCK, 0)
	case 33:
		f.Send(fd, Message{Data: b, Files: []int{fd2}}, 0)
	}
}

// TestClonesAreIndependent runs random operations from many clones: no clone feels another's, and the same operations lead
// to the same state. Nothing panics on the way.
func TestClonesAreIndependent(t *testing.T) {
	for seed := range uint64(30) {
		type moment struct {
			files *Files
			sum   [32]byte
			step  int
		}
		f := newTest(t)
		f.maxFDs = 16
		var moments []moment
		const steps = 400
		run := func(f *Files, from, to int) {
			for i := from; i < to; i++ {
				act(f, rand.New(rand.NewPCG(seed, uint64(i))))
				f.TakeWoken()
			}
		}
		for i := range steps {
			if i%40 == 0 {
				moments = append(moments, moment{f.Clone(), sum(f), i})
			}
			run(f, i, i+1)
		}
		end := sum(f)
		for _, m := range moments {
			if sum(m.files) != m.sum {
				t.Fatalf("seed %d: the clone of step %d has changed", seed, m.step)
			}
			g := m.files.Clone()
			run(g, m.step, steps)
			if sum(g) != end {
				t.Fatalf("seed %d: replay from step %d ends in another state", seed, m.step)
			}
		}
		for i, m := range moments {
			if sum(m.files) != m.sum {
				t.Fatalf("seed %d: clone %d has changed in the replays", seed, i)
			}
		}
	}
}

// mounted returns files with the host directory mounted on /mnt.
func mounted(t *testing.T, dir string, writable bool) *Files {
	return newTest(t, func(c *Config) { c.Mounts = []Mount{{dir, "/mnt", writable}} })
}

func TestReadOnlyMount(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret")
	os.WriteFile(outside, []byte("secret"), 0o644)
	os.Mkdir(filepath.Join(dir, "sub"), 0o755)
	os.WriteFile(filepath.Join(dir, "sub", "f"), []byte(strings.Repeat("0123456789", 20000)), 0o644)
	os.Symlink(outside, filepath.Join(dir, "escape"))
	os.Symlink("sub/f", filepath.Join(dir, "inside"))
	f := mounted(t, dir, false)
	start := f.Clone()
	fd := open(t, f, "/mnt/inside", O_RDONLY)
	b := make([]byte, 10)
	if n, err := f.ReadAt(fd, b, 100005); string(b[:n]) != "5678901234" || err != nil {
		t.Errorf("read %q, %v", b[:n], err)
	}
	half := f.Clone()
	for _, c := range []struct {
		name string
		got  error
		want error
	}{
		{"through a link out of the mount", second(f.Open(AT_FDCWD, "/mnt/escape", O_RDONLY, 0, nil)), errno.ENOENT},
		{"for writing", second(f.Open(AT_FDCWD, "/mnt/sub/f", O_RDWR, 0, nil)), errno.EROFS},
		{"create", second(f.Open(AT_FDCWD, "/mnt/new", O_CREAT|O_RDWR, 0o666, nil)), errno.EROFS},
		{"mkdir", f.Mkdir(AT_FDCWD, "/mnt/d", 0o777), errno.EROFS},
		{"unlink", f.Unlink(AT_FDCWD, "/mnt/sub/f"), errno.EROFS},
		{"chmod", f.Chmod(AT_FDCWD, "/mnt/sub/f", 0, 0), errno.EROFS},
		{"rmdir of the mount", f.Rmdir(AT_FDCWD, "/mnt"), errno.EACCES},
		{"..", second(f.Open(AT_FDCWD, "/mnt/../etc/passwd", O_RDONLY, 0, nil)), nil},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	// What the host does afterwards does not change the past.
	os.WriteFile(filepath.Join(dir, "sub", "f"), []byte("changed"), 0o644)
	for _, g := range []*Files{start.Clone(), half} {
		fd := open(t, g, "/mnt/sub/f", O_RDONLY)
		if n, err := g.ReadAt(fd, b, 100005); string(b[:n]) != "5678901234" || err != nil {
			t.Errorf("replay read %q, %v", b[:n], err)
		}
	}
}

func second(_ int, err error) error { return err }

func TestWritableMount(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "old"), []byte("old content"), 0o644)
	f := mounted(t, dir, true)
	start := f.Clone()
	run := func(f *Files) [32]byte {
		write(t, f, "/mnt/new", "new")
		f.Mkdir(AT_FDCWD, "/mnt/d", 0o755)
		f.Rename(AT_FDCWD, "/mnt/new", AT_FDCWD, "/mnt/d/moved", 0)
		f.Rename(AT_FDCWD, "/mnt/d", AT_FDCWD, "/mnt/e", 0)
		a := open(t, f, "/mnt/e/moved", O_WRONLY|O_APPEND)
		f.Write(a, []byte("er"))
		f.Close(a)
		old := open(t, f, "/mnt/old", O_RDWR)
		f.Unlink(AT_FDCWD, "/mnt/old")
		f.WriteAt(old, []byte("OLD"), 0)
		if got := drain(t, f, old); got != "OLD content" {
			t.Errorf("the removed file reads %q", got)
		}
		f.Close(old)
		if err := f.Rename(AT_FDCWD, "/mnt/e/moved", AT_FDCWD, "/tmp/x", 0); err != errno.EXDEV {
			t.Errorf("rename out of the mount: %v", err)
		}
		return sum(f)
	}
	first := run(f)
	os.WriteFile(filepath.Join(dir, "e", "moved"), []byte("by the host"), 0o644)
	if run(start.Clone()) != first {
		t.Error("the replay ends in another state")
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "e", "moved")); string(b) != "by the host" {
		t.Errorf("the replay wrote to the host: %q", b)
	}
	if _, err := os.Stat(filepath.Join(dir, "old")); err == nil {
		t.Error("the host file is still there")
	}
}

func BenchmarkClone(b *testing.B) {
	f := newTest(b)
	b.ReportAllocs()
	for b.Loop() {
		f.Clone()
		f.Write(1, []byte("x"))
	}
}
