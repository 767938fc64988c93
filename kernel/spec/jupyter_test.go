package spec_test

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
)

// python is the interpreter for which Debian's Jupyter is installed; another one in PATH may lack it.
const python = "/usr/bin/python3"

// jupyter installs a kernel from this source in folders of its own and returns the environment that sees nothing else.
func jupyter(t *testing.T) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("Debian's Jupyter is what this test is written for")
	}
	if out, err := exec.Command(python, "-c", "import jupyter_client, jupyter_kernel_test, nbclient, nbconvert").CombinedOutput(); err != nil {
		t.Skipf("no Jupyter: make tools installs it (%v: %s)", err, out)
	}
	dir := t.TempDir()
	env := os.Environ()
	for _, name := range []string{"JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "XDG_DATA_HOME"} {
		env = append(env, name+"="+filepath.Join(dir, strings.ToLower(name)))
	}
	binary := filepath.Join(dir, "rt0")
	if out, err := exec.Command("go", "build", "-o", binary, "../..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for range 2 { // installing is idempotent
		install := exec.Command(binary, "kernel", "install", "-user")
		install.Env = env
		if out, err := install.CombinedOutput(); err != nil {
			t.Fatalf("install: %v\n%s", err, out)
		}
	}
	doctor := exec.Command(binary, "kernel", "doctor")
	doctor.Env = append(env, "PATH=/usr/bin:"+os.Getenv("PATH"))
	if out, err := doctor.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("sees the kernel in "+dir)) {
		t.Fatalf("doctor: %v\n%s", err, out)
	}
	return env
}

// TestSuite runs all of jupyter_kernel_test, and our own tests through Jupyter's client.
func TestSuite(t *testing.T) {
	env := jupyter(t)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute) // some of its waits have no end
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "testdata/suite.py")
	cmd.Env = env
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if bytes.Contains(out, []byte("skipped")) {
		t.Errorf("a test of the suite was skipped: a sample is missing\n%s", out)
	}
}
