package classroom

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/jupyter"
	"github.com/rt0lab/rt0/internal/patience"
)

// outcome is what class.py saw.
type outcome struct {
	Students map[string]struct {
		Refused, Login, Lessons int
		Cells                   []cell
	}
	Spy     string // status of a cell that reads another student's work
	Tap     string // status of a cell that looks for the sockets of another student's kernels
	Foreign int    // HTTP status of another student's server
	Greedy  cell   // one that takes all memory
	Other   cell   // of another student, after that
	Kernels int    // after all have done nothing for a while
}

type cell struct {
	Status, Text string
	Shown        []string
}

// TestHub is a class: the Hub is started as the recipe says, students log in, each gets a server and a kernel and runs a
// stage cell; then all is stopped, and no process is left. It does so as root, where each student has a uid and control
// groups, and as a plain user.
func TestHub(t *testing.T) {
	if err := jupyter.Missing("jupyterhub", "notebook", "requests", "/usr/bin/jupyterhub", "/usr/bin/configurable-http-proxy"); err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "rt0-classroom-") // students must get through: the folders of t.TempDir let nobody
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p, err := jupyter.New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("root", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("only root can give each student a uid")
		}
		c := newClass(t, p, "root", 0)
		c.run("prepare", filepath.Join(c.notebooks, "00_overview.en.ipynb"))
		o := c.attend("ada", "grace", longName)
		uids := map[string]bool{}
		for _, s := range o.Students {
			uids[s.Cells[2].Text] = true
		}
		if len(uids) != 3 || uids["0\n"] {
			t.Errorf("the students' uids: %v", uids)
		}
		if o.Spy != "error" {
			t.Error("a student can read another's work")
		}
		if o.Tap != "error" {
			t.Error("a student can see another's sockets")
		}
	})
	t.Run("user", func(t *testing.T) {
		uid := os.Getuid()
		if uid == 0 {
			uid = 65534 // nobody
		}
		c := newClass(t, p, "user", uid)
		c.attend("ada", longName)
		c.env = append(c.env, "CLASSROOM_IDLE=2")
		if o := c.open(nil, "ada"); o.Kernels != 0 {
			t.Errorf("%d kernels are still there, idle for longer than two seconds", o.Kernels)
		}
	})
}

// longName is as long as a name may be.
const longName = "grace-brewster-murray-hopper-usn"

// sockets is a cell that shows how kernels are reached: the modes of the folder (the sticky bit is jupyter_client's) and of the
// sockets, and the transport.
const sockets = "$ stat -c %a $JUPYTER_RUNTIME_DIR; stat -c '%a %F' $JUPYTER_RUNTIME_DIR/kernel-*-ipc-*; grep -h transport $JUPYTER_RUNTIME_DIR/kernel-*.json"

// A class is a Hub with its folder.
type class struct {
	t         *testing.T
	p         *jupyter.Place
	dir       string
	notebooks string
	env       []string
	uid       int
}

func newClass(t *testing.T, p *jupyter.Place, name string, uid int) *class {
	t.Helper()
	c := &class{t: t, p: p, dir: filepath.Join(p.Dir, name), notebooks: filepath.Join(p.Dir, "prefix", "share", "rt0", "notebooks"), uid: uid}
	c.env = append(slices.Clone(p.Env), "CLASSROOM_DIR="+c.dir, "CLASSROOM_PREFIX="+filepath.Join(p.Dir, "prefix"), "CLASSROOM_MEMORY=600M")
	ports, err := jupyter.FreePorts(3)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"PORT", "HUB_PORT", "PROXY_PORT"} {
		c.env = append(c.env, fmt.Sprintf("CLASSROOM_%s=%d", name, ports[i]))
	}
	c.run("install", p.Binary, filepath.Join(p.Source, "notebooks"))
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(c.dir, uid, -1); err != nil {
		t.Fatal(err)
	}
	return c
}

// command is classroom.sh, as the class's user.
func (c *class) command(args ...string) *exec.Cmd {
	argv := append([]string{"hub/classroom.sh"}, args...)
	if c.uid != os.Getuid() && args[0] != "install" {
		copied := filepath.Join(c.p.Dir, "hub") // that user may not get to where the source lies
		if err := os.CopyFS(copied, os.DirFS("hub")); err != nil && !os.IsExist(err) {
			c.t.Fatal(err)
		}
		argv = append([]string{"setpriv", "--reuid", strconv.Itoa(c.uid), "--clear-groups", filepath.Join(copied, "classroom.sh")}, args...)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(c.env, "HOME="+c.dir)
	return cmd
}

func (c *class) run(args ...string) string {
	c.t.Helper()
	var said bytes.Buffer
	cmd := c.command(args...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("classroom.sh %v: %v\n%s%s", args, err, out, said.String())
	}
	return string(out)
}

// greedy is a cell that takes 4 GiB.
const greedy = "var b [][]byte\nfor i := 0; i < 64; i++ {\n\tc := make([]byte, 64<<20)\n\tfor j := 0; j < len(c); j += 4096 { c[j] = 1 }\n\tb = append(b, c)\n}"

// attend lets students come, work and go.
func (c *class) attend(names ...string) outcome {
	t := c.t
	t.Helper()
	o := c.open([]string{"1+1", "%stage pidle", "$ id -u", sockets}, names...)
	for _, name := range names {
		s := o.Students[name]
		if s.Refused == 302 || s.Login != 302 || s.Lessons != 36 || len(s.Cells) != 4 {
			t.Fatalf("%s: %+v", name, s)
		}
		if s.Cells[0].Text != "2" || !slices.Contains(s.Cells[1].Shown, "image/svg+xml") || s.Cells[2].Status != "ok" {
			t.Errorf("%s: %+v", name, s.Cells)
		}
		if want := "1700\n" + strings.Repeat("600 socket\n", 5) + "  \"transport\": \"ipc\",\n"; s.Cells[3].Text != want {
			t.Errorf("%s: the kernel is reached by %q, want %q", name, s.Cells[3].Text, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, "sockets", "*")); len(left) > 0 {
		t.Errorf("of the students' sockets %q is left", left)
	}
	if o.Foreign != 403 {
		t.Errorf("another student's server answers with %d", o.Foreign)
	}
	if o.Greedy.Status == "ok" || o.Other.Text != "42" {
		t.Errorf("one takes all memory: %+v; another after that: %+v", o.Greedy, o.Other)
	}
	return o
}

// open starts the Hub, lets students run cells (or, without any, be idle), and stops it.
func (c *class) open(cells []string, names ...string) (o outcome) {
	t := c.t
	t.Helper()
	codes := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(c.run(append([]string{"student"}, names...)...)), "\n") {
		f := strings.Fields(line)
		codes[f[0]] = f[1]
	}
	url := strings.TrimSpace(c.run("start"))
	defer func() {
		if n := len(processes(t, c.dir)); len(cells) > 0 && n < 2+len(names) { // Hub, proxy and servers, or what is looked for below is not found
			t.Errorf("only %d processes are found before classroom.sh stop", n)
		}
		c.run("stop")
		if left := processes(t, c.dir); len(left) > 0 {
			t.Errorf("after classroom.sh stop there is still %q", left)
		}
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(c.dir, "run", "hub.log"))
			t.Logf("hub.log:\n%s", log[max(0, len(log)-8000):])
		}
	}()
	if out := c.run("status"); !strings.Contains(out, url) {
		t.Errorf("status: %s", out)
	}
	options, err := json.Marshal(map[string]any{"codes": codes, "cells": cells, "home": filepath.Join(c.dir, "home"), "sockets": filepath.Join(c.dir, "sockets"), "greedy": greedy})
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.p.Output(patience.Limit, jupyter.Python, "testdata/class.py", url, string(options))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &o); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return o
}

// processes returns the command lines of those whose environment names a folder.
func processes(t *testing.T, dir string) (found []string) {
	t.Helper()
	list, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range list {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(env, []byte(dir+"/")) && !bytes.Contains(env, []byte(dir+"\x00")) {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		if len(line) > 0 { // of a zombie nothing is left but its name
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// TestControlGroups holds what is written for a student to the names of files in both versions of control groups. This
// machine may have only one of them; TestHub uses that.
func TestControlGroups(t *testing.T) {
	if err := jupyter.Missing("resource"); err != nil {
		t.Skip(err)
	}
	const create = `
import limits, os, sys
g = limits.Group("ada", root=sys.argv[1])
if why := g.create(600 << 20, 1.5, 300):
    sys.exit(str(why))
`
	for _, k := range []struct {
		version string
		has     string // what tells it from the other
		want    map[string]string
	}{
		{"2", "cgroup.controllers", map[string]string{
			"cgroup.subtree_control": "+memory +cpu +pids", "rt0-classroom-8000/cgroup.subtree_control": "+memory +cpu +pids",
			"rt0-classroom-8000/ada/memory.max": "629145600", "rt0-classroom-8000/ada/cpu.max": "150000 100000", "rt0-classroom-8000/ada/pids.max": "300"}},
		{"1", "memory/tasks", map[string]string{
			"memory/rt0-classroom-8000/ada/memory.limit_in_bytes": "629145600", "cpu/rt0-classroom-8000/ada/cpu.cfs_quota_us": "150000",
			"pids/rt0-classroom-8000/ada/pids.max": "300"}},
	} {
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, k.has)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, k.has), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(jupyter.Python, "-B", "-c", create, root)
		cmd.Env = append(os.Environ(), "PYTHONPATH=hub")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("version %s: %v\n%s", k.version, err, out)
		}
		for file, want := range k.want {
			if got, err := os.ReadFile(filepath.Join(root, file)); err != nil || string(got) != want {
				t.Errorf("version %s: %s holds %q (%v), want %q", k.version, file, got, err, want)
			}
		}
	}
}

// TestStudentsPrograms runs what the spawner runs as a student: in its environment, which the student can read, is nothing.
func TestStudentsPrograms(t *testing.T) {
	if err := jupyter.Missing("jupyterhub"); err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(jupyter.Python, "-B", "-c", "import spawner; spawner.as_student(None, \"import sys; print([open('/proc/self/environ').read(), sys.argv[1:]])\", 'x')")
	cmd.Env = append(os.Environ(), "PYTHONPATH=hub", "CONFIGPROXY_AUTH_TOKEN=secret", "CLASSROOM_DIR=/c")
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "['', ['x']]\n" {
		t.Errorf("%q %v", out, err)
	}
}

// TestSocketFolder names folders for sockets: the path of each socket must be short enough for Linux.
func TestSocketFolder(t *testing.T) {
	if err := jupyter.Missing("os"); err != nil {
		t.Skip(err)
	}
	for length, fits := range map[int]bool{30: true, 46: true, 47: false, 200: false} {
		cmd := exec.Command(jupyter.Python, "-B", "-c", "import settings; print(settings.runtime(4294967295))")
		cmd.Env = append(os.Environ(), "PYTHONPATH=hub", "CLASSROOM_SOCKETS=/"+strings.Repeat("x", length-1))
		out, err := cmd.CombinedOutput()
		if fits != (err == nil) || strings.Count(string(out), "\n") != 1 || !fits && !strings.Contains(string(out), "set CLASSROOM_SOCKETS to a shorter one") {
			t.Errorf("%d bytes: %q %v", length, out, err)
		}
		if path := strings.TrimSpace(string(out)) + "/kernel-00000000-0000-0000-0000-000000000000-ipc-5"; fits && len(path) > 107 {
			t.Errorf("%d bytes: a socket's path has %d", length, len(path))
		}
	}
}

// TestRuntimeFolder makes the folder of a student's sockets: in a new folder, in one that is there, and not where others can write.
func TestRuntimeFolder(t *testing.T) {
	if err := jupyter.Missing("jupyterhub"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	for _, k := range []struct {
		name, want string
		mode       os.FileMode // of the folder above, if it is there
	}{
		{"new", "711 700 []\n", 0},
		{"there", "755 700 []\n", 0o755},
		{"open", "others can write to", 0o777},
	} {
		above := filepath.Join(dir, k.name)
		if k.mode != 0 {
			if err := os.Mkdir(above, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(above, k.mode); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(jupyter.Python, "-B", "-c", `
import os, spawner, sys
folder = os.path.join(sys.argv[1], "200000")
spawner.make_runtime(folder, None)
open(os.path.join(folder, "left"), "w").close()
spawner.make_runtime(folder, None)
print(*(format(os.stat(f).st_mode & 0o777, "o") for f in (sys.argv[1], folder)), os.listdir(folder))
`, above)
		cmd.Env = append(os.Environ(), "PYTHONPATH=hub", "CLASSROOM_DIR=/c")
		if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), k.want) {
			t.Errorf("%s: %s, want %s", k.name, out, k.want)
		}
	}
}
