package emulator

import (
	"fmt"
	"io"
	"path"

	"github.com/rt0lab/rt0/emulator/internal/linux"
)

// A Config is everything on which a run depends: two machines of equal Config do the same, byte for byte.
type Config struct {
	// Program holds the ELF file. It must be statically linked, 64-bit, for amd64.
	Program []byte
	// Path is what the guest sees as the program's path (AT_EXECFN, /proc/self/exe). Default "/bin/" + base name of
	// Args[0], or "/bin/program".
	Path string
	// Args is argv, the program's name first. Default: the base name of Path alone.
	Args []string
	// Env is the environment, "KEY=value" each.
	Env []string
	// CPUs is the number of processors that the guest sees (sched_getaffinity, CPUID). 1 to 1024; default 1.
	CPUs int
	// Seed is what all chance comes from: AT_RANDOM, getrandom, /dev/urandom, turn lengths of threads.
	Seed uint64
	// MemLimit is the most that the guest may make the host hold, in bytes: mapped memory, files, pipes, sockets,
	// descriptors, threads and everything else at fixed prices, so that a guest fails at the same tick on every host.
	// Default 4 GiB.
	MemLimit uint64
	// MaxTicks is where runs stop for good with EventMaxTicks: 0, the default, is never. Besides the instructions retired it
	// counts SliceTicks for each slice, of 65,536 iterations or 1 MiB, that an instruction or system call needs beyond its
	// first, so that a guest cannot have work without end for one tick.
	MaxTicks uint64
	// Stdin is read as the guest reads; nil is empty. What was read is kept, so that a replay reads the same.
	Stdin io.Reader
	// Stdout and Stderr receive what the guest writes, once: a replay writes nothing again. nil discards.
	Stdout, Stderr io.Writer
	// Files are put into the guest's file tree, by absolute path, with mode 0644.
	Files map[string][]byte
	// Mounts make host directories visible to the guest. Nothing else of the host is.
	Mounts []Mount
	// Dir is the guest's working directory. Default "/".
	Dir string
	// CheckpointEvery is the distance in ticks between the snapshots that the machine takes by itself so that Seek is
	// quick. Default DefaultCheckpointEvery; NoCheckpoints for none but that of tick 0.
	CheckpointEvery uint64
}

// NoCheckpoints is a CheckpointEvery for runs that will not be sought in.
const NoCheckpoints = ^uint64(0)

// SliceTicks is what a slice beyond the first of an instruction or system call counts against MaxTicks.
const SliceTicks = linux.SliceTicks

// A Mount shows a host directory to the guest.
type Mount struct {
	Host, Guest string
	// Writable lets the guest change the host's files (once: a replay does not do it again).
	Writable bool
}

// Defaults of Config.
const (
	DefaultMemLimit = 4 << 30
	maxCPUs         = 1024
)

// fill puts the defaults in.
func (c *Config) fill() error {
	if c.Path == "" {
		name := "program"
		if len(c.Args) > 0 && c.Args[0] != "" {
			name = path.Base(c.Args[0])
		}
		c.Path = "/bin/" + name
	}
	if len(c.Args) == 0 {
		c.Args = []string{path.Base(c.Path)}
	}
	if c.CPUs == 0 {
		c.CPUs = 1
	}
	if c.CPUs < 1 || c.CPUs > maxCPUs {
		return fmt.Errorf("%d CPUs: give 1 to %d", c.CPUs, maxCPUs)
	}
	if c.MemLimit == 0 {
		c.MemLimit = DefaultMemLimit
	}
	if c.Dir == "" {
		c.Dir = "/"
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = DefaultCheckpointEvery
	}
	return nil
}
