package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/lessons/picture"
	"github.com/rt0lab/rt0/lessons/script"
)

func lessonCommand(std streams) *cli.Command {
	lang := func() cli.Flag {
		return &cli.StringFlag{Name: "lang", Value: "en", Usage: "`en|zh` the language"}
	}
	return &cli.Command{
		Name:      "lesson",
		Usage:     "list the lessons, or run one in the terminal",
		UsageText: "rt0 lesson list [-lang en|zh]\nrt0 lesson run [-lang en|zh] NAME",
		Description: `A lesson tells of one part of the boot, shows the live machine, asks, and ends with something to change. It is a Go
program; each of its cells is shown and run by an interpreter, and you can copy the script and change it.

` + statusHelp,
		Commands: []*cli.Command{
			{
				Name: "list", Usage: "list the lessons", UsageText: "rt0 lesson list [-lang en|zh]", Flags: []cli.Flag{lang()},
				Action: func(ctx context.Context, c *cli.Command) error {
					code, err := language(c)
					if err != nil {
						return err
					}
					lessons, err := script.All()
					if err != nil {
						return err
					}
					for _, l := range lessons {
						fmt.Fprintf(std.out, "%2d  %-12s %s\n", l.Number, l.Name, l.Title[code])
					}
					return nil
				},
			},
			{
				Name: "run", Usage: "run a lesson", UsageText: "rt0 lesson run [-lang en|zh] NAME",
				Description: "rt0 lesson list shows the names.", Flags: []cli.Flag{lang()},
				Action: func(ctx context.Context, c *cli.Command) error {
					code, err := language(c)
					if err != nil {
						return err
					}
					if c.Args().Len() != 1 {
						return errors.New("want the NAME of one lesson; rt0 lesson list shows them")
					}
					l, err := script.Named(c.Args().First())
					if err != nil {
						return err
					}
					term := picture.TextOptions{Color: isTerminal(std.out), ASCII: !unicodeTerminal()}
					return script.Run(ctx, std.out, l, script.Options{Lang: code, Terminal: term})
				},
			},
		},
	}
}

// language returns the value of -lang.
func language(c *cli.Command) (string, error) {
	lang := c.String("lang")
	for _, l := range script.Langs {
		if l == lang {
			return lang, nil
		}
	}
	return "", fmt.Errorf("-lang %q: want en or zh", lang)
}

// unicodeTerminal says whether the locale's characters are Unicode's (locale(7): LC_ALL, LC_CTYPE, LANG in that order). No
// locale at all is taken for a modern terminal.
func unicodeTerminal() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}
