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

// workingDir is the guest's working directory: that of rt0 where a mount shows it to the guest, the longest path counting,
// else the root.
func workingDir(hostDir string, mounts []emulator.Mount) string {
	dir, longest := "/", -1
	for _, m := range mounts {
		rel, err := filepath.Rel(m.Host, hostDir)
		if err != nil || !filepath.IsLocal(rel) || len(m.Host) <= longest {
			continue
		}
		dir, longest = path.Join(m.Guest, filepath.ToSlash(rel)), len(m.Host)
	}
	return dir
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
