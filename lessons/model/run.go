package model

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/dialect"
	"github.com/rt0lab/rt0/lessons/interpret"
	"github.com/rt0lab/rt0/lessons/library"
	"github.com/rt0lab/rt0/lessons/turns"
)

// An Input is what the runtime finds when it starts.
type Input struct {
	// SP is the stack pointer at the first instruction.
	SP uint64
	// CPUs is how many processors the program may use.
	CPUs int
	// GOMAXPROCS is that variable of the environment, "" if it is not set.
	GOMAXPROCS string
}

// A Field is a variable, or a field of one, and its value as text: a number, or what a pointer points to.
type Field struct{ Path, Value string }

// A Snapshot is what the fields were at the end of a stage of the boot, in the order in which the boot sets them.
type Snapshot struct {
	Stage  string
	Fields []Field
}

// Value returns the value of a field; "" if the snapshot has none of that path.
func (s *Snapshot) Value(path string) string {
	for _, f := range s.Fields {
		if f.Path == path {
			return f.Value
		}
	}
	return ""
}

// ErrEndless means that a model was still running after a time in which it could have ended a thousand times.
var ErrEndless = errors.New("it does not end; look for a loop that does not move on")

const patience = 5 * time.Second

// packages are those that a model may import: nothing that reaches the reader's machine.
var packages = []string{"errors", "fmt", "math", "math/bits", "sort", "strconv", "strings", "sync", "sync/atomic"}

// Run runs the model for a version of Go, changed by a cell's declarations, in the interpreter and returns what it looked
// like at the ends of the stages.
func Run(ctx context.Context, goVersion, cell string, in Input) ([]Snapshot, error) {
	if err := dialect.Check(cell); err != nil {
		return nil, err
	}
	src, err := Merge(goVersion, cell)
	if err != nil {
		return nil, err
	}
	v, err := eval(ctx, src, fmt.Sprintf("boot.Run(%d, %d, %q)", in.SP, in.CPUs, in.GOMAXPROCS), strings.Count(cell, "\n")+1)
	if err != nil {
		return nil, err
	}
	lines, ok := v.Interface().([]string)
	if !ok {
		return nil, errors.New("the model's Run must return []string")
	}
	return snapshots(lines), nil
}

// Eval evaluates declarations on their own, without the model, and then an expression. It returns the expression's value.
func Eval(ctx context.Context, cell, expr string) (any, error) {
	if err := dialect.Check(cell); err != nil {
		return nil, err
	}
	body, _, imports, err := parseCell(cell)
	if err != nil {
		return nil, err
	}
	head := "package main; "
	for _, path := range imports {
		head += "import " + strconv.Quote(path) + "; "
	}
	v, err := eval(ctx, head+body, expr, strings.Count(cell, "\n")+1)
	if err != nil {
		return nil, err
	}
	if !v.IsValid() {
		return nil, nil
	}
	return v.Interface(), nil
}

// eval runs a program and then an expression. Only its first lines are the reader's.
func eval(ctx context.Context, src, expr string, lines int) (v reflect.Value, err error) {
	defer func() {
		if p := recover(); p != nil { // the interpreter's own
			err = dialect.Explain(fmt.Errorf("%v", p))
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, patience, ErrEndless)
	defer cancel()
	in := interp.New(interp.Options{Stdout: io.Discard, Stderr: io.Discard})
	known := interp.Exports{}
	for _, path := range packages {
		key := path + "/" + path[strings.LastIndex(path, "/")+1:]
		known[key] = library.Symbols[key]
	}
	if err := in.Use(known); err != nil {
		return v, err
	}
	// The interpreter places a package's variables after those of the package that it has compiled last, but goes on with a package
	// where that one ended: two packages compiled in turns share places. The runner and expr are in main, so any other package is
	// compiled before them. Main must not be: the interpreter runs its function main with whatever is compiled next.
	var p *interp.Program
	if !strings.HasPrefix(src, "package main;") {
		if p, err = compile(in, src); err != nil {
			return v, explain(ctx, err, lines)
		}
	}
	runner, err := interpret.New(in)
	if err != nil {
		return v, err
	}
	v, err = runner.Run(ctx, func() (_ reflect.Value, err error) {
		if p == nil {
			if p, err = compile(in, src); err != nil {
				return reflect.Value{}, err
			}
		}
		if _, err := in.Execute(p); err != nil {
			return reflect.Value{}, err
		}
		return in.Eval(expr)
	})
	return v, explain(ctx, err, lines)
}

// compile prepares a program to run, with turns where they are taken.
func compile(in *interp.Interpreter, src string) (*interp.Program, error) {
	if turns.Take == nil {
		return in.Compile(src)
	}
	if err := in.Use(turns.Exports()); err != nil {
		return nil, err
	}
	f, err := turns.File(in.FileSet(), interp.DefaultSourceName, src)
	if err != nil {
		return nil, err
	}
	return in.CompileAST(f)
}

var position = regexp.MustCompile(`^(\d+):(\d+): `)

// explain says what went wrong in the reader's terms.
func explain(ctx context.Context, err error, lines int) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var p interp.Panic
	if errors.As(err, &p) {
		return fmt.Errorf("panic: %v", p.Value)
	}
	text := err.Error()
	if m := position.FindStringSubmatch(text); m != nil {
		if n, _ := strconv.Atoi(m[1]); n <= lines {
			return dialect.Explain(fmt.Errorf("line %d: %s", n, text[len(m[0]):]))
		}
		return dialect.Explain(fmt.Errorf("what the model around it uses no longer fits: %s", text[len(m[0]):]))
	}
	return dialect.Explain(err)
}

// snapshots takes apart what the model noted: see seen in package boot.
func snapshots(lines []string) (all []Snapshot) {
	for _, l := range lines {
		if stage, ok := strings.CutPrefix(l, "@"); ok {
			all = append(all, Snapshot{Stage: stage})
			continue
		}
		if n := len(all); n > 0 {
			path, value, _ := strings.Cut(l, " ")
			all[n-1].Fields = append(all[n-1].Fields, Field{path, value})
		}
	}
	return all
}
