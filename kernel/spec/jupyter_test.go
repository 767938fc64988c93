package spec_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/rt0lab/rt0/internal/jupyter"
	"github.com/rt0lab/rt0/internal/patience"
)

// place returns a home for Jupyter that lacks nothing, with the kernel installed.
func place(t *testing.T, needed ...string) *jupyter.Place {
	t.Helper()
	if err := jupyter.Missing(append(needed, "jupyter_client")...); err != nil {
		t.Skip(err)
	}
	p, err := jupyter.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSuite runs all of jupyter_kernel_test, and our own tests through Jupyter's client.
func TestSuite(t *testing.T) {
	p := place(t, "jupyter_kernel_test")
	if out, err := p.Run(patience.Limit, jupyter.Python, "testdata/suite.py"); err != nil { // some of its waits have no end
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestJupyterSees installs the kernel twice, and lets Jupyter and the doctor look for it.
func TestJupyterSees(t *testing.T) {
	p := place(t, "/usr/bin/jupyter", "/usr/bin/jupyter-kernelspec")
	if out, err := p.Run(patience.Limit, p.Binary, "kernel", "install"); err != nil {
		t.Fatalf("install again: %v\n%s", err, out)
	}
	out, err := p.Output(patience.Limit, "/usr/bin/jupyter", "kernelspec", "list", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Specs map[string]struct {
			Spec struct {
				Argv      []string
				Language  string
				Interrupt string `json:"interrupt_mode"`
			}
		} `json:"kernelspecs"`
	}
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatal(err)
	}
	if s := list.Specs["rt0"].Spec; len(s.Argv) != 4 || s.Argv[0] != p.Binary || s.Language != "go" || s.Interrupt != "message" {
		t.Errorf("jupyter sees %s", out)
	}
	if out, err := p.Run(patience.Limit, p.Binary, "kernel", "doctor"); err != nil || !bytes.Contains(out, []byte("sees the kernel in "+p.Dir)) {
		t.Errorf("doctor: %v\n%s", err, out)
	}
	venv := filepath.Join(p.Dir, "venv") // an environment without a Jupyter of its own
	p.Set("VIRTUAL_ENV", venv)
	if out, err := p.Run(patience.Limit, p.Binary, "kernel", "install", "-sys-prefix"); err != nil {
		t.Errorf("install -sys-prefix: %v\n%s", err, out)
	}
	hidden := filepath.Join(venv, "share", "jupyter", "kernels", "rt0", "kernel.json") + " is where /usr/bin/jupyter does not look"
	if out, err := p.Run(patience.Limit, p.Binary, "kernel", "doctor"); err == nil || !bytes.Contains(out, []byte(hidden)) {
		t.Errorf("doctor: %v\n%s", err, out)
	}
	if out, err := p.Run(patience.Limit, p.Binary, "kernel", "uninstall"); err != nil {
		t.Errorf("uninstall: %v\n%s", err, out)
	}
	if out, err := p.Output(patience.Limit, "/usr/bin/jupyter", "kernelspec", "list"); err != nil || bytes.Contains(out, []byte("rt0")) {
		t.Errorf("after uninstall: %v\n%s", err, out)
	}
}
