package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/internal/visible"
)

// machineFlags are the flags of all commands that run a program of the user's: what the guest is like.
func machineFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "cpus", Value: defaultCPUs, Usage: "`N` how many processors the guest sees"},
		seedFlag(),
		&cli.StringSliceFlag{Name: "env", Usage: "`K=V` add it to the guest's environment; can be repeated"},
		&cli.StringSliceFlag{Name: "mount", Usage: "`HOSTDIR=GUESTDIR[:rw]` show a folder to the guest, read-only unless :rw; can be repeated"},
		&cli.StringFlag{Name: "cwd", Usage: "`DIR` the guest's working directory (default: where a mount shows your own, else /)"},
		memFlag(),
		maxTicksFlag("never"),
	}
}

// newMachine returns the machine that the flags ask for, with the program args[0] and its arguments, and what edit changes.
func newMachine(ctx context.Context, c *cli.Command, args []string, std streams, edit ...func(*emulator.Config)) (*emulator.Machine, error) {
	cfg, err := machineConfig(c)
	if err != nil {
		return nil, err
	}
	p, err := program.Find(ctx, args[0], program.Options{Messages: std.err})
	if err != nil {
		return nil, err
	}
	cfg.Program, cfg.Path, cfg.Args = p.File, programPath(p, cfg.Mounts), append([]string{p.Name}, args[1:]...)
	cfg.Stdin = &interruptible{ctx: ctx, r: std.in}
	cfg.Stdout, cfg.Stderr = &interruptible{ctx: ctx, w: std.out}, &interruptible{ctx: ctx, w: std.err}
	for _, f := range edit {
		f(&cfg)
	}
	holdMemory(&cfg)
	m, err := emulator.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", args[0], err)
	}
	m.OnReport(func(what string) { fmt.Fprintln(std.err, "rt0:", visible.Text(what)) })
	return m, nil
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

// machineConfig turns flags into a machine's configuration, but for the program.
func machineConfig(c *cli.Command) (cfg emulator.Config, err error) {
	cfg.CPUs, cfg.Seed, cfg.Dir = c.Int("cpus"), c.Uint64("seed"), c.String("cwd")
	if cfg.CPUs < 1 {
		return cfg, fmt.Errorf("-cpus %d: want at least 1", cfg.CPUs)
	}
	if cfg.Env, err = environment(c.StringSlice("env")); err != nil {
		return cfg, err
	}
	if err := limits(c, &cfg); err != nil {
		return cfg, err
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

// interruptible is a stream of the host's whose Read and Write give up when the context is canceled, so that ^C ends a guest
// that waits for input, or for somebody to read its output.
type interruptible struct {
	ctx context.Context
	r   io.Reader
	w   io.Writer
}

func (i *interruptible) Read(p []byte) (int, error) {
	b := make([]byte, len(p)) // p is the caller's again when Read has given up
	n, err := i.do(func() (int, error) { return i.r.Read(b) })
	return copy(p, b[:n]), err
}

func (i *interruptible) Write(p []byte) (int, error) {
	b := bytes.Clone(p)
	return i.do(func() (int, error) { return i.w.Write(b) })
}

func (i *interruptible) do(move func() (int, error)) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := move()
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}
