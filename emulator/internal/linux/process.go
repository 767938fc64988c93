package linux

import (
	"math"
	"path"

	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// process is what belongs to the process as a whole and fits nowhere else.
type process struct {
	path       string // what /proc/self/exe names
	args       []string
	env        []string
	limits     [numLimits]rlimit
	umask      uint32
	dumpable   bool
	noNewPrivs bool
	// personality is what the call of that name has set.
	personality uint32
	exitCode    int // what the first thread's exit said
}

// unlimited is RLIM_INFINITY.
const unlimited = math.MaxUint64

// An rlimit is a soft and a hard limit.
type rlimit struct{ soft, hard uint64 }

// Resources of setrlimit (include/uapi/asm-generic/resource.h).
const (
	rlimitCPU = iota
	rlimitFSize
	rlimitData
	rlimitStack
	rlimitCore
	rlimitRSS
	rlimitNProc
	rlimitNoFile
	rlimitMemlock
	rlimitAS
	rlimitLocks
	rlimitSigpending
	rlimitMsgqueue
	rlimitNice
	rlimitRTPrio
	rlimitRTTime
	numLimits
)

// StackSize is the size in bytes of the main thread's stack: RLIMIT_STACK.
const StackSize = 8 << 20

// maxPending is how many siginfos may wait for the user's processes, those that timers have reserved included.
const maxPending = 1 << 15

func newProcess(cfg *Config) process {
	p := process{path: cfg.Path, args: cfg.Args, env: cfg.Env, umask: 0o022, dumpable: true}
	for i := range p.limits {
		p.limits[i] = rlimit{unlimited, unlimited}
	}
	// Where Linux has a finite limit by default (include/asm-generic/resource.h).
	p.limits[rlimitStack].soft = StackSize
	p.limits[rlimitCore].soft = 0
	p.limits[rlimitNProc] = rlimit{maxThreads, maxThreads}
	p.limits[rlimitNoFile] = rlimit{1024, 1 << 20}
	p.limits[rlimitMemlock] = rlimit{8 << 20, 8 << 20}
	p.limits[rlimitSigpending] = rlimit{maxPending, maxPending}
	p.limits[rlimitMsgqueue] = rlimit{819200, 819200}
	p.limits[rlimitNice] = rlimit{}
	p.limits[rlimitRTPrio] = rlimit{}
	return p
}

// comm returns the name that a task gets from its program's path: the base name, cut to 15 bytes (TASK_COMM_LEN).
func comm(p string) string {
	p = path.Base(p)
	return p[:min(len(p), 15)]
}

// The identity of the process is that of the owner of all files: see package vfs.
const (
	UID = vfs.UID
	GID = vfs.GID
)
