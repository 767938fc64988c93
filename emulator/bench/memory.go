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

// memory runs each hostile guest with -mem 128M and prints the most memory that the host had for it. -max-ticks ends those
// that get no error.
func memory(w io.Writer, dir, rt0 string) error {
	exe := filepath.Join(dir, "hostile")
	source := exe + ".go"
	if err := os.WriteFile(source, []byte(hostile.Source), 0o666); err != nil {
		return err
	}
	if err := build(exe, source); err != nil {
		return err
	}
	fmt.Fprint(w, "\n-mem 128M: the host may hold 320 MiB\n\n| guest | host MiB | s | it says |\n|---|--:|--:|---|\n")
	for _, g := range hostile.Guests {
		cmd := exec.Command(rt0, "run", "-mem", "128M", "-max-ticks", "20000000000", exe, g.Name)
		var out bytes.Buffer
		cmd.Stdout = &out
		start := time.Now()
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			return err
		}
		said := string(bytes.TrimSpace(out.Bytes()))
		if said == "" {
			said = err.Error()
		}
		fmt.Fprintf(w, "| %s | %s | %.1f | %s |\n", g.Name, peakMiB(cmd.ProcessState), time.Since(start).Seconds(), said)
	}
	return nil
}
