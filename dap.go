package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/dap"
	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/listen"
	"github.com/rt0lab/rt0/internal/program"
)

func dapCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "dap",
		Usage:     "serve an editor that speaks the Debug Adapter Protocol, forwards and backwards",
		UsageText: "rt0 dap [-listen HOST:PORT [-any-user] [-allow-mount]]",
		Description: `Without -listen the editor starts rt0 dap and talks to it over stdin and stdout. With it, rt0 waits for editors at the
address; each gets a machine of its own, and only the user who runs rt0 is answered. A launch.json for Visual Studio Code:

   {
     "version": "0.2.0",
     "configurations": [{
       "name": "boot in rt0", "type": "go", "request": "launch", "debugServer": 4711,
       "program": "${workspaceFolder}", "args": [], "env": {}, "cpus": 4, "seed": 0, "stopOnEntry": true
     }]
   }

program is an ELF file, a Go file, a package folder, or a sample. guestCwd, mounts (HOSTDIR=GUESTDIR[:rw], over -listen with
-allow-mount only) and stopAtEnd (false ends the session with the program) can be given, too. Step back and reverse continue
go back in the run; in the debug console "rt0 help" lists commands.`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Usage: "`HOST:PORT` where to wait for editors, on this computer only without HOST; port 0 takes a free one"},
			anyUserFlag("can build your Go programs and run them in machines"),
			&cli.BoolFlag{Name: "allow-mount", Usage: "let editors that connect show your folders to the programs that they launch (mounts)"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			say := func(format string, args ...any) { fmt.Fprintf(std.err, "rt0 dap: "+format+"\n", args...) }
			server := &dap.Server{Load: loadForDAP, Commands: consoleCommands, Log: say}
			if c.String("listen") != "" {
				if !c.Bool("allow-mount") {
					server.Load = withoutMounts(server.Load)
				}
				l, err := listenForUser(c, listen.Gate{Log: say})
				if err != nil {
					return err
				}
				say("waiting at %s", l.Addr())
				return serveDAP(ctx, l, server)
			}
			err := server.Serve(ctx, struct {
				io.Reader
				io.Writer
			}{std.in, std.out})
			if errors.Is(err, context.Canceled) {
				return &statusError{statusInterrupted, errors.New("interrupted")}
			}
			return err
		},
	}
}

// serveDAP serves all clients that connect, until ctx is canceled.
func serveDAP(ctx context.Context, l net.Listener, server *dap.Server) error {
	context.AfterFunc(ctx, func() { l.Close() })
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			return &statusError{statusInterrupted, errors.New("interrupted")}
		}
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			if err := server.Serve(ctx, conn); err != nil && ctx.Err() == nil {
				server.Log("%s: %v", conn.RemoteAddr(), err)
			}
		}()
	}
}

// A loader is what dap.Server's Load is.
type loader = func(ctx context.Context, a dap.LaunchArguments, stdout, stderr, messages io.Writer) (*emulator.Machine, error)

// withoutMounts refuses what shows folders of the host: a client that has connected may write them as we could.
func withoutMounts(load loader) loader {
	return func(ctx context.Context, a dap.LaunchArguments, stdout, stderr, messages io.Writer) (*emulator.Machine, error) {
		if len(a.Mounts) > 0 {
			return nil, fmt.Errorf("mounts %q: refused to clients that connect; start rt0 dap with -allow-mount", a.Mounts)
		}
		return load(ctx, a, stdout, stderr, messages)
	}
}

// loadForDAP returns the machine that a launch request asks for.
func loadForDAP(ctx context.Context, a dap.LaunchArguments, stdout, stderr, messages io.Writer) (*emulator.Machine, error) {
	cfg := emulator.Config{CPUs: a.CPUs, Seed: a.Seed, Dir: a.Cwd, Stdout: stdout, Stderr: stderr}
	if cfg.CPUs == 0 {
		cfg.CPUs = defaultCPUs
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(a.Env)) {
		pairs = append(pairs, key+"="+a.Env[key])
	}
	var err error
	if cfg.Env, err = environment(pairs); err != nil {
		return nil, err
	}
	for _, text := range a.Mounts {
		m, err := parseMount(text)
		if err != nil {
			return nil, err
		}
		cfg.Mounts = append(cfg.Mounts, m)
	}
	if cfg.Dir == "" {
		if dir, err := os.Getwd(); err == nil {
			cfg.Dir = workingDir(dir, cfg.Mounts)
		}
	}
	p, err := program.Find(ctx, a.Program, program.Options{Messages: messages})
	if err != nil {
		return nil, err
	}
	cfg.Program, cfg.Path, cfg.Args = p.File, p.Path, append([]string{p.Name}, a.Args...)
	m, err := emulator.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", a.Program, err)
	}
	return m, nil
}

// consoleCommands are what rt0 offers in the debug console: those that it offers in gdb.
func consoleCommands(s *history.Session) []dap.Command {
	var list []dap.Command
	for _, c := range monitorCommands(s) {
		list = append(list, dap.Command(c))
	}
	return list
}
