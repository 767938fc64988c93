package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
)

func runCommand(all []string, std streams) *cli.Command {
	return &cli.Command{
		Name:      "run",
		Usage:     "run a program to its end",
		UsageText: "rt0 run [FLAG...] PROGRAM [ARG...]",
		Description: programHelp() + `

Its stdin, stdout, stderr and exit status are rt0's. It sees no file of yours, no clock and no network unless a flag gives
it one. Its environment is ` + strings.Join(defaultEnv, " ") + ` and what -env adds.

` + statusHelp,
		StopOnNthArg: &one,
		Flags: []cli.Flag{
			&cli.IntFlag{Name: "cpus", Value: defaultCPUs, Usage: "`N` how many processors the guest sees"},
			seedFlag(),
			&cli.StringSliceFlag{Name: "env", Usage: "`K=V` add it to the guest's environment; can be repeated"},
			&cli.StringSliceFlag{Name: "mount", Usage: "`HOSTDIR=GUESTDIR[:rw]` show a folder to the guest, read-only unless :rw; can be repeated"},
			&cli.StringFlag{Name: "cwd", Usage: "`DIR` the guest's working directory (default: where a mount shows your own, else /)"},
			&cli.Uint64Flag{Name: "max-ticks", HideDefault: true, Usage: "`N` stop after so many instructions (default: never)"},
			&cli.StringFlag{Name: "mem", Value: "4G", Usage: "`SIZE` the most writable memory that the guest can have, such as 256M"},
			&cli.BoolFlag{Name: "stats", Usage: "print a line of JSON to stderr at the end: ticks, wall_ns, mips, threads, pages, syscalls"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			args := programArgs(c, all)
			if len(args) == 0 {
				return errors.New("no PROGRAM; give an ELF file, a Go file, a package folder, or the name of a sample; see rt0 run -h")
			}
			cfg, err := runConfig(c)
			if err != nil {
				return err
			}
			p, err := program.Find(ctx, args[0], program.Options{Messages: std.err})
			if err != nil {
				return err
			}
			cfg.Program, cfg.Path, cfg.Args = p.File, p.Path, append([]string{p.Name}, args[1:]...)
			cfg.Stdin, cfg.Stdout, cfg.Stderr = &interruptible{ctx: ctx, r: std.in}, std.out, std.err
			m, err := emulator.New(cfg)
			if err != nil {
				return fmt.Errorf("load %s: %w", args[0], err)
			}
			return runToEnd(ctx, m, c.Uint64("max-ticks"), c.Bool("stats"), std.err)
		},
	}
}

// programHelp says what PROGRAM can be.
func programHelp() string {
	var b strings.Builder
	b.WriteString("PROGRAM is a static ELF file for linux/amd64, a Go file or package folder (built on the spot), or a sample:\n")
	for _, s := range program.Samples() {
		fmt.Fprintf(&b, "\n   %-12s %s", s, program.Summary(s))
	}
	b.WriteString("\n\nFlags come before PROGRAM; all that follows it is its own.")
	return b.String()
}

// runConfig turns flags into a machine's configuration, but for the program.
func runConfig(c *cli.Command) (cfg emulator.Config, err error) {
	cfg.CPUs, cfg.Seed, cfg.Dir = c.Int("cpus"), c.Uint64("seed"), c.String("cwd")
	if cfg.CPUs < 1 {
		return cfg, fmt.Errorf("-cpus %d: want at least 1", cfg.CPUs)
	}
	if cfg.Env, err = environment(c.StringSlice("env")); err != nil {
		return cfg, err
	}
	if cfg.MemLimit, err = parseSize(c.String("mem")); err != nil {
		return cfg, fmt.Errorf("-mem: %w", err)
	}
	for _, s := range c.StringSlice("mount") {
		m, err := parseMount(s)
		if err != nil {
			return cfg, err
		}
		cfg.Mounts = append(cfg.Mounts, m)
	}
	if cfg.Dir == "" {
		if dir, err := os.Getwd(); err == nil {
			cfg.Dir = workingDir(dir, cfg.Mounts)
		}
	}
	return cfg, nil
}

// runToEnd runs the machine until its program ends; the program's exit status comes back as a guestStatus.
func runToEnd(ctx context.Context, m *emulator.Machine, maxTicks uint64, stats bool, stderr io.Writer) error {
	until := uint64(math.MaxUint64)
	if maxTicks != 0 {
		until = maxTicks
	}
	start := time.Now()
	ev, err := m.Run(ctx, until)
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
	case emulator.EventTick:
		return &statusError{statusTicks, fmt.Errorf("stopped at tick %d; let it run on with a greater -max-ticks", ev.Tick)}
	case emulator.EventCanceled:
		return &statusError{statusInterrupted, fmt.Errorf("interrupted at tick %d", ev.Tick)}
	case emulator.EventDeadlock:
		return fmt.Errorf("every thread waits for what can never come: %s; the program hangs on Linux too", waiting(m))
	}
	return fmt.Errorf("stopped by a %v at tick %d that nobody asked for", ev.Kind, ev.Tick)
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

// interruptible is a reader whose Read gives up when the context is canceled, so that ^C ends a guest that waits for input.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		b := make([]byte, len(p))
		n, err := i.r.Read(b)
		done <- result{b[:n], err}
	}()
	select {
	case r := <-done:
		return copy(p, r.data), r.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}
