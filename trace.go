package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/emulator/history/trace"
)

func traceCommand(all []string, std streams) *cli.Command {
	return &cli.Command{
		Name:      "trace",
		Usage:     "print what happens in a program: calls, system calls, instructions",
		UsageText: "rt0 trace [FLAG...] PROGRAM [ARG...]",
		Description: programHelp() + `

Each line begins with the tick, which is the number of instructions retired before, and the thread, with its goroutine if it
runs one. Without -calls, -syscalls and -insns it is -syscalls. What the program itself writes goes to stderr, so that stdout
holds the trace alone.

With -format json each line is an object: {"kind","tick","tid","goid","pc",…}, where kind is

   call, jump     depth, func, from, site: a call, or a function that ends by jumping to another one
   return         depth, func, ticks: how many instructions all threads have executed since the call
   syscall        text: the call with its arguments and result; a call that waited stands where it ended
   insn           func, text, registers: those that the instruction changed

` + guestStatusHelp,
		StopOnNthArg: &one,
		Flags: append(machineFlags(),
			&cli.BoolFlag{Name: "calls", Usage: "the tree of calls, of each stack"},
			&cli.BoolFlag{Name: "syscalls", Usage: "system calls, with arguments and results"},
			&cli.BoolFlag{Name: "insns", Usage: "every instruction, with the registers it changes"},
			&cli.Uint64Flag{Name: "from", HideDefault: true, Usage: "`TICK` begin there (default: at the start)"},
			&cli.Uint64Flag{Name: "to", HideDefault: true, Usage: "`TICK` end before it (default: at the program's end)"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "`text|json` how to write it"},
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			args := programArgs(c, all)
			if len(args) == 0 {
				return errors.New("no PROGRAM; give an ELF file, a Go file, a package folder, or the name of a sample; see rt0 trace -h")
			}
			o := trace.Options{Calls: c.Bool("calls"), Syscalls: c.Bool("syscalls"), Insns: c.Bool("insns"), From: c.Uint64("from"), To: c.Uint64("to")}
			if o == (trace.Options{From: o.From, To: o.To}) {
				o.Syscalls = true
			}
			if o.To != 0 && o.To < o.From {
				return fmt.Errorf("-to %d lies before -from %d", o.To, o.From)
			}
			sink, err := traceSink(c.String("format"))
			if err != nil {
				return err
			}
			m, err := newMachine(ctx, c, args, streams{std.in, std.err, std.err}, forwardsOnly)
			if err != nil {
				return err
			}
			w := bufio.NewWriterSize(std.out, 1<<16)
			if err := trace.Run(ctx, history.New(m), o, sink(w)); err != nil {
				w.Flush() // what is known; if it cannot be written, err says so already
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
			return traceEnd(m, o)
		},
	}
}

// traceEnd says how a trace ended that went as far as it could: as its program did, or at the tick asked for.
func traceEnd(m *emulator.Machine, o trace.Options) error {
	status, exited := m.Exited()
	switch {
	case exited && o.From >= m.Tick():
		return fmt.Errorf("-from %d: the program ends at tick %d", o.From, m.Tick())
	case exited:
		return guestStatus(status.Status())
	case m.Config().MaxTicks != 0 && m.Spent() >= m.Config().MaxTicks:
		return &statusError{statusTicks, fmt.Errorf("stopped at tick %d; let it run on with a greater -max-ticks", m.Tick())}
	case o.To == 0 || m.Tick() < o.To:
		return errHangs(m)
	}
	return nil
}

func traceSink(format string) (func(io.Writer) func(*trace.Record) error, error) {
	switch format {
	case "text":
		return trace.Text, nil
	case "json":
		return trace.JSON, nil
	}
	return nil, fmt.Errorf("-format %s: no such format; choose text or json", format)
}
