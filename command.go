package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// prepare gives a command and all below it what every command of rt0 has in common: errors are one line that names the
// command and are printed in one place (run), flags are written with one dash.
func prepare(c *cli.Command) *cli.Command {
	c.HideHelpCommand = true
	c.DisableSliceFlagSeparator = true // a comma in -env A=1,2 belongs to the value
	c.ExitErrHandler = func(context.Context, *cli.Command, error) {}
	c.OnUsageError = func(_ context.Context, c *cli.Command, err error, _ bool) error {
		return fmt.Errorf("%s: %w; see %s -h", c.FullName(), err, c.FullName())
	}
	if action := c.Action; action != nil {
		c.Action = func(ctx context.Context, c *cli.Command) error {
			err := action(ctx, c)
			var guest guestStatus
			if err == nil || errors.As(err, &guest) {
				return err
			}
			return fmt.Errorf("%s: %w", c.FullName(), err)
		}
	}
	if c.Action == nil && len(c.Commands) > 0 { // a command of commands, such as lesson
		c.Action = func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return fmt.Errorf("%s: %w", c.FullName(), unknownCommand(c))
			}
			return cli.ShowSubcommandHelp(c)
		}
	}
	for _, sub := range c.Commands {
		prepare(sub)
	}
	return c
}

func init() {
	cli.FlagStringer = flagHelp
}

// flagHelp is the line of a flag in the help of its command. As in the go command, flags have one dash (two are accepted); a
// placeholder for the value stands between back quotes at the start of the flag's usage.
func flagHelp(f cli.Flag) string {
	line := "-" + strings.Join(f.Names(), ", -")
	doc, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return line
	}
	usage := doc.GetUsage()
	if rest, ok := strings.CutPrefix(usage, "`"); ok {
		var placeholder string
		placeholder, usage, _ = strings.Cut(rest, "` ")
		line += " " + placeholder
	}
	line += "\t" + usage
	if doc.TakesValue() && doc.IsDefaultVisible() && doc.GetValue() != "" {
		line += fmt.Sprintf(" (default: %s)", strings.Trim(doc.GetValue(), `"`))
	}
	return line
}

// unknownCommand reports that the first argument is no command.
func unknownCommand(c *cli.Command) error { return noCommand(c, c.Args().First()) }

// noCommand reports that c has no command of that name.
func noCommand(c *cli.Command, name string) error {
	var names []string
	for _, sub := range c.VisibleCommands() {
		names = append(names, sub.Name)
	}
	return fmt.Errorf("no command %q; the commands are %s; see %s -h", name, strings.Join(names, ", "), c.FullName())
}

// one is how many positional arguments end the flags of a command that takes a PROGRAM.
var one = 1

// programArgs returns PROGRAM and its arguments, all that follows rt0's own flags. The library drops one "--" wherever it
// stands; behind PROGRAM it is the program's own and is put back. all are the arguments of rt0.
func programArgs(c *cli.Command, all []string) []string {
	args := c.Args().Slice()
	if len(args) == 0 || len(args) >= len(all) {
		return args
	}
	if tail := all[len(all)-len(args):]; !slices.Equal(tail, args) {
		return all[len(all)-len(args)-1:]
	}
	return args
}
