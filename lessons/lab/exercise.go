package lab

import (
	"context"
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons/exercise"
)

// A Question is an exercise in a cell.
type Question struct{ e *exercise.Exercise }

// Exercise returns the exercise of that name. `rt0 exercise list` shows them all.
//
//	lab.Exercise("wirep").Show()
//	lab.Exercise("wirep").Check("func wirep(pp *p) { … }")
//	lab.Exercise("sp-moves").Check(48)
//	lab.Exercise("gomaxprocs").Check(lab.CPUs(4), lab.Env("GOMAXPROCS=2"))
func Exercise(name string) *Question {
	e, err := exercise.Named(name)
	must(err)
	return &Question{e}
}

// Exercises returns the names of the exercises, in the order of the boot.
func Exercises() []string {
	var names []string
	for _, e := range exercise.All {
		names = append(names, e.ID)
	}
	return names
}

// Show shows the exercise and the code from which to start.
func (q *Question) Show() { DisplayText(q.e.Markdown(Lang), q.e.Question(Lang)) }

// Hint prints a hint.
func (q *Question) Hint() { fmt.Fprintln(Out, q.e.Hint.In(Lang)) }

// bench keeps the machines that answers are held to. It finds programs as Boot does.
var bench = &exercise.Bench{Program: func(ctx context.Context, name, version string) (*program.Program, error) {
	return Program(ctx, name, version)
}}

// Check checks an answer and tells what is wrong with it, with a picture where there is one. An answer is code as a string;
// or the values asked for, one argument each; or, where a machine is asked for, the options with which to boot it.
func (q *Question) Check(answer ...any) {
	solved[q.e.ID] = false
	code, err := q.e.Code(bootOptions(answer)...)
	must(err)
	err = q.e.Check(Context, bench, code)
	solved[q.e.ID] = err == nil
	fmt.Fprintln(Out, q.e.Verdict(err, Lang))
	var wrong *exercise.Wrong
	switch {
	case errors.As(err, &wrong):
		if wrong.Figure != nil {
			Display(wrong.Figure(Lang))
		}
	case err != nil:
		must(err)
	}
}

// solved says of each exercise that was checked whether the last answer was right.
var solved = map[string]bool{}

// Solved says whether the last answer that was checked is right: for front ends that keep a reader's progress.
func (q *Question) Solved() bool { return solved[q.e.ID] }

// bootOptions turns the options of Boot into the values that they set: the CPU count and the environment.
func bootOptions(answer []any) []any {
	var s setup
	for _, v := range answer {
		o, ok := v.(Option)
		if !ok {
			return answer
		}
		o(&s)
	}
	if s.cfg.CPUs == 0 {
		s.cfg.CPUs = defaultCPUs
	}
	return []any{s.cfg.CPUs, append([]string{}, s.cfg.Env...)}
}
