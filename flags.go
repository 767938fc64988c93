package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/bytesize"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons"
)

// defaultCPUs is how many processors a guest has: enough for idle Ps to be seen.
const defaultCPUs = 4

// defaultEnv is the guest's environment.
var defaultEnv, _ = lessons.Environment()

// seedFlag is -seed, of all commands that run a machine.
func seedFlag() cli.Flag {
	return &cli.Uint64Flag{Name: "seed", Usage: "`N` what all chance in the guest comes from: the same N, the same run"}
}

// environment returns defaultEnv with the KEY=VALUE pairs of -env put in.
func environment(pairs []string) ([]string, error) {
	env, err := lessons.Environment(pairs...)
	if err != nil {
		return nil, fmt.Errorf("-env %w", err)
	}
	return env, nil
}

// parseSize reads a size in bytes such as 256M.
func parseSize(s string) (uint64, error) { return bytesize.Parse(s) }

// parseMount reads HOSTDIR=GUESTDIR[:rw].
func parseMount(s string) (emulator.Mount, error) {
	host, guest, ok := strings.Cut(s, "=")
	guest, writable := strings.CutSuffix(guest, ":rw")
	if !ok || host == "" || !path.IsAbs(guest) {
		return emulator.Mount{}, fmt.Errorf("-mount %s: want HOSTDIR=GUESTDIR[:rw] with an absolute GUESTDIR", s)
	}
	host, err := filepath.Abs(host)
	if err != nil {
		return emulator.Mount{}, fmt.Errorf("-mount %s: %w", s, err)
	}
	if info, err := os.Stat(host); err != nil {
		return emulator.Mount{}, fmt.Errorf("-mount %s: %w; give a folder that exists", s, err)
	} else if !info.IsDir() {
		return emulator.Mount{}, fmt.Errorf("-mount %s: %s is not a folder; give the one that holds it", s, host)
	}
	return emulator.Mount{Host: host, Guest: path.Clean(guest), Writable: writable}, nil
}

// workingDir is the guest's working directory: that of rt0 where a mount shows it to the guest, else the root.
func workingDir(hostDir string, mounts []emulator.Mount) string {
	if dir, ok := shownAt(hostDir, mounts); ok {
		return dir
	}
	return "/"
}

// programPath is where the guest sees the program: the file itself where a mount shows it, else where it would lie had it been
// installed. Programs find the files that belong to them by it (os.Executable), as go finds GOROOT.
func programPath(p *program.Program, mounts []emulator.Mount) string {
	if p.Host != "" {
		if at, ok := shownAt(p.Host, mounts); ok {
			return at
		}
	}
	return p.Path
}

// shownAt returns where the mounts show a file of the host to the guest, the mount with the longest path counting.
func shownAt(host string, mounts []emulator.Mount) (guest string, ok bool) {
	longest := -1
	for _, m := range mounts {
		dir := m.Host
		if real, err := filepath.EvalSymlinks(dir); err == nil && !within(dir, host) {
			dir = real // host may have its links resolved
		}
		if !within(dir, host) || len(m.Host) <= longest {
			continue
		}
		rel, err := filepath.Rel(dir, host)
		if err != nil {
			continue
		}
		guest, longest = path.Join(m.Guest, filepath.ToSlash(rel)), len(m.Host)
	}
	return guest, longest >= 0
}

// within says whether a file lies in the folder.
func within(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}

// parseCPUs reads a list of CPU counts such as 1,2,8.
func parseCPUs(s string) ([]int, error) {
	var list []int
	for _, field := range strings.Split(s, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("-cpus %s: want numbers such as 4 or 1,2,8", s)
		}
		list = append(list, n)
	}
	return list, nil
}
