// Bench compares rt0's kernel with ipykernel, Jupyter's own: both through jupyter_client, by turns in one run on one machine.
// It prints Markdown tables, and ends with status 1 when a budget is broken.
//
//	go run ./kernel/bench [-n 7] [-crowd 50]
//
// A start is the time from starting the process to the answer to kernel_info_request; a cell's, from execute_request until
// the kernel is idle again. Memory is that of all of a kernel's processes, a page that they share counted once.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/rt0lab/rt0/internal/jupyter"
)

func main() {
	n := flag.Int("n", 7, "start each kernel `times`")
	size := flag.Int("crowd", 50, "run the overview in that many `kernels` at once")
	flag.Parse()
	if err := bench(os.Stdout, *n, *size); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// errBudget: something is slower or bigger than it may be.
var errBudget = errors.New("a budget is broken (✗ in the table), or a kernel failed")

func bench(w io.Writer, n, size int) error {
	if err := jupyter.Missing("ipykernel", "jupyter_client", "nbclient"); err != nil {
		fmt.Fprintf(w, "no comparison with Jupyter's own kernel: %v\n", err)
		return nil
	}
	dir, err := os.MkdirTemp("", "rt0-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	p, err := jupyter.New(dir)
	if err != nil {
		return err
	}
	var ours, theirs []sample
	for range n { // by turns, so that a busy minute of the machine is nobody's alone
		us, err := measure(p, "rt0", stageCells()...)
		if err != nil {
			return err
		}
		them, err := measure(p, "python3")
		if err != nil {
			return err
		}
		ours, theirs = append(ours, us), append(theirs, them)
	}
	many, err := measure(p, "rt0", manyBoots(boots)...)
	if err != nil {
		return err
	}
	for i := range ours {
		ours[i].Many = many.Booted
	}
	fmt.Fprintf(w, "%s, %d CPUs, %s; medians of %d kernels, started by turns; load average %s\n\n",
		runtime.Version(), runtime.NumCPU(), runtime.GOARCH, n, load())
	// A busy machine breaks budgets that the kernel keeps: whoever reads the table must see how busy it was.
	kept := table(w, ours, theirs)
	c, err := gather(p, "rt0", size)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%v\n", c)
	if !kept || len(c.Failures) > 0 {
		return errBudget
	}
	return nil
}

// load returns how many processes have been running or waiting of late (proc_loadavg(5)), of 1, 5 and 15 minutes.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], " ")
}
