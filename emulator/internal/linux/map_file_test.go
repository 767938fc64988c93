package linux

import (
	"crypto/sha256"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// fileGuest returns a kernel with a file of the size open for reading and writing.
func fileGuest(t *testing.T, size int64) (*Kernel, uint64) {
	t.Helper()
	k := newGuest(t)
	k.prepareFiles()
	fd, err := k.files.Open(vfs.AT_FDCWD, "/tmp/f", vfs.O_RDWR|vfs.O_CREAT, 0o600, k.dynamicFile)
	if err == nil {
		err = k.files.Ftruncate(fd, size)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k, uint64(fd)
}

// inFile returns n bytes of what the file /tmp/f holds, not asking its mappings.
func inFile(t *testing.T, k *Kernel, n int, off int64) string {
	t.Helper()
	s, err := k.files.Stat(vfs.AT_FDCWD, "/tmp/f", 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	n, err = k.files.LoadMapped(vfs.ID(s.Ino), b, off)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// TestSharedMappingIsWrittenBack stores through a shared mapping and ends it in every way there is.
func TestSharedMappingIsWrittenBack(t *testing.T) {
	const a, far = 0x5000_0000, 0x6000_0000
	for _, c := range []struct {
		name string
		end  func(k *Kernel) (uint64, error)
	}{
		{"msync", func(k *Kernel) (uint64, error) { return sysMsync(k, k.current, args{a, 3 * pg, 4}) }},
		{"munmap", func(k *Kernel) (uint64, error) { return sysMunmap(k, k.current, args{a, 3 * pg}) }},
		{"munmap of its page", func(k *Kernel) (uint64, error) { return sysMunmap(k, k.current, args{a + pg, pg}) }},
		{"another in its place", func(k *Kernel) (uint64, error) {
			return sysMmap(k, k.current, args{a + pg, pg, rw, anon | MAP_FIXED, ^uint64(0)})
		}},
		{"shrunk", func(k *Kernel) (uint64, error) { return sysMremap(k, k.current, args{a, 3 * pg, pg}) }},
		{"moved and unmapped", func(k *Kernel) (uint64, error) {
			if _, err := sysMremap(k, k.current, args{a + pg, pg, pg, MREMAP_MAYMOVE | MREMAP_FIXED, far}); err != nil {
				return 0, err
			}
			return sysMunmap(k, k.current, args{far, pg})
		}},
		{"moved onto", func(k *Kernel) (uint64, error) {
			if _, err := sysMmap(k, k.current, args{far, pg, rw, anon | MAP_FIXED, ^uint64(0)}); err != nil {
				return 0, err
			}
			return sysMremap(k, k.current, args{far, pg, pg, MREMAP_MAYMOVE | MREMAP_FIXED, a + pg})
		}},
		{"the process ends", func(k *Kernel) (uint64, error) { k.exit(ExitStatus{}); return 0, nil }},
		{"copied, and msync", func(k *Kernel) (uint64, error) {
			n, mem := k.Clone(), memory.New(64<<20)
			mem.Restore(k.Mem.Snapshot())
			n.Attach(mem, k.CPU)
			*k = *n
			k.Attach(mem, k.CPU)
			return sysMsync(k, k.current, args{a, 3 * pg, 4})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, fd := fileGuest(t, 3*pg+10)
			step{"mmap", sysMmap, args{a, 3 * pg, rw, MAP_SHARED | MAP_FIXED, fd, pg}, a, nil}.do(t, k)
			k.Mem.Poke([]byte("here"), a+pg+5)
			k.Mem.Poke([]byte("beyond the end"), a+2*pg+5)
			if got := inFile(t, k, 4, 2*pg+5); got != "\x00\x00\x00\x00" {
				t.Fatalf("before: %q", got)
			}
			if _, err := c.end(k); err != nil {
				t.Fatal(err)
			}
			if got := inFile(t, k, 4, 2*pg+5); got != "here" {
				t.Errorf("the file holds %q", got)
			}
			if s, _ := k.files.Fstat(int(fd)); s.Size != 3*pg+10 {
				t.Errorf("the file is %d bytes long", s.Size)
			}
		})
	}
}

// TestSharedMappings holds what mmap and its kin answer about files.
func TestSharedMappings(t *testing.T) {
	const a, b = 0x5000_0000, 0x6000_0000
	k, fd := fileGuest(t, 2*pg)
	only, err := k.files.Open(vfs.AT_FDCWD, "/tmp/f", vfs.O_RDONLY, 0, k.dynamicFile)
	if err != nil {
		t.Fatal(err)
	}
	ro := uint64(only)
	const shared = MAP_SHARED | MAP_FIXED
	for _, s := range []step{
		{"writable, of a file that is not", sysMmap, args{a, pg, rw, shared, ro}, 0, errno.EACCES},
		{"readable", sysMmap, args{a, pg, 1, shared, ro}, a, nil},
		{"made writable", sysMprotect, args{a, pg, rw}, 0, errno.EACCES},
		{"writable", sysMmap, args{a, pg, rw, shared, fd}, a, nil},
		{"again elsewhere", sysMmap, args{b, pg, rw, shared, fd}, b, nil},
	} {
		s.do(t, k)
	}
	k.Mem.Poke([]byte("one"), a)
	k.Mem.Poke([]byte("two"), b+100)
	step{"both at once", sysMsync, args{a, pg, 4}, 0, nil}.do(t, k)
	if x, y := inFile(t, k, 3, 0), inFile(t, k, 3, 100); x != "one" || y != "two" {
		t.Errorf("the file holds %q and %q", x, y)
	}
	var seen [3]byte
	if k.Mem.Peek(seen[:], b); string(seen[:]) != "one" {
		t.Errorf("the other mapping shows %q", seen)
	}
	step{"grown", sysMremap, args{b, pg, 2 * pg}, b, nil}.do(t, k)
	k.prepareFiles()
	if _, err := k.files.WriteAt(int(fd), []byte("new"), pg+7); err != nil {
		t.Fatal(err)
	}
	if k.Mem.Peek(seen[:], b+pg+7); string(seen[:]) != "new" {
		t.Errorf("what was added shows %q", seen)
	}
	k.Mem.Poke([]byte("kept"), a+200)
	step{"a third one", sysMmap, args{b + 4*pg, pg, rw, shared, fd}, b + 4*pg, nil}.do(t, k)
	var kept [4]byte
	if k.Mem.Peek(kept[:], b+4*pg+200); string(kept[:]) != "kept" || inFile(t, k, 4, 200) != "kept" {
		t.Errorf("a new mapping shows %q, the file holds %q", kept, inFile(t, k, 4, 200))
	}
	k.Mem.Poke([]byte("kept"), a+300)
	step{"its end", sysMunmap, args{b + 4*pg, pg}, 0, nil}.do(t, k)
	step{"one grown, another not written", sysMremap, args{b, 2 * pg, 3 * pg}, b, nil}.do(t, k)
	if inFile(t, k, 4, 300) != "kept" {
		t.Errorf("the file has lost what was stored")
	}
	hash := func() [sha256.Size]byte {
		h := sha256.New()
		k.HashTo(h)
		k.Mem.HashTo(h)
		return [sha256.Size]byte(h.Sum(nil))
	}
	before := hash()
	if hash() != before {
		t.Error("hashing changes the state")
	}
	k.files.Close(int(fd))
	k.files.Close(only)
	if err := k.files.Unlink(vfs.AT_FDCWD, "/tmp/f"); err != nil {
		t.Fatal(err)
	}
	if len(k.mm.shared) != 1 {
		t.Fatalf("files shared: %v", k.mm.shared)
	}
	step{"half unmapped", sysMunmap, args{a, pg}, 0, nil}.do(t, k)
	step{"without a name or descriptor", sysMsync, args{b, 3 * pg, 4}, 0, nil}.do(t, k)
	step{"unmapped", sysMunmap, args{b, 3 * pg}, 0, nil}.do(t, k)
	if len(k.mm.shared) != 0 {
		t.Errorf("still shared: %v", k.mm.shared)
	}
}
