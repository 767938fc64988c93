// Package exercise asks readers questions about the boot which the machine itself grades: an answer is a piece of Go, and to
// check it means to boot programs, to run the model with it or to work out what it predicts, and to compare.
package exercise

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
)

// An Exercise is a question, what one starts from, and how to tell whether an answer is right.
type Exercise struct {
	// ID is the exercise's name in commands and cells.
	ID          string
	Title, Text lessons.Text
	// Hint is for those who are stuck; After tells, once the answer is right, what it means.
	Hint, After lessons.Text
	// Start is the code to complete: declarations of package level. Solution is one right answer.
	Start, Solution string
	// Names are the variables in which the answer lies, in the order in which short answers give them; nil if the answer
	// is code.
	Names []string

	check func(a *answer) error
}

// ErrWrong is what every wrong answer wraps.
var ErrWrong = errors.New("not yet")

// A Wrong says why an answer is wrong, so that one can go on from there.
type Wrong struct {
	Text lessons.Text
	// Figure shows the difference; nil if there is nothing to draw. It is drawn in the language asked for.
	Figure func(lang string) *picture.Canvas
}

func (w *Wrong) Error() string { return w.Text.En }
func (w *Wrong) Unwrap() error { return ErrWrong }

// wrong makes a *Wrong from texts in both languages; both take the same arguments.
func wrong(en, zh string, args ...any) error {
	return &Wrong{Text: lessons.Text{En: fmt.Sprintf(en, args...), Zh: fmt.Sprintf(zh, args...)}}
}

// All are the exercises, in the order of the boot.
var All = []*Exercise{
	spMoves, argcSlot, g0Stack, gRegister, mcommoninit, wirep, pidleput, procresize126, procresize125, whoWrotePidle, gomaxprocs, allm,
}

// Named returns the exercise of that name.
func Named(id string) (*Exercise, error) {
	var ids []string
	for _, e := range All {
		if e.ID == id {
			return e, nil
		}
		ids = append(ids, e.ID)
	}
	return nil, fmt.Errorf("there is no exercise %q; there are %s", id, strings.Join(ids, ", "))
}

// Check checks an answer: declarations that complete Start. It returns nil if the answer is right, a *Wrong if it is not,
// another error if the machine could not tell.
func (e *Exercise) Check(ctx context.Context, b *Bench, code string) error {
	// Without its function the model would be compared as it is, and be right.
	if given, err := functions(code); err == nil {
		asked, err := functions(e.Start)
		if err != nil {
			return err
		}
		for _, name := range asked {
			if !slices.Contains(given, name) {
				return wrong("Your answer has no func %s.", "你的答案里没有 func %s。", name)
			}
		}
	}
	return e.check(&answer{ctx: ctx, bench: b, code: code})
}

// functions returns the names of the functions that code declares.
func functions(code string) (names []string, err error) {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+code, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			names = append(names, d.Name.Name)
		}
	}
	return names, nil
}

// Question returns the exercise as text: its title, what is asked, and the code from which to start.
func (e *Exercise) Question(lang string) string {
	return fmt.Sprintf("# %s\n\n%s\n\n%s", e.Title.In(lang), e.Text.In(lang), e.Start)
}

// inMarkdown escapes what means something there, or in the formulas between dollars of a notebook.
var inMarkdown = strings.NewReplacer(`\`, `\\`, "$", `\$`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "<", `\<`, "[", `\[`)

// Markdown returns what Question does, as Markdown.
func (e *Exercise) Markdown(lang string) string {
	return fmt.Sprintf("### %s\n\n%s\n\n```go\n%s\n```\n",
		inMarkdown.Replace(e.Title.In(lang)), inMarkdown.Replace(e.Text.In(lang)), strings.TrimRight(e.Start, "\n"))
}

// Verdict returns in a line or two what Check has found.
func (e *Exercise) Verdict(err error, lang string) string {
	var w *Wrong
	switch {
	case err == nil:
		return lessons.Text{En: "Right. ", Zh: "正确。"}.In(lang) + e.After.In(lang)
	case errors.As(err, &w):
		return lessons.Text{En: "Not yet. ", Zh: "还不对。"}.In(lang) + w.Text.In(lang)
	}
	return lessons.Text{En: "It cannot be checked: ", Zh: "无法检查："}.In(lang) + err.Error()
}

// Code makes an answer's code from values, in the order of Names: numbers, strings, lists. A single string that declares
// something is code already.
func (e *Exercise) Code(values ...any) (string, error) {
	if len(values) == 1 {
		if s, ok := values[0].(string); ok && (e.Names == nil || declares(s)) {
			return s, nil
		}
	}
	if e.Names == nil {
		return "", fmt.Errorf("the answer to %s is code, as a string; this is where to start:\n%s", e.ID, e.Start)
	}
	if len(values) != len(e.Names) {
		return "", fmt.Errorf("the answer to %s is %s: give %d values, not %d", e.ID, strings.Join(e.Names, ", "), len(e.Names), len(values))
	}
	var b strings.Builder
	for i, v := range values {
		fmt.Fprintf(&b, "var %s = %#v\n", e.Names[i], v)
	}
	return b.String(), nil
}

func declares(s string) bool {
	for _, f := range strings.Fields(s) {
		switch f {
		case "func", "var", "const", "package":
			return true
		}
	}
	return false
}
