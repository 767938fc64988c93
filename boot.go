package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/internal/visible"
	"github.com/rt0lab/rt0/lessons"
)

func bootCommand(all []string, std streams) *cli.Command {
	return &cli.Command{
		Name:      "boot",
		Usage:     "run the boot of a Go program and show each stage",
		UsageText: "rt0 boot [FLAG...] [PROGRAM [ARG...]]",
		Description: programHelp() + ` Without PROGRAM it is ` + program.Default + `.

The stages, from the first instruction of the ELF file to main.main:

` + stageHelp() + `
The figures, for html, svg and text:

` + figureHelp() + `
Every number is read from the machine. Where a program ends before main.main, or is stopped there by -max-ticks, the stages
that it did not reach say how and where it ended, what it wrote to stderr and what to do; in JSON they have "ended" besides
"missing", and no tick, place, registers and facts. With several CPU counts the boots are shown one after the other, in JSON
as one array each. With -diff, what differs is marked: ≠ a value, ~ an address.

` + bootStatusHelp,
		StopOnNthArg: &one,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "stage", Usage: "`ID` show this stage only"},
			&cli.StringFlag{Name: "cpus", Value: fmt.Sprint(defaultCPUs), Usage: "`N` how many processors the guest sees; or a list such as 1,2,8"},
			&cli.StringFlag{Name: "go", Usage: "`VERSION` build with this Go, such as 1.21.13; it is downloaded if need be (default: the local one)"},
			seedFlag(),
			&cli.StringFlag{Name: "lang", Value: "en", Usage: "`en|zh` the language"},
			&cli.StringFlag{Name: "diff", Usage: "`VERSION` build with this Go, too, and show both boots side by side"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "`text|json|html|svg` how to write it: html is one page, svg one picture"},
			memFlag(),
			maxTicksFlag(fmt.Sprint(lessons.BootTicks)),
			&cli.StringFlag{Name: "figure", Usage: "`NAME` draw this figure (default: in html those of the stage, in svg its first)"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			b, err := newBootOptions(c)
			if err != nil {
				return err
			}
			args := programArgs(c, all)
			if len(args) == 0 {
				args = []string{program.Default}
			}
			b.text.Color = isTerminal(std.out)
			p, err := program.Find(ctx, args[0], program.Options{Go: c.String("go"), Messages: std.err})
			if err != nil {
				return err
			}
			b.text.GOROOT = p.GOROOT
			var other *program.Program
			if b.diff != "" {
				if other, err = program.Find(ctx, args[0], program.Options{Go: b.diff, Messages: std.err}); err != nil {
					return err
				}
			}
			for i, cpus := range b.cpus {
				if i > 0 && b.format == "text" {
					fmt.Fprintln(std.out)
				}
				load := func(p *program.Program) (*emulator.Machine, error) {
					cfg := emulator.Config{
						Program: p.File, Path: p.Path, Args: append([]string{p.Name}, args[1:]...),
						Env: defaultEnv, CPUs: cpus, Seed: c.Uint64("seed"),
					}
					if err := limits(c, &cfg); err != nil {
						return nil, err
					}
					holdMemory(&cfg)
					m, err := emulator.New(cfg)
					if err != nil {
						return nil, fmt.Errorf("load %s: %w", args[0], err)
					}
					m.OnReport(func(what string) { fmt.Fprintln(std.err, "rt0:", visible.Text(what)) })
					return m, nil
				}
				m, err := load(p)
				if err != nil {
					return err
				}
				if other == nil {
					err = b.show(ctx, std.out, m)
				} else if n, errN := load(other); errN != nil {
					err = errN
				} else {
					err = b.showDiff(ctx, std.out, m, n)
				}
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// stageHelp lists the stages.
func stageHelp() string {
	var b strings.Builder
	for _, s := range lessons.Stages {
		fmt.Fprintf(&b, "   %-12s %s\n", s.ID, s.Title.En)
	}
	return b.String()
}

// isTerminal says whether w is a terminal whose user wants colour.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
