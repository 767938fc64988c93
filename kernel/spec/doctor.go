package spec

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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
	well := true
	for _, f := range append(installed(binary), jupyter(), loopback(), toolchain()) {
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

// installed looks at the specifications in all of Jupyter's folders; the first one wins.
func installed(binary string) (list []finding) {
	dirs := dataDirs()
	for _, dir := range slices.Compact(dirs) {
		file := filepath.Join(dir, "kernels", Name, "kernel.json")
		text, err := os.ReadFile(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			list = append(list, finding{false, err.Error(), "make the file readable, or run rt0 kernel install again"})
			continue
		}
		list = append(list, checkSpec(file, text, binary))
	}
	if len(list) == 0 {
		return []finding{{false, fmt.Sprintf("the kernel is installed in none of %v", dirs), "run rt0 kernel install"}}
	}
	return list
}

func checkSpec(file string, text []byte, binary string) finding {
	var k kernelJSON
	if err := json.Unmarshal(text, &k); err != nil || len(k.Argv) == 0 {
		return finding{false, fmt.Sprintf("%s is damaged (%v)", file, err), "run rt0 kernel install again"}
	}
	info, err := os.Stat(k.Argv[0])
	switch {
	case err != nil:
		return finding{false, fmt.Sprintf("%s starts %s, which is not there", file, k.Argv[0]), "rt0 was moved: run rt0 kernel install again"}
	case info.IsDir() || info.Mode()&0o111 == 0 && os.PathSeparator == '/':
		return finding{false, fmt.Sprintf("%s starts %s, which cannot be executed", file, k.Argv[0]), "chmod +x " + k.Argv[0]}
	case k.Argv[0] != binary:
		return finding{true, fmt.Sprintf("%s starts another rt0, %s", file, k.Argv[0]), ""}
	}
	return finding{true, file, ""}
}

// jupyter asks Jupyter itself whether it sees the kernel.
func jupyter() finding {
	path, err := exec.LookPath("jupyter")
	if err != nil {
		return finding{false, "no command jupyter in PATH", "install Jupyter (pip install jupyterlab, or your system's jupyter-notebook), or activate its environment"}
	}
	out, err := exec.Command(path, "kernelspec", "list", "--json").Output()
	if err != nil {
		return finding{false, fmt.Sprintf("%s kernelspec list: %v", path, err), "install jupyter_client where that jupyter looks for it"}
	}
	var list struct {
		Specs map[string]struct {
			Dir string `json:"resource_dir"`
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		return finding{false, fmt.Sprintf("%s kernelspec list does not answer in JSON: %v", path, err), "install a newer jupyter_client"}
	}
	k, ok := list.Specs[Name]
	if !ok {
		return finding{false, path + " does not see the kernel", "that Jupyter looks in other folders (jupyter --paths): run rt0 kernel install -sys-prefix, or -prefix with its prefix"}
	}
	return finding{true, fmt.Sprintf("%s sees the kernel in %s", path, k.Dir), ""}
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
