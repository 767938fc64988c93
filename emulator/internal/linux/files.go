package linux

import (
	"fmt"
	"hash"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
	"github.com/rt0lab/rt0/emulator/internal/x86"
)

// fileTable is the process's open files and everything they can lead to.
type fileTable struct {
	*vfs.Files
	err     error  // why they are not what Config asks for
	scratch []byte // for buffers under way between guest and files; not state
}

// What uname and /proc tell.
const (
	kernelRelease = "6.1.0-rt0"
	hostname      = "rt0"
)

// newFileTable returns the files of a process that has not begun. If a mount or the working directory cannot be had, err says
// so and they are left out.
func newFileTable(cfg *Config) *fileTable {
	c := vfs.Config{
		Program: cfg.Program, Path: cfg.Path, Args: cfg.Args, Env: cfg.Env, CPUs: cfg.CPUs, Seed: uint64(newRandom(cfg.Seed, filesSeed)),
		PID: PID, Release: kernelRelease, Hostname: hostname, Now: Epoch, Files: cfg.Files, Dir: cfg.Dir,
	}
	c.Processor = fmt.Sprintf("vendor_id\t: GenuineIntel\ncpu family\t: %d\nmodel\t\t: %d\nmodel name\t: %s\nstepping\t: %d\n", x86.Family, x86.Model, x86.Brand, x86.Stepping)
	c.Flags = x86.FeatureNames(cfg.CPUs)
	for _, m := range cfg.Mounts {
		c.Mounts = append(c.Mounts, vfs.Mount(m))
	}
	out := vfs.NewOutside(cfg.Stdin, cfg.Stdout, cfg.Stderr)
	f, err := vfs.New(c, out)
	if err != nil {
		c.Mounts, c.Files, c.Dir = nil, nil, ""
		f, _ = vfs.New(c, out)
	}
	return &fileTable{Files: f, err: err}
}

// Err returns why the kernel is not what its Config asks for: a mount or working directory that cannot be had.
func (k *Kernel) Err() error { return k.files.err }

// clone returns a copy, in a time that does not depend on how much the files hold.
func (f *fileTable) clone() *fileTable { return &fileTable{Files: f.Files.Clone(), err: f.err} }

// hashTo writes all that the guest could tell of the files into h.
func (f *fileTable) hashTo(h hash.Hash) { f.Files.HashTo(h) }

// buffer returns n bytes, good until it is called again.
func (f *fileTable) buffer(n int) []byte {
	if n > len(f.scratch) {
		f.scratch = make([]byte, max(n, 1<<16))
	}
	return f.scratch[:n]
}

// fileKeys is where the keys of vfs's objects begin, far from those that the kernel gives out itself.
const fileKeys Key = 1 << 62

// files wraps a handler that works on files: it tells them the time, wakes who waits for what the call has changed, and
// makes the thread wait if the call has to. A call that waits and is interrupted runs again if the signal's action says so.
func files(run handler) handler {
	return func(k *Kernel, t *Thread, a args) (uint64, error) {
		k.prepareFiles()
		ret, err := run(k, t, a)
		for _, id := range k.files.TakeWoken() {
			k.wakeKey(fileKeys + Key(id))
		}
		if w, ok := err.(vfs.Wait); ok {
			if t.wake == wokenBySignal {
				return 0, restartSys
			}
			return k.block(t, w.Until, fileKeys+Key(w.ID))
		}
		return ret, err
	}
}

// prepareFiles tells the files what of the process's state they depend on.
func (k *Kernel) prepareFiles() {
	k.files.SetNow(k.realtime(), k.Now())
	k.files.Umask(k.proc.umask)
	k.files.SetMaxFDs(k.proc.limits[rlimitNoFile].soft)
}

// path returns the zero-terminated path at addr.
func (k *Kernel) path(addr uint64) (string, error) { return k.loadString(addr, vfs.PATH_MAX) }

// onPath wraps a handler of a call whose argument i is a path.
func onPath(i int, run func(k *Kernel, a args, path string) error) handler {
	return files(func(k *Kernel, t *Thread, a args) (uint64, error) {
		p, err := k.path(a[i])
		if err != nil {
			return 0, err
		}
		return 0, run(k, a, p)
	})
}

// onPaths wraps a handler of a call whose arguments i and j are paths.
func onPaths(i, j int, run func(k *Kernel, a args, p, q string) error) handler {
	return onPath(i, func(k *Kernel, a args, p string) error {
		q, err := k.path(a[j])
		if err != nil {
			return err
		}
		return run(k, a, p, q)
	})
}

// simple wraps a handler that needs no thread and has no result.
func simple(run func(k *Kernel, a args) error) handler {
	return files(func(k *Kernel, t *Thread, a args) (uint64, error) { return 0, run(k, a) })
}

// newFD wraps a handler that returns a new descriptor.
func newFD(run func(k *Kernel, a args) (int, error)) handler {
	return files(func(k *Kernel, t *Thread, a args) (uint64, error) {
		fd, err := run(k, a)
		return uint64(fd), err
	})
}

// nanoseconds returns a time made of seconds and a fraction of them, of which there are unit in a second; the sum must be
// a positive number of ns.
func nanoseconds(sec, frac int64, unit int64) (int64, error) {
	if sec < 0 || frac < 0 || frac >= unit {
		return 0, errno.EINVAL
	}
	if sec > 1<<62/1_000_000_000 {
		return 1 << 62, nil
	}
	return sec*1_000_000_000 + frac*(1_000_000_000/unit), nil
}

// loadTime loads a struct timespec (unit 10⁹) or timeval (unit 10⁶) as ns.
func (k *Kernel) loadTime(addr uint64, unit int64) (int64, error) {
	var b [16]byte
	if err := k.copyIn(b[:], addr); err != nil {
		return 0, err
	}
	return nanoseconds(int64(le64(b[:])), int64(le64(b[8:])), unit)
}
