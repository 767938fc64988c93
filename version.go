package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v3"
)

// version returns the version of rt0 itself and of the Go that it was built with.
func version() string {
	v := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v = info.Main.Version
	}
	return fmt.Sprintf("%s %s %s/%s", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func versionCommand(std streams) *cli.Command {
	return &cli.Command{
		Name:      "version",
		Usage:     "print the version of rt0, and of the Go that built it",
		UsageText: "rt0 version",
		Action: func(context.Context, *cli.Command) error {
			_, err := fmt.Fprintln(std.out, "rt0", version())
			return err
		},
	}
}

func init() {
	cli.VersionPrinter = func(c *cli.Command) { fmt.Fprintln(c.Root().Writer, "rt0", c.Root().Version) }
}
