package vfs

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// newTest returns the files of a process with the standard streams given.
func newTest(t testing.TB, change ...func(*Config)) *Files {
	t.Helper()
	c := Config{
		Program: []byte("\x7fELF"), Path: "/bin/hello", Args: []string{"hello"}, CPUs: 4, PID: 1,
		Release: "6.1.0", Hostname: "rt0", Now: 1e18,
	}
	for _, f := range change {
		f(&c)
	}
	f, err := New(c, NewOutside(nil, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	f.SetNow(1e18, 1)
	f.Chdir("/tmp")
	return f
}

func sum(f *Files) [32]byte {
	h := sha256.New()
	f.HashTo(h)
	return [32]byte(h.Sum(nil))
}

// open opens a file or fails the test.
func open(t testing.TB, f *Files, path string, flags uint32) int {
	t.Helper()
	fd, err := f.Open(AT_FDCWD, path, flags, 0o666, func(d Dynamic) []byte { return []byte{byte('0' + d)} })
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return fd
}

func write(t testing.TB, f *Files, path, content string) {
	t.Helper()
	fd := open(t, f, path, O_CREAT|O_WRONLY|O_TRUNC)
	if n, err := f.Write(fd, []byte(content)); n != len(content) || err != nil {
		t.Fatalf("write %s: %d, %v", path, n, err)
	}
	f.Close(fd)
}

func read(t testing.TB, f *Files, path string) string {
	t.Helper()
	fd := open(t, f, path, O_RDONLY)
	defer f.Close(fd)
	return drain(t, f, fd)
}

func drain(t testing.TB, f *Files, fd int) string {
	t.Helper()
	var all []byte
	b := make([]byte, 1000)
	for {
		n, err := f.Read(fd, b)
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		if n == 0 {
			return string(all)
		}
		all = append(all, b[:n]...)
	}
}

// TestPaths walks paths through a tree that holds one of everything.
func TestPaths(t *testing.T) {
	f := newTest(t)
	f.Mkdir(AT_FDCWD, "d", 0o755)
	f.Mkdir(AT_FDCWD, "d/e", 0o755)
	f.Mkdir(AT_FDCWD, "closed", 0)
	write(t, f, "d/file", "x")
	for _, l := range [][2]string{{"file", "d/link"}, {"/tmp/d", "dir"}, {"loop2", "loop1"}, {"loop1", "loop2"}, {"nowhere", "dangling"}, {"../d/e", "d/up"}} {
		if err := f.Symlink(l[0], AT_FDCWD, l[1]); err != nil {
			t.Fatal(err)
		}
	}
	long := strings.Repeat("n", 256)
	for _, c := range []struct {
		path string
		err  error
		mode uint32
	}{
		{"", errno.ENOENT, 0},
		{"/", nil, S_IFDIR},
		{".", nil, S_IFDIR},
		{"/..", nil, S_IFDIR},
		{"//tmp///d//", nil, S_IFDIR},
		{"d/file", nil, S_IFREG},
		{"d/file/", errno.ENOTDIR, 0},
		{"d/file/x", errno.ENOTDIR, 0},
		{"d/file/..", errno.ENOTDIR, 0},
		{"d/./e/../file", nil, S_IFREG},
		{"d/link", nil, S_IFREG},
		{"dir/link", nil, S_IFREG},
		{"dir/", nil, S_IFDIR},
		{"d/up/../file", nil, S_IFREG},
		{"dangling", errno.ENOENT, 0},
		{"missing", errno.ENOENT, 0},
		{"missing/x", errno.ENOENT, 0},
		{"loop1", errno.ELOOP, 0},
		{"loop1/x", errno.ELOOP, 0},
		{"closed/x", errno.EACCES, 0},
		{long, errno.ENAMETOOLONG, 0},
		{long[1:], errno.ENOENT, 0},
		{strings.Repeat("./", 2048), errno.ENAMETOOLONG, 0},
		{"/proc/self/exe", nil, S_IFREG},
		{"/proc/self/fd/1", nil, S_IFIFO},
		{"/proc/self/fd/9", errno.ENOENT, 0},
		{"/dev/stdout", nil, S_IFIFO},
		{"/dev/null", nil, S_IFCHR},
	} {
		s, err := f.Stat(AT_FDCWD, c.path, 0)
		if err != c.err || s.Mode&S_IFMT != c.mode {
			t.Errorf("stat %.40q = %o, %v; want %o, %v", c.path, s.Mode, err, c.mode, c.err)
		}
	}
}

// TestTree does one operation a line in one tree, top to bottom.
func TestTree(t *testing.T) {
	f := newTest(t)
	at := AT_FDCWD
	for _, c := range []struct {
		name string
		got  error
		want error
	}{
		{"mkdir", f.Mkdir(at, "a", 0o777), nil},
		{"mkdir again", f.Mkdir(at, "a", 0o777), errno.EEXIST},
		{"mkdir with a slash", f.Mkdir(at, "b/", 0o777), nil},
		{"mkdir below nothing", f.Mkdir(at, "x/y", 0o777), errno.ENOENT},
		{"mkdir in root's", f.Mkdir(at, "/etc/x", 0o777), errno.EACCES},
		{"symlink", f.Symlink("a", at, "l"), nil},
		{"symlink to nothing", f.Symlink("", at, "m"), errno.ENOENT},
		{"mkdir over a link", f.Mkdir(at, "l", 0o777), errno.EEXIST},
		{"mknod", f.Mknod(at, "a/f", S_IFREG|0o666), nil},
		{"mknod of a device", f.Mknod(at, "a/dev", S_IFCHR|0o666), errno.EPERM},
		{"link", f.Link(at, "a/f", at, "a/g", 0), nil},
		{"link to a directory", f.Link(at, "a", at, "c", 0), errno.EPERM},
		{"link over", f.Link(at, "a/f", at, "a/g", 0), errno.EEXIST},
		{"unlink of a directory", f.Unlink(at, "a"), errno.EISDIR},
		{"rmdir of a file", f.Rmdir(at, "a/f"), errno.ENOTDIR},
		{"rmdir of a full one", f.Rmdir(at, "a"), errno.ENOTEMPTY},
		{"rmdir .", f.Rmdir(at, "b/."), errno.EINVAL},
		{"rmdir ..", f.Rmdir(at, "b/.."), errno.ENOTEMPTY},
		{"rmdir /", f.Rmdir(at, "/"), errno.EBUSY},
		{"mkdir over a link, with a slash", f.Mkdir(at, "l/", 0o777), errno.EEXIST},
		{"rmdir of a link, with a slash", f.Rmdir(at, "l/"), errno.ENOTDIR},
		{"unlink of a link, with a slash", f.Unlink(at, "l/"), errno.ENOTDIR},
		{"rmdir through a link", f.Rmdir(at, "l"), errno.ENOTDIR},
		{"rename to itself", f.Rename(at, "a/f", at, "a/g", 0), nil},
		{"rename of nothing", f.Rename(at, "zz", at, "a/g", 0), errno.ENOENT},
		{"rename into itself", f.Rename(at, "a", at, "a/sub", 0), errno.EINVAL},
		{"rename dir over file", f.Rename(at, "b", at, "a/f", 0), errno.ENOTDIR},
		{"rename file over dir", f.Rename(at, "a/f", at, "b", 0), errno.EISDIR},
		{"rename dir over a full one", f.Rename(at, "b", at, "a", 0), errno.ENOTEMPTY},
		{"rename, no replace", f.Rename(at, "a/f", at, "l", RENAME_NOREPLACE), errno.EEXIST},
		{"rename dir", f.Rename(at, "b", at, "a/b", 0), nil},
		{"exchange", f.Rename(at, "a/b", at, "l", RENAME_EXCHANGE), nil},
		{"rmdir of the exchanged", f.Rmdir(at, "l"), nil},
		{"unlink", f.Unlink(at, "a/f"), nil},
		{"unlink again", f.Unlink(at, "a/f"), errno.ENOENT},
		{"unlink of the other name", f.Unlink(at, "a/g"), nil},
		{"unlink of root's", f.Unlink(at, "/etc/passwd"), errno.EACCES},
		{"chmod of root's", f.Chmod(at, "/etc/passwd", 0o777, 0), errno.EPERM},
		{"chown to oneself", f.Chown(at, "a", UID, GID, 0), nil},
		{"chown to root", f.Chown(at, "a", 0, 0, 0), errno.EPERM},
		{"truncate of a directory", f.Truncate("a", 0), errno.EISDIR},
		{"chdir", f.Chdir("a"), nil},
		{"unlink of the link", f.Unlink(at, "b"), nil},
		{"rmdir of the working directory", f.Rmdir(at, "../a"), nil},
		{"mkdir in the removed one", f.Mkdir(at, "x", 0o777), errno.ENOENT},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if _, err := f.Getcwd(); err != errno.ENOENT {
		t.Errorf("getcwd of a removed directory: %v", err)
	}
}

func TestOpen(t *testing.T) {
	f := newTest(t)
	f.Mkdir(AT_FDCWD, "d", 0o755)
	f.Symlink("f", AT_FDCWD, "l")
	f.Symlink("new", AT_FDCWD, "dangling")
	write(t, f, "f", "abc")
	f.Chmod(AT_FDCWD, "f", 0o444, 0)
	for _, c := range []struct {
		path  string
		flags uint32
		err   error
	}{
		{"f", O_RDONLY, nil},
		{"f", O_RDWR, errno.EACCES},
		{"f", O_RDONLY | O_TRUNC, errno.EACCES},
		{"f", O_CREAT | O_EXCL, errno.EEXIST},
		{"l", O_CREAT | O_EXCL, errno.EEXIST},
		{"l", O_NOFOLLOW, errno.ELOOP},
		{"l", O_NOFOLLOW | O_PATH, nil},
		{"f", O_DIRECTORY, errno.ENOTDIR},
		{"d", O_DIRECTORY, nil},
		{"d", O_WRONLY, errno.EISDIR},
		{"d", O_CREAT, errno.EISDIR},
		{"new2/", O_CREAT, errno.EISDIR},
		{"dangling", O_RDONLY, errno.ENOENT},
		{"dangling", O_CREAT | O_WRONLY, nil},
		{"new", O_RDONLY, nil},
		{"/etc/new", O_CREAT, errno.EACCES},
		{"/dev/tty", O_RDWR, errno.ENXIO},
		{"/nosuch/x", O_CREAT, errno.ENOENT},
		{"d", O_TMPFILE | O_RDWR, nil},
	} {
		fd, err := f.Open(AT_FDCWD, c.path, c.flags, 0o666, nil)
		if err != c.err {
			t.Errorf("open %s, %#o: %v, want %v", c.path, c.flags, err, c.err)
		}
		if err == nil {
			f.Close(fd)
		}
	}
}

func TestReadWriteSeek(t *testing.T) {
	f := newTest(t)
	fd := open(t, f, "f", O_CREAT|O_RDWR)
	big := bytes.Repeat([]byte("0123456789abcdef"), 3*chunkSize/16)
	if n, err := f.WriteAt(fd, big, 100); n != len(big) || err != nil {
		t.Fatal(n, err)
	}
	if got := drain(t, f, fd); got != strings.Repeat("\x00", 100)+string(big) {
		t.Errorf("read %d bytes, not what was written", len(got))
	}
	for _, c := range []struct {
		off    int64
		whence int
		want   int64
		err    error
	}{
		{5, SEEK_SET, 5, nil},
		{-5, SEEK_CUR, 0, nil},
		{-1, SEEK_CUR, 0, errno.EINVAL},
		{0, SEEK_END, 100 + int64(len(big)), nil},
		{1 << 40, SEEK_SET, 1 << 40, nil},
		{1 << 62, SEEK_CUR, 1<<62 + 1<<40, nil},
		{1 << 62, SEEK_CUR, 0, errno.EOVERFLOW},
		{0, 9, 0, errno.EINVAL},
	} {
		if got, err := f.Seek(fd, c.off, c.whence); got != c.want || err != c.err {
			t.Errorf("seek %d, %d = %d, %v; want %d, %v", c.off, c.whence, got, err, c.want, c.err)
		}
	}
	if err := f.Ftruncate(fd, 50); err != nil {
		t.Fatal(err)
	}
	f.Ftruncate(fd, 120)
	if got := read(t, f, "f"); got != strings.Repeat("\x00", 120) {
		t.Errorf("cut and grown again: %q", got)
	}
	at, _ := f.find(AT_FDCWD, "f", follow)
	if got := f.inode(at.id).data.held; got != account.Chunk+50 {
		t.Errorf("%d bytes counted, want a chunk's price and 50", got)
	}
	a := open(t, f, "f", O_WRONLY|O_APPEND)
	f.Write(a, []byte("end"))
	f.WriteAt(a, []byte("!"), 0)
	if got := read(t, f, "f"); !strings.HasSuffix(got, "\x00end!") || len(got) != 124 {
		t.Errorf("appended: %q", got)
	}
	if _, err := f.Read(a, make([]byte, 1)); err != errno.EBADF {
		t.Errorf("read of a write-only descriptor: %v", err)
	}
	f.Share(account.New(f.Held()+10, f))
	if _, err := f.WriteAt(fd, big, 0); err != errno.ENOSPC {
		t.Errorf("write beyond the limit: %v", err)
	}
}

// price returns what the objects cost, which does not depend on where in the tables they are.
func price(f *Files) int64 {
	f.heap.settle()
	return f.heap.held
}

func TestUnlinkedFileLivesUntilClosed(t *testing.T) {
	f := newTest(t)
	before := price(f)
	write(t, f, "f", "content")
	fd := open(t, f, "f", O_RDONLY)
	ino := f.fds[fd].file
	f.Unlink(AT_FDCWD, "f")
	if s, _ := f.Fstat(fd); s.Nlink != 0 {
		t.Errorf("nlink %d", s.Nlink)
	}
	if got := drain(t, f, fd); got != "content" {
		t.Errorf("read %q", got)
	}
	if s, _ := f.Readlink(AT_FDCWD, "/proc/self/fd/3"); s != "/tmp/f (deleted)" {
		t.Errorf("link %q", s)
	}
	f.Close(fd)
	if f.heap.get(ino) != nil || price(f) != before {
		t.Errorf("not released: %d bytes", price(f)-before)
	}
}

// TestDirectoryReading removes entries while a reader is half-way.
func TestDirectoryReading(t *testing.T) {
	f := newTest(t)
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		write(t, f, n, n)
	}
	fd := open(t, f, ".", O_RDONLY)
	var got []string
	list := func(max int) {
		f.ReadDir(fd, func(d Dirent) bool {
			if max == 0 {
				return false
			}
			max--
			got = append(got, d.Name)
			return true
		})
	}
	list(4)
	f.Unlink(AT_FDCWD, "a")
	f.Unlink(AT_FDCWD, "c")
	write(t, f, "f", "")
	list(100)
	if s := strings.Join(got, " "); s != ". .. a b d e f" {
		t.Errorf("read %q", s)
	}
	f.Seek(fd, 0, SEEK_SET)
	got = nil
	list(100)
	if s := strings.Join(got, " "); s != ". .. b d e f" {
		t.Errorf("read again %q", s)
	}
}

func TestDescriptors(t *testing.T) {
	f := newTest(t)
	write(t, f, "f", "0123456789")
	a := open(t, f, "f", O_RDONLY)
	b, _ := f.Dup(a, 0, false)
	c, _ := f.Dup(a, 20, true)
	if a != 3 || b != 4 || c != 20 {
		t.Fatalf("descriptors %d %d %d", a, b, c)
	}
	f.Read(a, make([]byte, 3))
	buf := make([]byte, 3)
	f.Read(b, buf)
	if string(buf) != "345" {
		t.Errorf("dup does not share the position: %q", buf)
	}
	if on, _ := f.Cloexec(c); !on {
		t.Error("F_DUPFD_CLOEXEC does not set the flag")
	}
	if _, err := f.DupTo(a, a, false, true); err != errno.EINVAL {
		t.Errorf("dup3 onto itself: %v", err)
	}
	if fd, err := f.DupTo(a, 1, false, false); fd != 1 || err != nil {
		t.Errorf("dup2: %d, %v", fd, err)
	}
	f.CloseRange(0, 1<<32-1, false)
	if f.Close(a) != errno.EBADF || len(f.Descriptors()) != 0 {
		t.Error("close_range leaves descriptors")
	}
}

func TestPipe(t *testing.T) {
	f := newTest(t)
	r, w, _ := f.Pipe(O_NONBLOCK)
	full := make([]byte, pipeSize)
	check := func(name string, n int, err error, wantN int, want error) {
		t.Helper()
		if n != wantN || err != want {
			t.Errorf("%s: %d, %v; want %d, %v", name, n, err, wantN, want)
		}
	}
	n, err := f.Read(r, full)
	check("read of an empty one", n, err, 0, errno.EAGAIN)
	n, err = f.Write(w, full[:pipeSize-10])
	check("write", n, err, pipeSize-10, nil)
	n, err = f.Write(w, full[:11])
	check("small write that does not fit", n, err, 0, errno.EAGAIN)
	n, err = f.Write(w, full[:PIPE_BUF+1])
	check("large write fits in part", n, err, 10, nil)
	f.SetFlags(w, 0)
	n, err = f.Write(w, full)
	check("blocking write", n, err, 0, Wait{ID: look[openFile](&f.heap, f.fds[w].file).obj})
	n, err = f.Read(r, full)
	check("read", n, err, pipeSize, nil)
	f.Write(w, []byte("last"))
	f.Close(w)
	n, err = f.Read(r, full)
	check("read what was left", n, err, 4, nil)
	n, err = f.Read(r, full)
	check("read the end", n, err, 0, nil)
	r, w, _ = f.Pipe(0)
	f.Close(r)
	n, err = f.Write(w, full)
	check("write without a reader", n, err, 0, errno.EPIPE)
}

func TestFIFO(t *testing.T) {
	f := newTest(t)
	f.Mknod(AT_FDCWD, "fifo", S_IFIFO|0o666)
	if _, err := f.Open(AT_FDCWD, "fifo", O_WRONLY|O_NONBLOCK, 0, nil); err != errno.ENXIO {
		t.Errorf("writer alone: %v", err)
	}
	_, err := f.Open(AT_FDCWD, "fifo", O_RDONLY, 0, nil)
	if !errors.As(err, new(Wait)) {
		t.Fatalf("reader alone: %v", err)
	}
	w := open(t, f, "fifo", O_WRONLY)
	f.Write(w, []byte("hi"))
	f.Close(w)
	r := open(t, f, "fifo", O_RDONLY) // the one that waited
	if got := drain(t, f, r); got != "hi" {
		t.Errorf("read %q", got)
	}
}

// TestEmission replays from a clone: what has been written is not written again, what has been read is read again.
func TestEmission(t *testing.T) {
	var out, bad bytes.Buffer
	f, err := New(Config{PID: 1}, NewOutside(io.MultiReader(strings.NewReader("one"), strings.NewReader("two")), &out, &bad))
	if err != nil {
		t.Fatal(err)
	}
	run := func(f *Files) string {
		in := drain(t, f, 0)
		f.Write(1, []byte(in[:2]))
		f.Write(1, []byte(in[2:]))
		f.Write(2, []byte("!"))
		return in
	}
	start := f.Clone()
	half := f.Clone()
	half.Read(0, make([]byte, 2))
	half.Write(1, []byte("o"))
	for range 3 {
		g := start.Clone()
		if got := run(g); got != "onetwo" {
			t.Errorf("read %q", got)
		}
		g.Write(1, []byte("."))
	}
	if out.String() != "onetwo." || bad.String() != "!" {
		t.Errorf("stdout %q, stderr %q", &out, &bad)
	}
}
