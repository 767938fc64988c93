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
       "program": "${workspaceFolder}", "args": [], "env": {},
       "cpus": 4, "seed": 0, "stopOnEntry": true
     }]
   }

program is an ELF file, a Go file, a package folder, or a sample. guestCwd, mounts (HOSTDIR=GUESTDIR[:rw], over -listen with
-allow-mount only), mem (such as "256M"), maxTicks and stopAtEnd (false ends the session with the program) can be given, too.
Step back and reverse continue go back in the run; in the debug console "rt0 help" lists commands.

` + statusHelp,
		Flags: []cli.Flag{
			memFlag(),
			maxTicksFlag("never"),
			&cli.StringFlag{Name: "listen", Usage: "`HOST:PORT` where to wait for editors, on this computer only without HOST; port 0 takes a free one"},
			anyUserFlag("can build your Go programs and run them in machines"),
			&cli.BoolFlag{Name: "allow-mount", Usage: "let editors that connect show your folders to the programs that they launch (mounts)"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			say := func(format string, args ...any) { fmt.Fprintf(std.err, "rt0 dap: "+format+"\n", args...) }
			var from emulator.Config
			if err := limits(c, &from); err != nil {
				return err
			}
			server := &dap.Server{Load: loadForDAP(from), Commands: consoleCommands, Log: say}
			if c.String("listen") != "" {
				if !c.Bool("allow-mount") {
					server.Load = withoutMounts(server.Load)
				}
				l, err := listenForUser(c, listen.Gate{Log: say})
				if err != nil {
					return err
				}
				say("waiting at %s; connect an editor to %s", l.Addr(), listen.Reachable(l))
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

// loadForDAP returns the loader with the limits of the command line, which a request may lower.
func loadForDAP(from emulator.Config) loader {
	return func(ctx context.Context, a dap.LaunchArguments, stdout, stderr, messages io.Writer) (*emulator.Machine, error) {
		cfg := from
		if err := launchConfig(&cfg, a); err != nil {
			return nil, err
		}
		cfg.Stdout, cfg.Stderr = stdout, stderr
		p, err := program.Find(ctx, a.Program, program.Options{Messages: messages})
		if err != nil {
			return nil, err
		}
		cfg.Program, cfg.Path, cfg.Args = p.File, programPath(p, cfg.Mounts), append([]string{p.Name}, a.Args...)
		holdMemory(&cfg)
		m, err := emulator.New(cfg)
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", a.Program, err)
		}
		return m, nil
	}
}

// launchConfig puts what a launch request says into cfg, but for the program.
func launchConfig(cfg *emulator.Config, a dap.LaunchArguments) error {
	cfg.CPUs, cfg.Seed, cfg.Dir = a.CPUs, a.Seed, a.Cwd
	if a.Mem != "" {
		mem, err := parseSize(a.Mem)
		if err != nil {
			return fmt.Errorf("mem: %w", err)
		}
		if mem > cfg.MemLimit {
			return fmt.Errorf("mem %s: the command line allows %d bytes; start rt0 dap with a greater -mem", a.Mem, cfg.MemLimit)
		}
		cfg.MemLimit = mem
	}
	if a.MaxTicks != 0 && (cfg.MaxTicks == 0 || a.MaxTicks < cfg.MaxTicks) {
		cfg.MaxTicks = a.MaxTicks
	}
	if cfg.CPUs == 0 {
		cfg.CPUs = defaultCPUs
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(a.Env)) {
		pairs = append(pairs, key+"="+a.Env[key])
	}
	var err error
	if cfg.Env, err = environment(pairs); err != nil {
		return err
	}
	for _, text := range a.Mounts {
		m, err := parseMount(text)
		if err != nil {
			return err
		}
		cfg.Mounts = append(cfg.Mounts, m)
	}
	if cfg.Dir == "" {
		if dir, err := os.Getwd(); err == nil {
			cfg.Dir = workingDir(dir, cfg.Mounts)
		}
	}
	return nil
}

// consoleCommands are what rt0 offers in the debug console: those that it offers in gdb.
func consoleCommands(s *history.Session) []dap.Command {
	var list []dap.Command
	for _, c := range monitorCommands(s) {
		list = append(list, dap.Command(c))
	}
	return list
}
