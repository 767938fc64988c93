package vfs

import (
	"fmt"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// audit adds up the prices of all objects anew, which is what the heap must have counted step by step.
func audit(t *testing.T, f *Files) {
	t.Helper()
	f.heap.settle()
	var sum int64
	used, inFlight := 0, 0
	for _, l := range f.heap.leaves {
		if l == nil {
			continue
		}
		used++
		for _, o := range l.objs {
			if o == nil {
				continue
			}
			sum += o.price()
			if s, ok := o.(*socket); ok {
				for _, m := range s.messages {
					inFlight += len(m.files)
				}
				for _, r := range s.rights {
					inFlight += len(r.files)
				}
			}
			if n, ok := o.(*inode); ok {
				var held int64
				for _, k := range n.data.chunks {
					if k.epoch != 0 {
						held += account.Chunk + int64(len(k.data))
					}
				}
				names := 0
				if n.dir != nil {
					for _, e := range n.dir.entries {
						names += len(e.name)
					}
				}
				if held != n.data.held || n.dir != nil && names != n.dir.names {
					t.Errorf("a file's chunks cost %d and its names %d bytes, counted %d", held, names, n.data.held)
				}
			}
		}
	}
	if sum != f.heap.held || used != f.heap.used {
		t.Errorf("the objects cost %d in %d leaves, counted %d in %d", sum, used, f.heap.held, f.heap.used)
	}
	if inFlight != f.inFlight {
		t.Errorf("%d descriptors are in flight, counted %d", inFlight, f.inFlight)
	}
}

// TestAccount makes objects of each kind until the account is full: the guest gets the error that Linux has for it, and
// when it gives everything back nothing is left but the tables. A copy made half-way goes on with the same account.
func TestAccount(t *testing.T) {
	const limit = 1 << 20
	some := make([]byte, 3000)
	sockets := func(f *Files, typ int) (a, b int) { a, b, _ = f.Socketpair(AF_UNIX, typ|SOCK_NONBLOCK, 0); return a, b }
	fill := func(f *Files, typ int) error { // one socket of a new pair
		a, _ := sockets(f, typ)
		for {
			if _, err := f.Write(a, some); err != nil {
				if err == errno.EAGAIN {
					err = nil
				}
				return err
			}
		}
	}
	for _, c := range []struct {
		name string
		grow func(f *Files, i int) error
		want error
	}{
		{"files", func(f *Files, i int) error { return f.Mknod(AT_FDCWD, fmt.Sprint("f", i), S_IFREG|0o644) }, errno.ENOSPC},
		{"folders", func(f *Files, i int) error { return f.Mkdir(AT_FDCWD, fmt.Sprint("d", i), 0o755) }, errno.ENOSPC},
		{"deep folders", func(f *Files, i int) error {
			if err := f.Mkdir(AT_FDCWD, "d", 0o755); err != nil {
				return err
			}
			return f.Chdir("d")
		}, errno.ENOSPC},
		{"symlinks", func(f *Files, i int) error { return f.Symlink(string(some), AT_FDCWD, fmt.Sprint("s", i)) }, errno.ENOSPC},
		{"names", func(f *Files, i int) error { return f.Link(AT_FDCWD, "/tmp/one", AT_FDCWD, fmt.Sprint("l", i), 0) }, errno.ENOSPC},
		{"contents", func(f *Files, i int) error { _, err := f.WriteAt(3, some, int64(i)*3000); return err }, errno.ENOSPC},
		{"a byte in each chunk", func(f *Files, i int) error { _, err := f.WriteAt(3, some[:1], int64(i)*chunkSize); return err }, errno.ENOSPC},
		{"memfds", func(f *Files, i int) error {
			fd, err := f.Memfd("m", 0)
			if err == nil {
				_, err = f.Write(fd, some)
			}
			return err
		}, errno.ENOMEM},
		{"pipes", func(f *Files, i int) error {
			_, w, err := f.Pipe(O_NONBLOCK)
			if err == nil {
				f.Write(w, some)
			}
			return err
		}, errno.ENFILE},
		{"bytes in pipes", func(f *Files, i int) error {
			_, w, err := f.Pipe(O_NONBLOCK)
			if err == nil {
				_, err = f.Write(w, make([]byte, 60_000))
			}
			return err
		}, errno.ENOMEM},
		{"sockets", func(f *Files, i int) error { _, err := f.Socket(AF_INET, SOCK_DGRAM, 0); return err }, errno.ENOBUFS},
		{"datagrams", func(f *Files, i int) error { return fill(f, SOCK_DGRAM) }, errno.ENOBUFS},
		{"streams", func(f *Files, i int) error { return fill(f, SOCK_STREAM) }, errno.ENOBUFS},
		{"descriptors in flight", func(f *Files, i int) error {
			a, b := sockets(f, SOCK_STREAM)
			if a < 0 || b < 0 {
				return errno.ENOBUFS
			}
			fd, err := f.Eventfd(0, 0)
			if err == nil {
				_, err = f.Send(a, Message{Data: some[:1], Files: []int{fd, a, b}}, 0)
				f.Close(fd)
			}
			return err
		}, errno.ENOMEM},
		{"eventfds", func(f *Files, i int) error { _, err := f.Eventfd(0, 0); return err }, errno.ENOMEM},
		{"timerfds", func(f *Files, i int) error { _, err := f.Timerfd(CLOCK_MONOTONIC, 0); return err }, errno.ENOMEM},
		{"epoll sets", func(f *Files, i int) error { _, err := f.EpollCreate(0); return err }, errno.ENOMEM},
		{"interests", func(f *Files, i int) error {
			ep, err := f.EpollCreate(0)
			if err == nil {
				err = f.EpollCtl(ep, EPOLL_CTL_ADD, 4, EPOLLIN, 0)
			}
			return err
		}, errno.ENOMEM},
		{"open files", func(f *Files, i int) error { _, err := f.Open(AT_FDCWD, "/tmp/one", O_RDONLY, 0, nil); return err }, errno.ENFILE},
		{"descriptors", func(f *Files, i int) error { _, err := f.Dup(3, 0, false); return err }, errno.ENOMEM},
		{"a far descriptor", func(f *Files, i int) error { _, err := f.DupTo(3, MaxFDs-1, false, false); return err }, errno.ENOMEM},
		{"names of sockets", func(f *Files, i int) error {
			fd, err := f.Socket(AF_UNIX, SOCK_DGRAM, 0)
			if err == nil {
				err = f.Bind(fd, Addr{Family: AF_UNIX})
			}
			return err
		}, errno.ENOBUFS},
		{"answers of netlink", func(f *Files, i int) error {
			fd, err := f.Socket(AF_NETLINK, SOCK_RAW|SOCK_NONBLOCK, 0)
			if err == nil {
				_, err = f.Write(fd, make([]byte, netlinkHeader+16))
			}
			return err
		}, errno.ENOBUFS},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newTest(t)
			f.SetMaxFDs(MaxFDs)
			write(t, f, "one", "1")
			open(t, f, "one", O_RDWR)
			f.Eventfd(0, 0) // 4
			start, tree := f.Held(), price(f)
			f.Share(account.New(start+limit, f))
			var half, end *Files
			i, err := 0, error(nil)
			for ; err == nil && i < 1<<20; i++ {
				if i == 8 {
					half = f.Clone()
				}
				err = c.grow(f, i)
			}
			if err != c.want {
				t.Fatalf("after %d: %v, want %v", i, err, c.want)
			}
			if held := f.Held() - start; held > limit {
				t.Errorf("the account holds %d, the limit is %d", held, limit)
			}
			audit(t, f)
			if half != nil { // again from the copy: the same error at the same place
				half.Share(account.New(start+limit, half))
				j := 8
				for err = nil; err == nil; j++ {
					err = c.grow(half, j)
				}
				if end = half; j != i || err != c.want || end.Held() != f.Held() {
					t.Errorf("from a copy %v after %d with %d, want %v after %d with %d", err, j, end.Held(), c.want, i, f.Held())
				}
				audit(t, end)
			}
			if c.name == "descriptors in flight" || c.name == "deep folders" {
				return // sockets that hold themselves, see QUIRKS; folders that only a walk empties
			}
			f.CloseRange(5, MaxFDs-1, false)
			f.Ftruncate(3, 1)
			names := []string{}
			dir := f.inode(f.cwd)
			for _, e := range dir.dir.entries {
				names = append(names, e.name)
			}
			for _, name := range names {
				if name != "one" && f.Unlink(AT_FDCWD, name) != nil {
					f.Rmdir(AT_FDCWD, name)
				}
			}
			audit(t, f)
			if left := price(f) - tree; left > 2*account.Chunk {
				t.Errorf("%d bytes are left when all is given back", left)
			}
		})
	}
}
