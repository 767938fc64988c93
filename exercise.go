package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons/exercise"
	"github.com/rt0lab/rt0/lessons/picture"
)

func exerciseCommand(std streams) *cli.Command {
	lang := func() cli.Flag {
		return &cli.StringFlag{Name: "lang", Value: "en", Usage: "`en|zh` the language"}
	}
	return &cli.Command{
		Name:  "exercise",
		Usage: "list, show or check exercises",
		UsageText: "rt0 exercise list [-lang en|zh]\nrt0 exercise show [-lang en|zh] [-hint] NAME\n" +
			"rt0 exercise check [-lang en|zh] NAME FILE.go",
		Description: `An exercise asks about the boot. Its answer is a piece of Go: start from what rt0 exercise show prints, write it to a
file, and let the machine check it. Nothing is looked up in a table: programs are booted and compared with what you say.

Exit status: 0 after success, 1 when check finds the answer wrong, 125 when rt0 itself failed or was used wrongly, 130 after ^C.`,
		Commands: []*cli.Command{
			{
				Name: "list", Usage: "list the exercises", UsageText: "rt0 exercise list [-lang en|zh]", Flags: []cli.Flag{lang()},
				Action: func(_ context.Context, c *cli.Command) error {
					code, err := language(c)
					if err != nil {
						return err
					}
					for _, e := range exercise.All {
						fmt.Fprintf(std.out, "%-16s %s\n", e.ID, e.Title.In(code))
					}
					return nil
				},
			},
			{
				Name: "show", Usage: "show an exercise and where to start", UsageText: "rt0 exercise show [-lang en|zh] [-hint] NAME",
				Description: "rt0 exercise list shows the names.",
				Flags:       []cli.Flag{lang(), &cli.BoolFlag{Name: "hint", Usage: "show the hint instead"}},
				Action: func(_ context.Context, c *cli.Command) error {
					code, err := language(c)
					if err != nil {
						return err
					}
					if c.Args().Len() != 1 {
						return errors.New("want the NAME of one exercise; rt0 exercise list shows them")
					}
					e, err := exercise.Named(c.Args().First())
					if err != nil {
						return err
					}
					if c.Bool("hint") {
						fmt.Fprintln(std.out, e.Hint.In(code))
						return nil
					}
					fmt.Fprint(std.out, e.Question(code))
					return nil
				},
			},
			{
				Name: "check", Usage: "check an answer", UsageText: "rt0 exercise check [-lang en|zh] NAME FILE.go",
				Description: "rt0 exercise list shows the names. FILE.go holds your answer.\n\nExit status: 0 when the answer is right, 1 when it is wrong, 125 when rt0 itself failed or was used wrongly, 130 after ^C.", Flags: []cli.Flag{lang()},
				Action: func(ctx context.Context, c *cli.Command) error {
					code, err := language(c)
					if err != nil {
						return err
					}
					if c.Args().Len() != 2 {
						return errors.New("want the NAME of an exercise and the FILE.go with your answer; rt0 exercise list shows the names")
					}
					e, err := exercise.Named(c.Args().First())
					if err != nil {
						return err
					}
					return checkExercise(ctx, std, e, c.Args().Get(1), code)
				},
			},
		},
	}
}

// statusWrong is the exit status for a wrong answer.
const statusWrong guestStatus = 1

// checkExercise checks the answer in a file.
func checkExercise(ctx context.Context, std streams, e *exercise.Exercise, file, lang string) error {
	answer, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	bench := &exercise.Bench{Program: func(ctx context.Context, name, version string) (*program.Program, error) {
		return program.Find(ctx, name, program.Options{Go: version, Messages: std.err})
	}}
	err = e.Check(ctx, bench, string(answer))
	var wrong *exercise.Wrong
	switch {
	case err == nil:
		fmt.Fprintln(std.out, e.Verdict(nil, lang))
		return nil
	case !errors.As(err, &wrong):
		return err
	}
	fmt.Fprintln(std.out, e.Verdict(err, lang))
	if wrong.Figure != nil {
		term := picture.TextOptions{Color: isTerminal(std.out), ASCII: !unicodeTerminal()}
		fmt.Fprint(std.out, "\n", wrong.Figure(lang).Render(term))
	}
	return statusWrong
}
