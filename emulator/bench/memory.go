package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/rt0lab/rt0/internal/hostile"
)

// guestMem is the -mem of the hostile guests, in bytes.
const guestMem = 128 << 20

// memory runs each hostile guest with -mem 128M, without and with time travel, and prints the most memory that the host had
// for it, the part that this is of what it may have, and how long it took. With time travel the guest is run to its end and
// sought back to its beginning. -max-ticks ends those that get no error.
func memory(w io.Writer, dir, rt0 string) error {
	exe := filepath.Join(dir, "hostile")
	source := exe + ".go"
	if err := os.WriteFile(source, []byte(hostile.Source), 0o666); err != nil {
		return err
	}
	if err := build(exe, source); err != nil {
		return err
	}
	fmt.Fprintf(w, "-mem 128M: the host may have %d MiB, with time travel %d MiB\n\n", hostile.Budget(guestMem, false)>>20, hostile.Budget(guestMem, true)>>20)
	fmt.Fprint(w, "| guest | host MiB | of budget | s | with time travel | of budget | s | it says |\n|---|--:|--:|--:|--:|--:|--:|---|\n")
	for _, g := range hostile.Guests {
		flags := []string{"-mem", "128M", "-max-ticks", g.MaxTicks(5_000_000_000), exe, g.Name}
		start := time.Now()
		peak, said, err := forwards(exec.Command(rt0, append([]string{"run"}, flags...)...))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %s | %.1f |", g.Name, ofBudget(peak, false), time.Since(start).Seconds())
		start = time.Now()
		peak, _, err = hostile.Travel(exec.Command(rt0, append([]string{"gdb", "-listen", "127.0.0.1:0"}, flags...)...))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, " %s | %.1f | %s |\n", ofBudget(peak, true), time.Since(start).Seconds(), said)
	}
	return nil
}

// ofBudget renders the most memory that the host had as two cells of the table; 0 bytes are not known.
func ofBudget(peak uint64, travel bool) string {
	if peak == 0 {
		return "? | ?"
	}
	return fmt.Sprintf("%d | %.2f", peak>>20, float64(peak)/float64(hostile.Budget(guestMem, travel)))
}

// forwards runs a guest to its end and returns the most memory that the process had and the first line that it or rt0 said.
func forwards(cmd *exec.Cmd) (peak uint64, said string, err error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return 0, "", err
	}
	line, _, _ := bytes.Cut(out.Bytes(), []byte("\n")) // of a guest's runtime that runs out of memory, a traceback follows
	return peakBytes(cmd.ProcessState), string(line), nil
}
