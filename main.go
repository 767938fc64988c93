// Rt0 boots and runs Go programs in a machine of its own, one instruction at a time, and shows what happens.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/internal/visible"
)

// Exit statuses of rt0's own. They are those of timeout(1) and docker run, which programs seldom use; every other status is
// the guest's.
const (
	statusTicks       = 124 // the guest was stopped at -max-ticks
	statusFailure     = 125 // rt0 itself failed, or was used wrongly
	statusInterrupted = 130 // ^C: 128 plus SIGINT, as a shell has it
)

// A guestStatus is the error that carries the guest's exit status out of a command: there is nothing to report.
type guestStatus int

func (s guestStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// A statusError is an error with an exit status other than statusFailure.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second ^C ends rt0 at once
	os.Exit(run(ctx, os.Args, streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are the standard streams of one call of rt0.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run does what args say and returns the exit status.
func run(ctx context.Context, args []string, std streams) int {
	err := newRoot(args, std).Run(ctx, args)
	var guest guestStatus
	var own *statusError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &guest):
		return int(guest)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fmt.Fprintln(std.err, "rt0: interrupted")
		return statusInterrupted
	}
	fmt.Fprintln(std.err, visible.Lines(err.Error())) // it may quote a file
	if errors.As(err, &own) {
		return own.status
	}
	return statusFailure
}

// newRoot returns the command rt0 with all its subcommands. args are those it is going to be run with.
func newRoot(args []string, std streams) *cli.Command {
	root := &cli.Command{
		Name:      "rt0",
		Usage:     "watch a Go program boot",
		UsageText: "rt0 COMMAND [FLAG...] [ARGUMENT...]",
		Description: "rt0 is a machine, in pure Go, that boots unmodified linux/amd64 Go programs and lets you look at every " +
			"instruction.\nrt0 COMMAND -h explains a command.\n\n" +
			"Exit status: 0 after success; of rt0 run and rt0 trace that of the program (128+n when signal n killed it); 124 when it was stopped at " +
			"-max-ticks, 125 when rt0 itself failed or was used wrongly, 130 after ^C.",
		Version:               version(),
		EnableShellCompletion: true,
		ConfigureShellCompletionCommand: func(c *cli.Command) {
			c.Hidden = false
			c.UsageText = "rt0 completion bash|zsh|fish|pwsh"
			c.Usage = "print a script that completes rt0's commands and flags in your shell"
		},
		HideHelpCommand: true,
		Reader:          std.in,
		Writer:          std.out,
		ErrWriter:       std.err,
		Commands: []*cli.Command{
			bootCommand(args, std),
			runCommand(args, std),
			lessonCommand(std),
			kernelCommand(std),
			exerciseCommand(std),
			gdbCommand(args, std),
			dapCommand(std),
			serveCommand(std),
			traceCommand(args, std),
			versionCommand(std),
		},
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return unknownCommand(c)
			}
			return cli.ShowRootCommandHelp(c)
		},
	}
	return prepare(root)
}
