package spec

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A patient is a computer with Jupyter, Go and rt0, all of them scripts that say what the doctor asks for.
type patient struct {
	t         *testing.T
	dir, data string // data is the folder that Jupyter looks into
	binary    string
}

func newPatient(t *testing.T) *patient {
	dir := t.TempDir()
	p := &patient{t: t, dir: dir, data: filepath.Join(dir, "env", "share", "jupyter"), binary: filepath.Join(dir, "rt0")}
	for name, value := range map[string]string{"JUPYTER_DATA_DIR": filepath.Join(dir, "user"), "JUPYTER_PATH": "", "VIRTUAL_ENV": filepath.Join(dir, "env"),
		"CONDA_PREFIX": "", "PATH": filepath.Join(dir, "bin")} {
		t.Setenv(name, value)
	}
	p.script("rt0", "echo rt0 of the test")
	p.script("bin/go", "")
	p.jupyter(p.data)
	p.install(p.data)
	return p
}

func (p *patient) write(name, text string, mode os.FileMode) {
	p.t.Helper()
	file := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		p.t.Fatal(err)
	}
	os.Remove(file)
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		p.t.Fatal(err)
	}
}

func (p *patient) script(name, body string) { p.write(name, "#!/bin/sh\n"+body+"\n", 0o700) }

// jupyter makes a command that looks into the folders given, and sees the kernel where a kernel.json is.
func (p *patient) jupyter(data ...string) {
	specs := "{}"
	for _, d := range data {
		folder := filepath.Join(d, "kernels", Name)
		if _, err := os.Stat(filepath.Join(folder, "kernel.json")); err == nil {
			specs = fmt.Sprintf(`{"rt0": {"resource_dir": %q}}`, folder)
		}
	}
	p.script("bin/jupyter", fmt.Sprintf(`case $1 in
--paths) echo '{"data": ["%s"]}' ;;
kernelspec) echo '{"kernelspecs": %s}' ;;
esac`, strings.Join(data, `", "`), specs))
}

func (p *patient) install(data string) {
	p.t.Helper()
	if _, err := Install(data, p.binary); err != nil {
		p.t.Fatal(err)
	}
	p.jupyter(p.data)
}

func (p *patient) spec(text string) {
	p.write(filepath.Join("env", "share", "jupyter", "kernels", Name, "kernel.json"), text, 0o600)
}

// TestDoctor has a patient for each fault: the doctor must find it, and say what to do.
func TestDoctor(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the patients are shell scripts")
	}
	for _, k := range []struct {
		name    string
		want    string // what he finds
		do      string // what he advises; "" if all is well
		prepare func(*patient)
	}{
		{"nothing wrong", "sees the kernel in", "", func(p *patient) {}},
		{"not installed", "installed in none of", "run rt0 kernel install", func(p *patient) { Uninstall(p.data); p.jupyter(p.data) }},
		{"no Jupyter", "no command jupyter", "install Jupyter", func(p *patient) { os.Remove(filepath.Join(p.dir, "bin", "jupyter")) }},
		{"no jupyter_client", "exit status 1: Jupyter command `jupyter-kernelspec` not found", "install jupyter_client", func(p *patient) {
			p.script("bin/jupyter", "case $1 in --paths) echo '{\"data\": [\""+p.data+"\"]}';; *) echo 'Jupyter command `jupyter-kernelspec` not found.' >&2; exit 1;; esac")
		}},
		{"old Jupyter", "does not answer in JSON", "newer jupyter_core", func(p *patient) { p.script("bin/jupyter", "echo 'config: /etc'") }},
		{"rt0 moved", "which is not there", "run rt0 kernel install again", func(p *patient) { os.Remove(p.binary) }},
		{"not executable", "cannot be executed", "chmod +x ", func(p *patient) { os.Chmod(p.binary, 0o600) }},
		{"a folder", "cannot be executed", "chmod +x ", func(p *patient) { os.Remove(p.binary); os.Mkdir(p.binary, 0o700) }},
		{"of another system", "does not answer as rt0", "an rt0 that runs", func(p *patient) { p.write("rt0", "\x7fELF of no known kind", 0o700) }},
		{"not rt0 at all", "does not answer as rt0", "an rt0 that runs", func(p *patient) { p.script("rt0", "echo hello") }},
		{"broken JSON", "is damaged: unexpected end of JSON input", "run rt0 kernel install again", func(p *patient) { p.spec("{") }},
		{"no connection file", "argv has no {connection_file}", "run rt0 kernel install again", func(p *patient) { p.spec(`{"argv": ["rt0"]}`) }},
		{"a folder where Jupyter does not look", "is where " + "%/bin/jupyter does not look: it looks in %/env/share/jupyter", "run rt0 kernel install -prefix %/env", func(p *patient) {
			Uninstall(p.data)
			p.install(filepath.Join(p.dir, "user"))
		}},
		{"another Python first", "does not belong to the Python of %/other", "activate the environment in which Jupyter is", func(p *patient) {
			p.t.Setenv("VIRTUAL_ENV", filepath.Join(p.dir, "other"))
			Uninstall(p.data)
			p.install(filepath.Join(p.dir, "other", "share", "jupyter")) // as install -sys-prefix does
		}},
		{"another Python first, harmless", "does not belong to the Python of %/other", "", func(p *patient) { p.t.Setenv("VIRTUAL_ENV", filepath.Join(p.dir, "other")) }},
		{"hidden by another", "is hidden by %/env", "", func(p *patient) {
			p.install(filepath.Join(p.dir, "user"))
			p.jupyter(p.data, filepath.Join(p.dir, "user"))
		}},
		{"no Go", "no command go", "install Go", func(p *patient) { os.Remove(filepath.Join(p.dir, "bin", "go")) }},
	} {
		t.Run(k.name, func(t *testing.T) {
			p := newPatient(t)
			k.prepare(p)
			var b bytes.Buffer
			well := Doctor(&b, p.binary)
			said := strings.ReplaceAll(b.String(), p.dir, "%")
			if !strings.Contains(said, k.want) || !strings.Contains(said, k.do) || well != (k.do == "") {
				t.Errorf("well: %v\n%s", well, said)
			}
		})
	}
}
