// Bench compares rt0 with its peers: it runs the programs below programs/ natively, in rt0, in qemu-x86_64 and in
// qemu-x86_64 -singlestep, in one go on one machine, and prints a Markdown table of wall times (the best of -n), rt0's speed
// in MIPS (million guest instructions a second) and the ratios between them.
//
//	go run ./emulator/bench [-n 3] [-only fib,sort]
//
// It ends with a table of guests that take all the memory they get, and how much the host had for each: -only memory.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

const module = "github.com/rt0lab/rt0"

var programs = []string{"fib", "sort", "nbody", "sha256", "json", "channels"}

// A runner is a way of running a program: a command line to put in front of it.
type runner struct {
	name string
	argv []string
}

func main() {
	n := flag.Int("n", 3, "run each `times` and take the best")
	only := flag.String("only", "", "run these `programs` only, separated by commas; memory is the table of hostile guests")
	flag.Parse()
	if err := bench(os.Stdout, *n, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(w io.Writer, n int, only string) error {
	dir, err := os.MkdirTemp("", "rt0-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	rt0 := filepath.Join(dir, "rt0")
	if err := build(rt0, module); err != nil {
		return err
	}
	if only == "memory" {
		return memory(w, dir, rt0)
	}
	runners := []runner{
		{"native", nil},
		{"rt0", []string{rt0, "run", "-cpus", "2", "-stats"}},
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		runners = runners[1:]
	}
	if qemu, err := exec.LookPath("qemu-x86_64"); err == nil {
		runners = append(runners, runner{"qemu", []string{qemu}}, runner{"qemu -singlestep", []string{qemu, "-singlestep"}})
	} else {
		fmt.Fprintln(w, "qemu-x86_64 is missing (Debian: qemu-user): no comparison with it")
	}
	fmt.Fprintf(w, "%s, %d CPUs, %s; best of %d\n\n", runtime.Version(), runtime.NumCPU(), runtime.GOARCH, n)
	fmt.Fprint(w, "| program | instructions | MIPS |")
	for _, r := range runners {
		fmt.Fprintf(w, " %s s |", r.name)
	}
	fmt.Fprint(w, " rt0 ÷ native | qemu ÷ rt0 | singlestep ÷ rt0 |\n|---|--:|--:|")
	fmt.Fprintln(w, strings.Repeat("--:|", len(runners)+3))
	for _, p := range programs {
		if only != "" && !strings.Contains(","+only+",", ","+p+",") {
			continue
		}
		exe := filepath.Join(dir, p)
		if err := build(exe, module+"/emulator/bench/programs/"+p); err != nil {
			return err
		}
		if err := row(w, p, exe, runners, n); err != nil {
			return err
		}
	}
	if only != "" {
		return nil
	}
	return memory(w, dir, rt0)
}

// build compiles a package for the guest's platform, or, if it is rt0 itself, for the host's.
func build(out, pkg string) error {
	cmd := exec.Command("go", "build", "-o", out, pkg)
	cmd.Env = os.Environ()
	if pkg == module {
		cmd.Args = slices.Insert(cmd.Args, 2, "-ldflags=-funcalign=64") // see RATIONALE
	} else {
		cmd.Env = append(cmd.Env, "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	}
	if msg, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, msg)
	}
	return nil
}

// stats is the part of rt0 run -stats that the table shows.
type stats struct {
	Ticks uint64  `json:"ticks"`
	MIPS  float64 `json:"mips"`
}

// row measures one program and prints its line. All runners must print the same.
func row(w io.Writer, name, exe string, runners []runner, n int) error {
	best := make(map[string]time.Duration)
	var st stats
	var want string
	for range n {
		for _, r := range runners {
			argv := append(append([]string(nil), r.argv...), exe)
			cmd := exec.Command(argv[0], argv[1:]...)
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			start := time.Now()
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%s in %s: %w\n%s", name, r.name, err, errs.String())
			}
			took := time.Since(start)
			if d, ok := best[r.name]; !ok || took < d {
				best[r.name] = took
			}
			text := errs.String()
			if r.name == "rt0" {
				var line string
				text, line = lastLine(text)
				var s stats
				if err := json.Unmarshal([]byte(line), &s); err != nil {
					return fmt.Errorf("rt0 -stats printed %q: %w", line, err)
				}
				if s.MIPS > st.MIPS {
					st = s
				}
			}
			got := out.String() + text
			if want == "" {
				want = got
			}
			if got != want {
				return fmt.Errorf("%s in %s printed %q, elsewhere %q", name, r.name, got, want)
			}
		}
	}
	fmt.Fprintf(w, "| %s | %.0f M | %.0f |", name, float64(st.Ticks)/1e6, st.MIPS)
	for _, r := range runners {
		fmt.Fprintf(w, " %.3f |", best[r.name].Seconds())
	}
	ratio := func(a, b string) string {
		x, ok1 := best[a]
		y, ok2 := best[b]
		if !ok1 || !ok2 {
			return "–"
		}
		return fmt.Sprintf("%.2f", x.Seconds()/y.Seconds())
	}
	fmt.Fprintf(w, " %s | %s | %s |\n", ratio("rt0", "native"), ratio("qemu", "rt0"), ratio("qemu -singlestep", "rt0"))
	return nil
}

// lastLine splits off the last line of s.
func lastLine(s string) (rest, last string) {
	s = strings.TrimSuffix(s, "\n")
	i := strings.LastIndexByte(s, '\n')
	return s[:i+1], s[i+1:]
}
