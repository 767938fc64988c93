package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKernelInstall installs the kernel in each of the places, twice, and takes it away.
func TestKernelInstall(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("JUPYTER_DATA_DIR", filepath.Join(dir, "data"))
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "venv"))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		flags []string
		data  string
	}{
		{nil, "data"},
		{[]string{"-user"}, "data"},
		{[]string{"-prefix", filepath.Join(dir, "opt")}, "opt/share/jupyter"},
		{[]string{"-sys-prefix"}, "venv/share/jupyter"},
	} {
		folder := filepath.Join(dir, k.data, "kernels", "rt0")
		for range 2 {
			out, errs, status := rt0(t, append([]string{"kernel", "install"}, k.flags...)...)
			if status != 0 || out != folder+"\n" {
				t.Fatalf("install %v: status %d, %q %q, want %s", k.flags, status, out, errs, folder)
			}
		}
		if text, err := os.ReadFile(filepath.Join(folder, "kernel.json")); err != nil || !strings.Contains(string(text), `"`+self+`"`) {
			t.Errorf("install %v: %v\n%s", k.flags, err, text)
		}
		if out, errs, status := rt0(t, append([]string{"kernel", "uninstall"}, k.flags...)...); status != 0 {
			t.Errorf("uninstall %v: status %d, %q %q", k.flags, status, out, errs)
		}
		if _, err := os.Stat(folder); !os.IsNotExist(err) {
			t.Errorf("uninstall %v leaves %s: %v", k.flags, folder, err)
		}
		if _, errs, status := rt0(t, append([]string{"kernel", "uninstall"}, k.flags...)...); status == 0 || !strings.Contains(errs, "rt0 kernel doctor") {
			t.Errorf("uninstall %v again: status %d, %q", k.flags, status, errs)
		}
	}
	if _, errs, status := rt0(t, "kernel", "install", "-user", "-sys-prefix"); status == 0 || !strings.Contains(errs, "want only one of") {
		t.Errorf("two places: status %d, %q", status, errs)
	}
	if _, errs, status := rt0(t, "kernel", "install", "-prefix", filepath.Join("/dev", "null")); status == 0 || strings.Count(errs, "\n") != 1 {
		t.Errorf("a place that cannot be: status %d, %q", status, errs)
	}
}

// TestKernelWithoutKey starts kernels that anybody in the network could use: they refuse in a line, before they listen.
func TestKernelWithoutKey(t *testing.T) {
	for _, ip := range []string{"0.0.0.0", "*", "::", ""} {
		file := filepath.Join(t.TempDir(), "kernel.json")
		text := `{"transport": "tcp", "ip": "` + ip + `", "shell_port": 0, "control_port": 0, "iopub_port": 0, "stdin_port": 0, "hb_port": 0, "key": "", "signature_scheme": "hmac-sha256"}`
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, errs, status := rt0(t, "kernel", "run", file)
		if status != 125 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "set key, or set ip to 127.0.0.1") {
			t.Errorf("ip %q: status %d, %q", ip, status, errs)
		}
	}
}

// TestKernelOfNoConnection starts kernels with files that tell of no connection, or not all of it.
func TestKernelOfNoConnection(t *testing.T) {
	for text, want := range map[string]string{
		"{}":                      ": missing fields: shell_port, ",
		"":                        ": no JSON object: ",
		`{"transport":"tcp"}`:     ": missing fields: shell_port, ",
		"package main // %lesson": ": no JSON object: ",
	} {
		file := filepath.Join(t.TempDir(), "kernel.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, errs, status := rt0(t, "kernel", "run", file)
		if status != 125 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, file+want) {
			t.Errorf("%q: status %d, %q", text, status, errs)
		}
	}
}
