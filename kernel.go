package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/kernel/spec"
)

func kernelCommand(std streams) *cli.Command {
	where := func() []cli.Flag {
		return []cli.Flag{
			&cli.BoolFlag{Name: "user", Usage: "where Jupyter looks for this user (the default)"},
			&cli.StringFlag{Name: "prefix", Usage: "`DIR` in DIR/share/jupyter"},
			&cli.BoolFlag{Name: "sys-prefix", Usage: "in the Python environment that is active (sys.prefix)"},
		}
	}
	return &cli.Command{
		Name:  "kernel",
		Usage: "be a Jupyter kernel, or tell Jupyter of it",
		UsageText: `rt0 kernel install [-user|-prefix DIR|-sys-prefix]
rt0 kernel uninstall [-user|-prefix DIR|-sys-prefix]
rt0 kernel doctor
rt0 kernel run CONNECTION_FILE`,
		Description: "After rt0 kernel install, notebooks in Go can be opened in Jupyter; %help in a cell lists the commands for the machine.\n\n" + memoryHelp + "\n\n" +
			"Exit status: 0 after success, 125 when rt0 itself failed or was used wrongly.",
		Commands: []*cli.Command{
			{
				Name: "install", Usage: "tell Jupyter of the kernel", UsageText: "rt0 kernel install [-user|-prefix DIR|-sys-prefix]", Flags: where(),
				Action: func(_ context.Context, c *cli.Command) error {
					data, err := dataDir(c)
					if err != nil {
						return err
					}
					binary, err := ownPath()
					if err != nil {
						return err
					}
					dir, err := spec.Install(data, binary)
					if err == nil {
						fmt.Fprintln(std.out, dir)
					}
					return err
				},
			},
			{
				Name: "uninstall", Usage: "make Jupyter forget the kernel", UsageText: "rt0 kernel uninstall [-user|-prefix DIR|-sys-prefix]", Flags: where(),
				Action: func(_ context.Context, c *cli.Command) error {
					data, err := dataDir(c)
					if err != nil {
						return err
					}
					dir, was, err := spec.Uninstall(data)
					if err == nil && !was {
						return fmt.Errorf("nothing is installed in %s; rt0 kernel doctor shows where it is", dir)
					}
					return err
				},
			},
			{
				Name: "doctor", Usage: "find out why the kernel does not show up", UsageText: "rt0 kernel doctor",
				Description: "It checks what Jupyter needs to find the kernel, and says how to mend what is wrong.\n\nExit status: 0 when nothing is wrong, else 125.",
				Action: func(_ context.Context, c *cli.Command) error {
					binary, err := ownPath()
					if err != nil {
						return err
					}
					if !spec.Doctor(std.out, binary) {
						return errors.New("something is wrong; see above what to do")
					}
					return nil
				},
			},
			{
				Name: "run", Usage: "be the kernel of a connection file; Jupyter does this", UsageText: "rt0 kernel run CONNECTION_FILE",
				Description: keyHelp + "\n\n" + memoryHelp,
				Action: func(_ context.Context, c *cli.Command) error {
					if c.Args().Len() == 0 { // more are the client's own: jupyter run hands its kernel the files that it runs
						return errors.New("want a CONNECTION_FILE; Jupyter starts kernels, see rt0 kernel install")
					}
					return runKernel(c.Args().First(), std.err)
				},
			},
			{
				Name: "cells", Usage: "run the cells of a kernel; rt0 kernel run does this", UsageText: "rt0 kernel cells", Hidden: true,
				Action: func(context.Context, *cli.Command) error { return runCells() },
			},
		},
	}
}

// dataDir returns the Jupyter data folder that the flags name.
func dataDir(c *cli.Command) (string, error) {
	n := 0
	for _, f := range []string{"user", "prefix", "sys-prefix"} {
		if c.IsSet(f) {
			n++
		}
	}
	switch {
	case n > 1:
		return "", errors.New("want only one of -user, -prefix and -sys-prefix")
	case c.IsSet("prefix"):
		dir, err := filepath.Abs(c.String("prefix"))
		return spec.PrefixDir(dir), err
	case c.Bool("sys-prefix"):
		prefix, err := spec.SysPrefix()
		return spec.PrefixDir(prefix), err
	}
	return spec.UserDir()
}

// ownPath returns the absolute path of this rt0.
func ownPath() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}
