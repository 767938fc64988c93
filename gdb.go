package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/emulator/gdbserver"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/internal/listen"
	"github.com/rt0lab/rt0/internal/program"
)

// defaultGDBAddr is where rt0 gdb listens: the port that gdb's users expect a stub at.
const defaultGDBAddr = "127.0.0.1:1234"

func gdbCommand(all []string, std streams) *cli.Command {
	return &cli.Command{
		Name:      "gdb",
		Usage:     "serve a program to gdb, forwards and backwards",
		UsageText: "rt0 gdb [FLAG...] [PROGRAM [ARG...]]",
		Description: `The program rests before its first instruction until a gdb connects:

   gdb -ex 'target remote 127.0.0.1:1234'

Symbols come over the connection. Everything that looks works, reverse-stepi, reverse-continue and their like included;
whatever would change registers or memory is refused, because the past cannot be edited. monitor help lists what rt0 adds.
Only the user who runs rt0 is answered, and the first gdb that says something has the program until it leaves.
A gdb that leaves (detach, quit, a lost connection) leaves the program where it is, for the next one; kill ends rt0.

` + programHelp() + `

Exit status: 0 after gdb's kill, 125 when rt0 itself failed or was used wrongly, 130 after ^C.`,
		StopOnNthArg: &one,
		Flags: append(machineFlags(),
			&cli.StringFlag{Name: "listen", Value: defaultGDBAddr, Usage: "`HOST:PORT` where to wait for gdb, on this computer only without HOST; port 0 takes a free one"},
			anyUserFlag("reads the guest and can end rt0"),
		),
		Action: func(ctx context.Context, c *cli.Command) error {
			args := programArgs(c, all)
			if len(args) == 0 {
				args = []string{program.Default}
			}
			m, err := newMachine(ctx, c, args, std)
			if err != nil {
				return err
			}
			table, err := symbols.Open(m.Config().Program)
			if err != nil {
				return err
			}
			table.Relocate(m.Current().Registers.RIP - table.Entry())
			past := history.New(m)
			past.Table = table
			say := func(format string, args ...any) { fmt.Fprintf(std.err, "rt0 gdb: "+format+"\n", args...) }
			l, err := listenForUser(c, listen.Gate{Hello: gdbserver.Greeted, Log: say})
			if err != nil {
				return err
			}
			say("waiting at %s; connect with: gdb -ex 'target remote %s'", l.Addr(), listen.Reachable(l))
			server := &gdbserver.Server{
				Debuggee: gdbserver.NewPast(past),
				Commands: monitorCommands(past),
				Log:      say,
			}
			if err := server.Serve(ctx, l); !errors.Is(err, context.Canceled) {
				return err
			}
			return &statusError{statusInterrupted, fmt.Errorf("interrupted at %s", m.Where())}
		},
	}
}

// anyUserFlag is -any-user of the commands that listen for a debugger; power is what whoever connects then can do.
func anyUserFlag(power string) cli.Flag {
	return &cli.BoolFlag{Name: "any-user", Usage: "answer every user who can connect, as relays of WSL and of containers need it; there is no password: whoever connects " + power}
}

// listenForUser listens at -listen for clients of our own user, or of all with -any-user.
func listenForUser(c *cli.Command, g listen.Gate) (net.Listener, error) {
	l, err := listen.TCP("-listen", c.String("listen"))
	if err != nil {
		return nil, err
	}
	g.AnyUser = c.Bool("any-user")
	return g.Guard(l), nil
}
