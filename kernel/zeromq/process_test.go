package zeromq

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
	"github.com/rt0lab/rt0/kernel"
)

// builtKernel builds rt0 once.
var builtKernel = sync.OnceValues(func() (string, error) {
	file := filepath.Join(buildDir, "rt0")
	args := []string{"build", "-o", file}
	if race.Enabled {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "../..")...).CombinedOutput()
	if err != nil {
		return string(out), err
	}
	return file, nil
})

var buildDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "rt0-zeromq-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	if race.Enabled { // of the kernel's processes: nobody looks at the end of one that is killed
		os.Setenv("GORACE", os.Getenv("GORACE")+" log_path="+filepath.Join(dir, "race"))
	}
	status := m.Run()
	reports, _ := filepath.Glob(filepath.Join(dir, "race.*"))
	for _, file := range reports {
		text, _ := os.ReadFile(file)
		fmt.Fprintf(os.Stderr, "a process of the kernel's:\n%s\n", text)
		status = max(status, 1)
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// A process is a client of a kernel that is a real one: rt0 kernel run.
type process struct {
	*client
	cmd *exec.Cmd
	end chan error // what waiting for it says
}

// run starts rt0 kernel run, with more in its environment, and connects to it.
func run(t *testing.T, transport string, env ...string) *process {
	t.Helper()
	file, err := builtKernel()
	if err != nil {
		t.Fatalf("%v: %s", err, file)
	}
	conn := newConnection(t, transport)
	text, err := json.Marshal(conn)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "connection.json")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(file, "kernel", "run", name), end: make(chan error, 1)}
	p.cmd.Env = append(append(os.Environ(), "XDG_DATA_HOME="+dir), env...)
	log := &syncBuffer{}
	p.cmd.Stderr = log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.end <- p.cmd.Wait() }()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		select {
		case <-p.end:
		case <-time.After(patience.Limit):
			t.Error("the kernel cannot be killed")
		}
	})
	p.client = connect(t, conn, log, "client")
	p.stuck = func() {
		p.cmd.Process.Signal(syscall.SIGQUIT) // the Go runtime prints all stacks
		time.Sleep(time.Second)
	}
	return p
}

// An outcome is what one sees of a cell.
type outcome struct {
	status, out, err, value, failure, traceback string
	count                                       int
}

// cell executes code and returns what is seen of it.
func (p *process) cell(code string) outcome {
	p.t.Helper()
	return p.outcome(p.send(kernel.Shell, "execute_request", map[string]any{"code": code}))
}

func (p *process) outcome(id string) outcome {
	p.t.Helper()
	_, f := p.reply(kernel.Shell, id)
	o := outcome{}
	o.status, _ = f["status"].(string)
	n, _ := f["execution_count"].(float64)
	o.count = int(n)
	for _, m := range p.published(id) {
		var f struct {
			Name, Text, EName, EValue string
			Traceback                 []string
			Data                      map[string]any
		}
		json.Unmarshal(m.Content, &f)
		switch m.Header.Type {
		case "stream":
			if f.Name == "stderr" {
				o.err += f.Text
			} else {
				o.out += f.Text
			}
		case "execute_result":
			o.value, _ = f.Data["text/plain"].(string)
		case "error":
			o.failure, o.traceback = f.EName+": "+f.EValue, strings.Join(f.Traceback, "\n")
		}
	}
	return o
}

// TestFatal runs cells that end their process. Each time the cell says why and what is left, and the next cell runs.
func TestFatal(t *testing.T) {
	p := run(t, "tcp", "RT0_CELL_MEMORY=512M")
	for _, code := range []string{"import \"fmt\"\nkept := 7", "type T struct{ N int }\nfunc (t T) Twice() int { return 2 * t.N }\nconst Three = 3",
		"func usesKept() int { return kept }", "%boot -cpus 2\nmachine.To(\"pidle\")"} {
		if o := p.cell(code); o.status != "ok" {
			t.Fatalf("%q: %+v", code, o)
		}
	}
	for _, k := range []struct{ name, code, want string }{
		{"concurrent map writes", "m := map[int]int{}\nfor i := 0; i < 8; i++ {\n\tgo func() {\n\t\tfor {\n\t\t\tm[1]++\n\t\t}\n\t}()\n}\nselect {}",
			"fatal error: concurrent map"},
		{"memory in one piece", "b := make([]byte, 1<<40)\nb[0] = 1", "fatal error: out of memory"},
		{"memory piece by piece", "var all [][]byte\nfor {\n\tb := make([]byte, 1<<20)\n\tfor i := 0; i < len(b); i += 4096 {\n\t\tb[i] = 1\n\t}\n\tall = append(all, b)\n}",
			"error: out of memory: the cells hold"},
		{"mutex", "import \"sync\"\nvar mu sync.Mutex\nmu.Unlock()", "fatal error: sync: unlock of unlocked mutex"},
		{"a library's goroutine", "import (\n\t\"net/http\"\n\t\"net/http/httptest\"\n)\ntype R struct{}\nfunc (R) Read(p []byte) (int, error) {\n\tpanic(\"in a read\")\n}\nserver := httptest.NewServer(http.NotFoundHandler())\nhttp.Post(server.URL, \"text/plain\", R{})",
			"panic: in a read [in a goroutine]"},
		{"exit of a library", "import (\"flag\"; \"os\")\nset := flag.NewFlagSet(\"x\", flag.ExitOnError)\nset.Parse([]string{\"-nope\"})\nos.Getpid()", "ended: exit status 2"},
		{"kill", "$ kill -9 $PPID; sleep 10", "ended: signal: killed"},
		{"threads", "import \"runtime/debug\"\ndebug.SetMaxThreads(1)\nselect {}", "fatal error: thread exhaustion"},
		{"stack", "import \"runtime/debug\"\ndebug.SetMaxStack(1 << 16)\nfunc deep(n int) int { return deep(n+1) + 1 }\ndeep(0)", "fatal error: stack overflow"},
		{"breakpoint", "import \"runtime\"\nruntime.Breakpoint()", "fatal error: SIGTRAP: trace trap"},
	} {
		t.Run(k.name, func(t *testing.T) {
			race.Skip(t)
			if strings.HasPrefix(k.name, "memory") {
				race.TooMuch(t, "the detector's own memory counts as the cells'")
			}
			o := p.cell("print(\"begin \")\n" + k.code)
			t.Logf("%s\n%s", o.out, o.traceback)
			if o.status != "error" || !strings.HasPrefix(o.failure, k.want) || o.out != "begin " {
				t.Fatalf("%+v", o)
			}
			if o := p.cell("fmt.Sprint(T{Three}.Twice(), machine.Eval(\"sched.npidle\"))"); o.value != "61" {
				t.Fatalf("the next cell: %+v", o)
			}
			if o := p.cell("kept"); k.name != "memory piece by piece" && !strings.Contains(o.failure, "undefined: kept") {
				t.Errorf("a variable: %+v", o)
			}
			if o := p.cell("all = nil\nkept := 8"); o.status != "ok" && k.name == "memory piece by piece" {
				t.Errorf("%+v", o)
			}
		})
	}
}

// TestDeathBetweenCells kills the process of the cells while none runs: the next cell says so, and what is lost.
func TestDeathBetweenCells(t *testing.T) {
	race.Skip(t)
	p := run(t, "tcp")
	for range 2 {
		o := p.cell("import (\"fmt\"; \"os\")\nlost := 7\nconst Kept = 3\nfmt.Sprint(os.Getpid())")
		pid, err := strconv.Atoi(o.value)
		if err != nil || o.err != "" {
			t.Fatalf("%+v", o)
		}
		cells, err := os.FindProcess(pid)
		if err == nil {
			err = cells.Kill()
		}
		if err != nil {
			t.Fatal(err)
		}
		for { // the kernel notices, and says so below the cell that ran last
			m := p.next(kernel.IOPub)
			if text, _ := fields(t, m)["text"].(string); strings.Contains(text, "signal: killed") {
				break
			}
		}
		o = p.cell("lost + Kept")
		if o.failure != fmt.Sprintf("error: cell[%d]:1:1: undefined: lost", o.count) {
			t.Errorf("%+v", o)
		}
		for _, want := range []string{"Since the last cell: ended: signal: killed\n", "another one goes on", "const Kept", "lost: var lost"} {
			if strings.Count(o.err, want) != 1 {
				t.Errorf("%q does not say %q once", o.err, want)
			}
		}
		if o = p.cell("Kept"); o.value != "3" || o.err != "" {
			t.Errorf("it is said twice: %+v", o)
		}
	}
}

// TestDeathUnseen kills the process of the cells by what shows nothing of its own: the next cell says so, too.
func TestDeathUnseen(t *testing.T) {
	race.Skip(t)
	p := run(t, "tcp")
	p.cell("lost := 7")
	id := p.send(kernel.Shell, "execute_request", map[string]any{"code": "$ kill -9 $PPID", "silent": true})
	p.reply(kernel.Shell, id)
	if o := p.cell("1"); o.value != "1" || strings.Count(o.err, "Since the last cell: ended: signal: killed\n") != 1 || !strings.Contains(o.err, "lost: var lost") {
		t.Errorf("%+v", o)
	}
}
