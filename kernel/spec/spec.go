// Package spec puts the kernel where Jupyter looks for kernels, takes it away, and finds out why Jupyter does not see it.
// Source of the places: https://docs.jupyter.org/en/latest/use/jupyter-directories.html
package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Name is the kernel's folder and what `jupyter console --kernel` takes.
const Name = "rt0"

// A kernelJSON is the content of kernel.json.
type kernelJSON struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

// Install writes the kernel's specification below a Jupyter data folder and returns the folder that it has written.
// binary is the absolute path of rt0. What was there before is replaced.
func Install(dataDir, binary string) (string, error) {
	if !filepath.IsAbs(binary) {
		return "", fmt.Errorf("%s is no absolute path", binary)
	}
	dir := filepath.Join(dataDir, "kernels", Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(kernelJSON{
		Argv: []string{binary, "kernel", "run", "{connection_file}"}, DisplayName: "Go (rt0)", Language: "go", InterruptMode: "message",
		Metadata: map[string]any{"debugger": false},
	}, "", "  ")
	if err != nil {
		return "", err
	}
	files := map[string][]byte{"kernel.json": append(text, '\n'), "logo-svg.svg": logoSVG(), "logo-32x32.png": logoPNG(32), "logo-64x64.png": logoPNG(64)}
	for name, content := range files {
		if err := replace(filepath.Join(dir, name), content); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// replace writes a file whole or not at all.
func replace(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".rt0-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// Uninstall removes what Install has written below a data folder. It reports whether anything was there.
func Uninstall(dataDir string) (string, bool, error) {
	dir := filepath.Join(dataDir, "kernels", Name)
	if _, err := os.Stat(filepath.Join(dir, "kernel.json")); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return dir, false, nil
		}
		return dir, false, err
	}
	return dir, true, os.RemoveAll(dir)
}

// UserDir returns the data folder of the user.
func UserDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("APPDATA"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" && runtime.GOOS != "darwin" {
		return filepath.Join(dir, "jupyter"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// PrefixDir returns the data folder below a prefix such as /usr/local or a virtual environment.
func PrefixDir(prefix string) string { return filepath.Join(prefix, "share", "jupyter") }

// SysPrefix returns the prefix of the Python that runs Jupyter: the environment that is active, else what python3 says.
func SysPrefix() (string, error) {
	for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if dir := os.Getenv(name); dir != "" {
			return dir, nil
		}
	}
	out, err := exec.Command("python3", "-c", "import sys; print(sys.prefix)").Output()
	if err != nil {
		return "", fmt.Errorf("no python3 says what its sys.prefix is (%w); use -prefix DIR", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// dataDirs returns the folders in which Jupyter looks, in its order.
func dataDirs() []string {
	var dirs []string
	if path := os.Getenv("JUPYTER_PATH"); path != "" {
		dirs = append(dirs, filepath.SplitList(path)...)
	}
	if dir, err := UserDir(); err == nil {
		dirs = append(dirs, dir)
	}
	if prefix, err := SysPrefix(); err == nil {
		dirs = append(dirs, PrefixDir(prefix))
	}
	if runtime.GOOS == "windows" {
		return append(dirs, filepath.Join(os.Getenv("PROGRAMDATA"), "jupyter"))
	}
	return append(dirs, "/usr/local/share/jupyter", "/usr/share/jupyter")
}
