package zeromq

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/internal/race"
	"github.com/rt0lab/rt0/kernel"
)

// What is looked up in /proc.

// children returns the processes in the session of the cells' process of a kernel, itself included.
func children(t *testing.T, kernel int) (pids []int) {
	t.Helper()
	leader := ""
	for range 2 {
		dir, _ := os.ReadDir("/proc")
		for _, d := range dir {
			pid, err := strconv.Atoi(d.Name())
			if err != nil {
				continue
			}
			stat, _ := os.ReadFile("/proc/" + d.Name() + "/stat")
			f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
			if len(f) < 4 {
				continue
			}
			switch {
			case leader == "" && f[1] == strconv.Itoa(kernel):
				leader = d.Name()
			case leader != "" && f[3] == leader && f[0] != "Z":
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

func alive(pids []int) (left []string) {
	for _, pid := range pids {
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && !bytes.Contains(stat, []byte(") Z ")) {
			left = append(left, string(stat[:min(len(stat), 60)]))
		}
	}
	return left
}

// TestNothingLeft ends kernels in every way while commands of cells run: no process is left.
func TestNothingLeft(t *testing.T) {
	for name, end := range map[string]func(p *process){
		"kill -9":  func(p *process) { p.cmd.Process.Kill() },
		"SIGTERM":  func(p *process) { p.cmd.Process.Signal(syscall.SIGTERM) },
		"shutdown": func(p *process) { p.ask(kernel.Control, "shutdown_request", map[string]any{"restart": false}) },
		"restart":  func(p *process) { p.ask(kernel.Control, "shutdown_request", map[string]any{"restart": true}) },
		"kill a stopped one": func(p *process) {
			for _, pid := range children(t, p.cmd.Process.Pid) {
				syscall.Kill(pid, syscall.SIGSTOP)
			}
			p.cmd.Process.Kill()
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := run(t, "ipc")
			p.cell("$ sleep 1000 >/dev/null 2>&1 &")
			p.send(kernel.Shell, "execute_request", map[string]any{"code": "$ sleep 1001; true"})
			waitFor(t, p.client, "execute_input")
			var pids []int
			patience.Until(t, "four processes: the cells' one, sleep, sh and its sleep", func() bool {
				pids = children(t, p.cmd.Process.Pid)
				return len(pids) >= 4
			})
			end(p)
			select {
			case err := <-p.end:
				p.end <- err
				if name == "shutdown" && err != nil {
					t.Errorf("the kernel ends with %v", err)
				}
			case <-time.After(patience.Limit):
				t.Fatal("the kernel does not end")
			}
			patience.Until(t, "no process is left", func() bool { return len(alive(pids)) == 0 })
		})
	}
}

// resident returns how much memory a process has, in bytes, shared pages counted in part (proc_pid_smaps(5)).
func resident(t *testing.T, pid int) (n int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		t.Skipf("NOT MEASURED: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "\nPss:")
	fmt.Sscan(rest, &n)
	return n << 10
}

// TestFloodOfCells prints 50 MB: all of it arrives, and neither process keeps it.
func TestFloodOfCells(t *testing.T) {
	race.TooMuch(t, "it measures memory")
	p := run(t, "tcp")
	pids := append(children(t, p.cmd.Process.Pid), p.cmd.Process.Pid)
	id := p.send(kernel.Shell, "execute_request", map[string]any{"code": "import \"strings\"\nline := strings.Repeat(\"0123456789\", 100) + \"\\n\"\nfor i := 0; i < 50000; i++ { print(line) }"})
	most, n := 0, 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for idle := false; !idle; {
		select {
		case m := <-p.got[kernel.IOPub]:
			if m.Parent.ID != id {
				continue
			}
			f := fields(t, m)
			if m.Header.Type == "stream" {
				n += len(f["text"].(string))
			}
			idle = f["execution_state"] == "idle"
		case <-tick.C:
			sum := 0
			for _, pid := range pids {
				sum += resident(t, pid)
			}
			most = max(most, sum)
		case <-time.After(patience.Limit):
			t.Fatal("the output does not end")
		}
	}
	if want := 50000 * 1001; n != want {
		t.Errorf("%d bytes came of %d", n, want)
	}
	t.Logf("both processes took at most %d MiB", most>>20)
	if most > 200<<20 {
		t.Errorf("both processes took %d MiB", most>>20)
	}
}
