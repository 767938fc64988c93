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
A gdb that leaves (detach, quit, a lost connection) leaves the program where it is, for the next one; kill ends rt0.

` + programHelp(),
		StopOnNthArg: &one,
		Flags: append(machineFlags(),
			&cli.StringFlag{Name: "listen", Value: defaultGDBAddr, Usage: "`HOST:PORT` where to wait for gdb; port 0 takes a free one. There is no password: whoever reaches it reads the guest"},
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
			l, err := listenLocally(c.String("listen"))
			if err != nil {
				return err
			}
			say := func(format string, args ...any) { fmt.Fprintf(std.err, "rt0 gdb: "+format+"\n", args...) }
			say("waiting at %s; connect with: gdb -ex 'target remote %[1]s'", l.Addr())
			server := &gdbserver.Server{
				Debuggee: gdbserver.NewPast(past),
				Commands: monitorCommands(past),
				Log:      say,
			}
			if err := server.Serve(ctx, l); !errors.Is(err, context.Canceled) {
				return err
			}
			return &statusError{statusInterrupted, fmt.Errorf("interrupted at tick %d", m.Tick())}
		},
	}
}

// listenLocally listens at a TCP address. Without a host that is the loopback interface, where only this computer's users
// are.
func listenLocally(addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("-listen %s: want HOST:PORT", addr)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("-listen %s: %w; give another with -listen HOST:PORT", addr, err)
	}
	return l, nil
}
