package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	mapped "github.com/rt0lab/rt0/emulator/internal/memory"
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
	if err := areas(w); err != nil {
		return err
	}
	return hostFIFO(w, dir, rt0, exe)
}

// areas maps 64,000 single pages that cannot be joined and prints how much of the list of areas a call moves.
func areas(w io.Writer) error {
	const n = 64_000
	mem := mapped.New(1 << 40)
	start := time.Now()
	for i := range uint64(n) {
		at := 2 * (n - i) * mapped.PageSize
		if err := mem.Map(mapped.Area{Start: at, End: at + mapped.PageSize, Prot: mapped.Read}); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\n%d mappings of a page: %.1f areas moved a call, %.3f s\n", n, float64(mem.AreaMoves())/n, time.Since(start).Seconds())
	return nil
}

// hostFIFO puts a FIFO in the place of a mounted file before a guest reads it, and prints what the guest gets and when.
func hostFIFO(w io.Writer, dir, rt0, exe string) error {
	shown := filepath.Join(dir, "shown")
	name := filepath.Join(shown, "f")
	if err := errors.Join(os.Mkdir(shown, 0o755), os.WriteFile(name, []byte("file"), 0o644)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, rt0, "run", "-mount", shown+"=/v", exe, hostile.HostFIFO)
	cmd.Stderr = os.Stderr
	out, errOut := cmd.StdoutPipe()
	in, errIn := cmd.StdinPipe()
	if err := errors.Join(errOut, errIn); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		return fmt.Errorf("%s: %q instead of ready", hostile.HostFIFO, lines.Text())
	}
	if msg, err := exec.Command("mkfifo", name+".fifo").CombinedOutput(); err != nil {
		return fmt.Errorf("mkfifo: %w\n%s", err, msg)
	}
	start := time.Now()
	if err := errors.Join(os.Rename(name+".fifo", name), in.Close()); err != nil {
		return err
	}
	lines.Scan()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", hostile.HostFIFO, err)
	}
	fmt.Fprintf(w, "a mounted file becomes a FIFO: %.1f s, %s\n", time.Since(start).Seconds(), lines.Text())
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
