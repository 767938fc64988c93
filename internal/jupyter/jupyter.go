// Package jupyter runs Debian's Jupyter with rt0 as a kernel, in folders that nothing else sees: for tests and benchmarks.
package jupyter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Python is the interpreter for which Debian's Jupyter is installed; another one in PATH may lack it.
const Python = "/usr/bin/python3"

// Missing returns why this system lacks what a caller needs: Python modules, and commands of Debian's by their absolute path.
func Missing(needed ...string) error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("this is %s, and it takes Debian's Jupyter", runtime.GOOS)
	}
	var modules []string
	for _, n := range needed {
		if !filepath.IsAbs(n) {
			modules = append(modules, n)
		} else if _, err := exec.LookPath(n); err != nil {
			return fmt.Errorf("%w; make tools installs it", err)
		}
	}
	if len(modules) == 0 {
		return nil
	}
	if out, err := exec.Command(Python, "-c", "import "+strings.Join(modules, ", ")).CombinedOutput(); err != nil {
		lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
		return fmt.Errorf("%s: %w: %s; make tools installs it", Python, err, lines[len(lines)-1])
	}
	return nil
}

// A Place is a home of its own for Jupyter, with rt0 built from this source and installed as a kernel.
type Place struct {
	Dir    string
	Source string // the top folder of rt0's source
	Binary string // rt0
	Env    []string
}

// folders that Jupyter, IPython and rt0 are told to use; those of Go stay, or all would be built anew.
var folders = []string{"HOME", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "XDG_DATA_HOME"}

// New makes a place below dir. The caller removes dir.
func New(dir string) (*Place, error) {
	p := &Place{Dir: dir, Binary: filepath.Join(dir, "rt0"), Env: os.Environ()}
	if out, err := exec.Command("go", "build", "-o", p.Binary, "github.com/rt0lab/rt0").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE", "GOPATH", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	of := strings.Split(strings.TrimSpace(string(out)), "\n")
	p.Source = filepath.Dir(of[3])
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	p.Set("GOCACHE", of[0], "GOMODCACHE", of[1], "GOPATH", of[2], "XDG_CACHE_HOME", cache, "JUPYTER_PATH", "", "VIRTUAL_ENV", "", "PYTHONWARNINGS", "ignore")
	for _, name := range folders {
		folder := filepath.Join(dir, strings.ToLower(name))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
		p.Set(name, folder)
	}
	// Debian's commands come first: another jupyter in PATH would look for other modules. The go command stays what it is.
	path := "/usr/bin:/bin:" + os.Getenv("PATH")
	if command, err := exec.LookPath("go"); err == nil {
		path = filepath.Dir(command) + ":" + path
	}
	p.Set("PATH", path)
	if out, err := p.Run(time.Minute, p.Binary, "kernel", "install", "-user"); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	return p, nil
}

// Set changes the environment: names and values by turns. Of several values the last counts.
func (p *Place) Set(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		p.Env = append(p.Env, pairs[i]+"="+pairs[i+1])
	}
}

// Run runs a command in the place to its end, and returns what it printed on either output.
func (p *Place) Run(limit time.Duration, name string, args ...string) ([]byte, error) {
	return p.RunInput(limit, "", name, args...)
}

// RunInput is Run with a standard input.
func (p *Place) RunInput(limit time.Duration, input, name string, args ...string) ([]byte, error) {
	out, _, err := p.run(limit, input, true, name, args)
	return out, err
}

// Output returns what a command printed on its standard output; the error has the end of what it printed on the other.
func (p *Place) Output(limit time.Duration, name string, args ...string) ([]byte, error) {
	out, said, err := p.run(limit, "", false, name, args)
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, said[max(0, len(said)-2000):])
	}
	return out, err
}

// run runs a command and returns what it printed, both streams in out if they are together. The streams are files: those that
// the command leaves behind, such as a kernel that is about to end, have them too, and the ends of pipes would have to wait for
// them, or lose what is still on its way.
func (p *Place) run(limit time.Duration, input string, together bool, name string, args []string) (out, said []byte, err error) {
	dir, err := os.MkdirTemp("", "rt0-jupyter-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	inFile, outFile, saidFile := filepath.Join(dir, "in"), filepath.Join(dir, "out"), filepath.Join(dir, "said")
	if err := os.WriteFile(inFile, []byte(input), 0o600); err != nil {
		return nil, nil, err
	}
	stdin, errIn := os.Open(inFile)
	stdout, errOut := os.Create(outFile)
	stderr, errSaid := os.Create(saidFile)
	defer stdin.Close()
	defer stdout.Close()
	defer stderr.Close()
	if err := errors.Join(errIn, errOut, errSaid); err != nil {
		return nil, nil, err
	}
	ctx, end := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("not done after %v", limit))
	defer end()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = p.Env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	if together {
		cmd.Stderr = stdout
	}
	cmd.Cancel = func() error { return errors.Join(cmd.Process.Kill(), context.Cause(ctx)) }
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	out, errOut = os.ReadFile(outFile)
	said, errSaid = os.ReadFile(saidFile)
	return out, said, errors.Join(err, errOut, errSaid)
}

// Start starts a command that goes on until end is called: that asks it to end as Ctrl-C does, waits, and returns what it
// printed. A command that does not end within limit of that is killed.
func (p *Place) Start(limit time.Duration, name string, args ...string) (end func() (string, error), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = p.Env
	cmd.Dir = p.Dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = limit
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	return func() (string, error) {
		cancel()
		err := cmd.Wait()
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		return out.String(), err
	}, nil
}

// FreePorts returns n TCP ports of the loopback interface that nothing listens on just now. Whoever is to listen on them starts
// later, so they are none that the system gives to those who ask for any port or connect without saying from which: these begin
// at 32768 on Linux (ip_local_port_range, Documentation/networking/ip-sysctl.rst).
func FreePorts(n int) (ports []int, err error) {
	const first, last, tries = 20_000, 32_000, 1000
	for range tries {
		l, e := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", first+rand.IntN(last-first)))
		if e != nil {
			err = e
			continue
		}
		defer l.Close() // not before all are found, or one is found twice
		if ports = append(ports, l.Addr().(*net.TCPAddr).Port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no %d ports from %d to %d are free: %w", n, first, last-1, err)
}
