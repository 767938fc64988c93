package supervise

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// attributes put the cells' process into a session of its own: ^C in a terminal is not for it, and what it starts can be found.
// When the kernel dies, a process that was stopped goes on, finds the pipe closed, and ends.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGCONT}
}

// restrict makes the system refuse memory above the limit, and end this process first when there is none left.
func restrict(limit uint64) {
	os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0)
	if limit == 0 {
		return
	}
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_DATA, &r) == nil && hardLimit(limit) < r.Cur {
		r.Cur = hardLimit(limit) // writable memory: what the Go runtime only reserves does not count (getrlimit(2))
		syscall.Setrlimit(syscall.RLIMIT_DATA, &r)
	}
}

// endSession ends the processes of a session, its leader apart: commands of cells that nobody waits for.
func endSession(leader int) {
	dir, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == leader {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		// pid (comm) state ppid pgrp session … (proc_pid_stat(5)); comm may hold anything
		f := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(f) > 3 && string(f[3]) == strconv.Itoa(leader) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
