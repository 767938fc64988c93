package notebooks

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/lessons/script"
)

// TestConvert executes all notebooks anew with Jupyter's nbconvert and the installed kernel. No cell may fail, and the page
// has pictures where the lesson shows any.
func TestConvert(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("it takes a minute, and Debian's Jupyter")
	}
	const python = "/usr/bin/python3" // another one in PATH may lack Debian's packages
	if out, err := exec.Command(python, "-c", "import nbclient, nbconvert").CombinedOutput(); err != nil {
		t.Skipf("no Jupyter: make tools installs it (%v: %s)", err, out)
	}
	dir := t.TempDir()
	env := os.Environ()
	for _, name := range []string{"JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "XDG_DATA_HOME"} {
		env = append(env, name+"="+filepath.Join(dir, strings.ToLower(name)))
	}
	run := func(name string, args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
	}
	binary := filepath.Join(dir, "rt0")
	run("go", "build", "-o", binary, "..")
	run(binary, "kernel", "install")
	all, err := script.All()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-m", "nbconvert", "--execute", "--to", "html", "--output-dir", dir}
	for _, l := range all {
		for _, lang := range script.Langs {
			args = append(args, File(l, lang))
		}
	}
	run(python, args...)
	for _, l := range all {
		for _, lang := range script.Langs {
			page, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(File(l, lang), ".ipynb")+".html"))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(page, []byte("<svg")) != strings.Contains(l.Source, "lab.Show(") {
				t.Errorf("%s: the page lacks the lesson's pictures, or has others", File(l, lang))
			}
		}
	}
}
