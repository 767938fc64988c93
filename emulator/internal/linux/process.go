package linux

import "path"

// process is what belongs to the process as a whole and fits nowhere else.
type process struct {
	path string // what /proc/self/exe names
	args []string
	env  []string

	umask  uint32
	limits [numLimits]rlimit
}

// UID is the guest's user and group ID: an ordinary user's, because programs behave differently as root.
const UID = 1000

func newProcess(cfg *Config) process {
	return process{path: cfg.Path, args: cfg.Args, env: cfg.Env, umask: 0o022, limits: defaultLimits}
}

// comm returns the name that a task gets from its program's path: the base name, cut to 15 bytes (TASK_COMM_LEN).
func comm(p string) string {
	p = path.Base(p)
	return p[:min(len(p), 15)]
}
