package script

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/dialect"
	"github.com/rt0lab/rt0/lessons/interpret"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/library"
	"github.com/rt0lab/rt0/lessons/picture"
	"github.com/rt0lab/rt0/lessons/script/symbols"
)

// Options say how to show a lesson.
type Options struct {
	// Lang is "en" or "zh".
	Lang string
	// Terminal says what the terminal can show.
	Terminal picture.TextOptions
	// CodeOnly leaves out prose and the code's own text: what the compiled program prints.
	CodeOnly bool
}

// A CellError is an error in a cell's code.
type CellError struct {
	Lesson string
	Line   int // where the cell begins in the script
	Err    error
}

func (e *CellError) Error() string {
	return fmt.Sprintf("lesson %s: cell at line %d: %v", e.Lesson, e.Line, e.Err)
}
func (e *CellError) Unwrap() error { return e.Err }

// Run shows the lesson's prose and runs its cells, one after the other, in the interpreter.
func Run(ctx context.Context, w io.Writer, l *Lesson, o Options) error {
	old := struct {
		lang string
		out  io.Writer
		term picture.TextOptions
		ctx  context.Context
	}{lab.Lang, lab.Out, lab.Terminal, lab.Context}
	defer func() { lab.Lang, lab.Out, lab.Terminal, lab.Context = old.lang, old.out, old.term, old.ctx }()
	lab.Lang, lab.Out, lab.Terminal, lab.Context = o.Lang, w, o.Terminal, ctx

	in, err := NewInterpreter(w)
	if err != nil {
		return err
	}
	for _, path := range l.Imports {
		if _, err := in.Eval(ctx, fmt.Sprintf("import %q", path)); err != nil {
			return fmt.Errorf("lesson %s: import %s: %w", l.Name, path, err)
		}
	}
	for _, p := range l.Parts {
		if p.Code == "" {
			if !o.CodeOnly {
				fmt.Fprintf(w, "%s\n\n", renderProse(p.Prose[o.Lang], o.Terminal))
			}
			continue
		}
		if !o.CodeOnly {
			fmt.Fprintf(w, "%s\n", quoteCode(p.Code, o.Terminal))
		}
		if err := EvalCell(ctx, in, p.Code); err != nil {
			return &CellError{l.Name, p.Line, err}
		}
		if !o.CodeOnly {
			fmt.Fprintln(w)
		}
	}
	return nil
}

// NewInterpreter returns an interpreter that knows package lab and those of package library, and writes to w.
func NewInterpreter(w io.Writer) (*interpret.Runner, error) {
	in := interp.New(interp.Options{Stdout: w, Stderr: w})
	for _, use := range []interp.Exports{library.Symbols, symbols.Symbols} {
		if err := in.Use(use); err != nil {
			return nil, err
		}
	}
	return interpret.New(in)
}

// EvalCell runs a cell. What lab panics with, and every other panic of the cell's, comes back as an error.
func EvalCell(ctx context.Context, in *interpret.Runner, code string) (err error) {
	if err := dialect.Check(code); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	_, err = in.Eval(ctx, code)
	if stop := (*lab.Stopped)(nil); errors.As(err, &stop) {
		return stop
	}
	if p, ok := err.(interp.Panic); ok {
		return panicked(p.Value)
	}
	return dialect.Explain(err)
}

// panicked turns what a cell panicked with into an error.
func panicked(p any) error {
	if v, ok := p.(reflect.Value); ok && v.IsValid() && v.CanInterface() {
		p = v.Interface()
	}
	switch p := p.(type) {
	case lab.Error:
		return p.Err
	case error:
		return fmt.Errorf("panic: %w", p)
	}
	return dialect.Explain(fmt.Errorf("panic: %v", p))
}

// renderProse shows Markdown on a terminal: it reads well as it is; headings and emphasis get a style where there is
// colour.
func renderProse(md string, t picture.TextOptions) string {
	if !t.Color {
		return md
	}
	lines := strings.Split(md, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "#") {
			lines[i] = "\x1b[1m" + l + "\x1b[0m"
		}
	}
	return strings.Join(lines, "\n")
}

// quoteCode shows the code of a cell.
func quoteCode(code string, t picture.TextOptions) string {
	bar, on, off := "▎ ", "", ""
	if t.ASCII {
		bar = "| "
	}
	if t.Color {
		on, off = "\x1b[36m", "\x1b[0m"
	}
	var b strings.Builder
	for _, l := range strings.Split(strings.TrimRight(code, "\n"), "\n") {
		b.WriteString(on + strings.TrimRight(bar+l, " ") + off + "\n")
	}
	return b.String()
}
