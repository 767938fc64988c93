package spec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A finding is the answer to one of the doctor's questions.
type finding struct {
	ok   bool
	text string
	do   string // what to do if not ok
}

// Doctor writes what may keep Jupyter from showing or starting the kernel, and returns whether all is well. binary is the
// rt0 that asks.
func Doctor(w io.Writer, binary string) bool {
	j := askJupyter()
	well := true
	for _, f := range slices.Concat(installed(binary, j), j.findings(), []finding{loopback(), toolchain()}) {
		mark := "ok  "
		if !f.ok {
			mark, well = "FAIL", false
		}
		fmt.Fprintf(w, "%s  %s\n", mark, f.text)
		if !f.ok {
			fmt.Fprintf(w, "      → %s\n", f.do)
		}
	}
	return well
}

// installed looks at the specifications in all folders of data that we know of or that Jupyter names. The first counts.
func installed(binary string, j jupyter) (list []finding) {
	var dirs []string
	for _, dir := range slices.Concat(j.data, dataDirs()) {
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	first := ""
	for _, dir := range dirs {
		file := filepath.Join(dir, "kernels", Name, "kernel.json")
		text, err := os.ReadFile(file)
		switch {
		case errors.Is(err, os.ErrNotExist):
			continue
		case len(j.data) > 0 && !slices.Contains(j.data, dir):
			list = append(list, finding{false, fmt.Sprintf("%s is where %s does not look: it looks in %s", file, j.command, strings.Join(j.data, ", ")), j.advice()})
			continue
		case err != nil:
			list = append(list, finding{false, err.Error(), "make the file readable, or run rt0 kernel install again"})
		case first != "":
			list = append(list, finding{true, fmt.Sprintf("%s is hidden by %s", file, first), ""})
			continue
		default:
			list = append(list, checkSpec(file, text, binary))
		}
		first = file
	}
	if len(list) == 0 {
		return []finding{{false, "the kernel is installed in none of " + strings.Join(dirs, ", "), "run rt0 kernel install"}}
	}
	return list
}

// checkSpec reads a specification as Jupyter does, and starts what it starts.
func checkSpec(file string, text []byte, binary string) finding {
	again := "run rt0 kernel install again"
	var k kernelJSON
	if err := json.Unmarshal(text, &k); err != nil {
		return finding{false, fmt.Sprintf("%s is damaged: %v", file, err), again}
	}
	if !slices.Contains(k.Argv, "{connection_file}") {
		return finding{false, file + " is damaged: argv has no {connection_file}", again}
	}
	start := k.Argv[0]
	info, err := os.Stat(start)
	switch {
	case err != nil:
		return finding{false, fmt.Sprintf("%s starts %s, which is not there", file, start), "rt0 was moved: " + again}
	case info.IsDir() || info.Mode()&0o111 == 0 && os.PathSeparator == '/':
		return finding{false, fmt.Sprintf("%s starts %s, which cannot be executed", file, start), "chmod +x " + start}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, start, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "rt0 ") {
		return finding{false, fmt.Sprintf("%s starts %s, which does not answer as rt0 (%v)", file, start, err), "it may be of another system, or on a disk mounted noexec: " + again + " with an rt0 that runs"}
	}
	if start != binary {
		return finding{true, fmt.Sprintf("%s starts another rt0, %s", file, start), ""}
	}
	return finding{true, file, ""}
}

// loopback opens a port as a kernel does.
func loopback() finding {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return finding{false, fmt.Sprintf("no port can be opened on 127.0.0.1: %v", err), "allow rt0 to listen on the loopback interface, or use Jupyter with --transport=ipc"}
	}
	l.Close()
	return finding{true, "ports can be opened on 127.0.0.1", ""}
}

// toolchain looks for the go command, without which only ELF files can be booted.
func toolchain() finding {
	path, err := exec.LookPath("go")
	if err != nil {
		return finding{false, "no command go in PATH: %boot and %%boot cannot build programs", "install Go (go.dev/dl), and start Jupyter with it in PATH"}
	}
	return finding{true, path, ""}
}
