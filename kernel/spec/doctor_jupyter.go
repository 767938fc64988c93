package spec

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// jupyter is what the command jupyter says of itself.
type jupyter struct {
	command string   // its path, "" if there is none in PATH
	data    []string // folders of data, in the order in which it looks
	sees    string   // the folder in which it sees the kernel, "" if it does not
	err     *finding // why it does not answer
}

// askJupyter asks Jupyter itself, as other folders and other Pythons than one expects may be in play.
func askJupyter() (j jupyter) {
	path, err := exec.LookPath("jupyter")
	if err != nil {
		j.err = &finding{false, "no command jupyter in PATH", "install Jupyter (pip install jupyterlab, or your system's jupyter-notebook), or activate its environment"}
		return j
	}
	j.command = path
	var paths struct {
		Data []string `json:"data"`
	}
	if j.err = ask(path, &paths, "install a newer jupyter_core", "--paths", "--json"); j.err != nil {
		return j
	}
	j.data = paths.Data
	var list struct {
		Specs map[string]struct {
			Dir string `json:"resource_dir"`
		} `json:"kernelspecs"`
	}
	j.err = ask(path, &list, "install jupyter_client where that jupyter looks for it (Debian: jupyter-client)", "kernelspec", "list", "--json")
	j.sees = list.Specs[Name].Dir
	return j
}

// ask runs jupyter and reads its answer; what keeps it from answering is a finding.
func ask(path string, answer any, do string, args ...string) *finding {
	question := path + " " + strings.Join(args, " ")
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		return &finding{false, fmt.Sprintf("%s: %v%s", question, err, lastWords(err)), do}
	}
	if err := json.Unmarshal(out, answer); err != nil {
		return &finding{false, fmt.Sprintf("%s does not answer in JSON: %v", question, err), do}
	}
	return nil
}

// lastWords returns the last line that a failed command wrote on its standard error.
func lastWords(err error) string {
	exit, ok := err.(*exec.ExitError)
	if !ok {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(exit.Stderr)), "\n")
	if last := lines[len(lines)-1]; last != "" {
		return ": " + last
	}
	return ""
}

func (j jupyter) findings() (list []finding) {
	switch {
	case j.err != nil:
		list = append(list, *j.err)
	case j.sees == "":
		list = append(list, finding{false, j.command + " does not see the kernel", j.advice()})
	default:
		list = append(list, finding{true, fmt.Sprintf("%s sees the kernel in %s", j.command, j.sees), ""})
	}
	if other, ok := j.otherPython(); ok {
		// What is installed for that Python alone is for nobody; while Jupyter sees the kernel it does no harm.
		list = append(list, finding{j.sees != "", other, "activate the environment in which Jupyter is, or put its bin folder first in PATH; or " + j.advice()})
	}
	return list
}

// advice says how to install where this Jupyter looks.
func (j jupyter) advice() string {
	for i := len(j.data) - 1; i >= 0; i-- { // the last are the system's, which every user has
		prefix, ok := strings.CutSuffix(j.data[i], filepath.Join("share", "jupyter"))
		if ok && writable(j.data[i]) && !strings.Contains(prefix, string(filepath.Separator)+".") {
			return "run rt0 kernel install -prefix " + filepath.Clean(prefix)
		}
	}
	return "run rt0 kernel install"
}

// writable says whether a file can be made in a folder, or in the nearest one above it that exists.
func writable(dir string) bool {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".rt0-")
	if err != nil {
		return false
	}
	f.Close()
	os.Remove(f.Name())
	return true
}

// otherPython says whether the Python environment that is active, or first in PATH, is not the one of the command jupyter.
func (j jupyter) otherPython() (string, bool) {
	prefix, err := SysPrefix()
	if err != nil || len(j.data) == 0 || slices.Contains(j.data, PrefixDir(prefix)) {
		return "", false
	}
	return fmt.Sprintf("%s does not belong to the Python of %s, which comes first", j.command, prefix), true
}
