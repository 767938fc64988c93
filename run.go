package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
)

func runCommand(all []string, std streams) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a program to its end",
		UsageText: "rt0 run [FLAG...] PROGRAM [ARG...]",
		Description: programHelp() + `

Its stdin, stdout, stderr and exit status are rt0's. It sees no file of yours, no clock and no network unless a flag gives
it one. Its environment is ` + strings.Join(defaultEnv, " ") + ` and what -env adds.

` + guestStatusHelp,
		StopOnNthArg: &one,
		Flags: append(machineFlags(),
			&cli.BoolFlag{Name: "stats", Usage: "print a line of JSON to stderr at the end: ticks, wall_ns, mips, threads, pages, syscalls"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			args := programArgs(c, all)
			if len(args) == 0 {
				return errors.New("no PROGRAM; give an ELF file, a Go file, a package folder, or the name of a sample; see rt0 run -h")
			}
			m, err := newMachine(ctx, c, args, std, forwardsOnly)
			if err != nil {
				return err
			}
			return runToEnd(ctx, m, c.Bool("stats"), std.err)
		},
	}
}

// forwardsOnly configures a machine that will not be asked for its past: it keeps no snapshots.
func forwardsOnly(cfg *emulator.Config) { cfg.CheckpointEvery = emulator.NoCheckpoints }

// runToEnd runs the machine until its program ends; the program's exit status comes back as a guestStatus.
func runToEnd(ctx context.Context, m *emulator.Machine, stats bool, stderr io.Writer) error {
	start := time.Now()
	ev, err := m.Run(ctx, math.MaxUint64)
	if stats {
		printStats(stderr, m, time.Since(start))
	}
	if err != nil {
		return err
	}
	switch ev.Kind {
	case emulator.EventExit:
		status, _ := m.Exited()
		return guestStatus(status.Status())
	case emulator.EventMaxTicks:
		return &statusError{statusTicks, fmt.Errorf("stopped at %s; let it run on with a greater -max-ticks", ev.Where())}
	case emulator.EventCanceled:
		return &statusError{statusInterrupted, fmt.Errorf("interrupted at %s", ev.Where())}
	case emulator.EventDeadlock:
		return errHangs(m)
	}
	return fmt.Errorf("stopped by a %v at tick %d that nobody asked for", ev.Kind, ev.Tick)
}

// errHangs reports that no thread of the machine will ever run again.
func errHangs(m *emulator.Machine) error {
	return fmt.Errorf("every thread waits for what can never come: %s; the program hangs on Linux too", waiting(m))
}

// waiting says what each thread waits for.
func waiting(m *emulator.Machine) string {
	var list []string
	for _, t := range m.Threads() {
		list = append(list, fmt.Sprintf("thread %d: %s", t.TID, t.Waiting))
	}
	return strings.Join(list, ", ")
}

// printStats writes the line of -stats. mips is millions of instructions a second of wall time.
func printStats(w io.Writer, m *emulator.Machine, wall time.Duration) {
	s := m.Stats()
	line, err := json.Marshal(struct {
		Ticks    uint64  `json:"ticks"`
		WallNS   int64   `json:"wall_ns"`
		MIPS     float64 `json:"mips"`
		Threads  int     `json:"threads"`
		Pages    int     `json:"pages"`
		Syscalls uint64  `json:"syscalls"`
	}{m.Tick(), wall.Nanoseconds(), math.Round(float64(m.Tick())/float64(max(wall.Nanoseconds(), 1))*1e5) / 100, s.Threads, s.Pages, s.Syscalls})
	if err != nil {
		panic(err) // numbers always marshal
	}
	fmt.Fprintf(w, "%s\n", line)
}
