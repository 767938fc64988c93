package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
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
Every number is read from the machine. With several CPU counts the boots are shown one after the other, in JSON as one array
each.

` + statusHelp,
		StopOnNthArg: &one,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "stage", Usage: "`ID` show this stage only"},
			&cli.StringFlag{Name: "cpus", Value: fmt.Sprint(defaultCPUs), Usage: "`N` how many processors the guest sees; or a list such as 1,2,8"},
			&cli.StringFlag{Name: "go", Usage: "`VERSION` build with this Go, such as 1.21.13; it is downloaded if need be (default: the local one)"},
			seedFlag(),
			&cli.StringFlag{Name: "lang", Value: "en", Usage: "`en|zh` the language"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "`text|json` how to write it"},
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
			p, err := program.Find(ctx, args[0], program.Options{Go: c.String("go"), Messages: std.err})
			if err != nil {
				return err
			}
			b.text.GOROOT = p.GOROOT
			b.text.Color = isTerminal(std.out)
			for i, cpus := range b.cpus {
				if i > 0 && b.format == "text" {
					fmt.Fprintln(std.out)
				}
				m, err := emulator.New(emulator.Config{
					Program: p.File, Path: p.Path, Args: append([]string{p.Name}, args[1:]...),
					Env: defaultEnv, CPUs: cpus, Seed: c.Uint64("seed"),
				})
				if err != nil {
					return fmt.Errorf("load %s: %w", args[0], err)
				}
				if err := b.show(ctx, std.out, m); err != nil {
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

// bootOptions are the flags of rt0 boot that say what to show.
type bootOptions struct {
	stage  string // an ID, or nothing for all
	cpus   []int
	format string
	text   lessons.Options
}

func newBootOptions(c *cli.Command) (b bootOptions, err error) {
	b.stage, b.format, b.text.Lang = c.String("stage"), c.String("format"), c.String("lang")
	if _, ok := lessons.StageNamed(b.stage); !ok && b.stage != "" {
		var ids []string
		for _, s := range lessons.Stages {
			ids = append(ids, s.ID)
		}
		return b, fmt.Errorf("-stage %s: no such stage; choose one of %s", b.stage, strings.Join(ids, ", "))
	}
	if !slices.Contains([]string{"en", "zh"}, b.text.Lang) {
		return b, fmt.Errorf("-lang %s: no such language; choose en or zh", b.text.Lang)
	}
	if !slices.Contains([]string{"text", "json"}, b.format) {
		return b, fmt.Errorf("-format %s: no such format; choose text or json", b.format)
	}
	b.cpus, err = parseCPUs(c.String("cpus"))
	return b, err
}

// errShown ends a boot of which no more stages are wanted.
var errShown = errors.New("shown")

// show runs a boot and writes its stages. Where the boot fails midway, those until then are written.
func (b *bootOptions) show(ctx context.Context, w io.Writer, m *emulator.Machine) error {
	var moments []*lessons.Moment
	boot := lessons.EachStage(ctx, m, func(mo *lessons.Moment) error {
		switch b.stage {
		case "":
			moments = append(moments, mo)
		case mo.Stage.ID:
			moments = append(moments, mo)
			return errShown
		}
		return nil
	})
	if errors.Is(boot, errShown) {
		boot = nil
	}
	if boot != nil && len(moments) == 0 {
		return boot
	}
	write := lessons.WriteJSON
	if b.format == "text" {
		write = func(w io.Writer, ms []*lessons.Moment) error { return lessons.WriteText(w, ms, b.text) }
	}
	if err := write(w, moments); err != nil {
		return err
	}
	return boot
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
