// Package cells runs the cells of a notebook: Go code in an interpreter, and commands for the machine. It is the
// kernel.Session of rt0.
package cells

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons/interpret"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/picture"
	"github.com/rt0lab/rt0/lessons/script/symbols"
)

// A Session is an interpreter with what the cells have defined so far, and a machine. Package lab has one place for its
// output, so a process should have one Session at work at a time.
type Session struct {
	in        *interp.Interpreter
	runner    *interpret.Runner
	library   library
	version   string
	names     *names
	constants []constDecl
	imports   map[string]string // path by name, of all cells so far
	files     int               // executions so far: each is a file of its own
	fileNames map[string]int    // see newFile
	slots     map[string]string // types of the variables that have been declared as slots.go says, see slotKey
	captured  map[string]bool   // variables that are used beyond their cell
	machine   *lab.Machine      // what %boot made; cells know it as "machine"
	stageNow  string            // the stage that %stage went to last
	follow    follow
	turn      func()
	stack     atomic.Pointer[stackUse] // of the cell, where code gives way; goroutines of earlier cells look at it too
	evals     uint64                   // pieces of code so far
	running   atomic.Uint64            // number of the piece that runs; 0 when it has failed
	out       *stdio
	types     *typeKnowledge
	progress  progress
	building  *goWords       // of the program that is in the cell; nil else
	own       interp.Exports // what exports returns

	mu     sync.Mutex
	cell   *kernel.Cell    // the one that runs, or ran last: output goes below it
	ctx    context.Context // of the cell that runs
	cancel context.CancelCauseFunc
	fallen error // what a goroutine of the cell has panicked with

	values  []any                    // of the last expression
	plain   []any                    // the same without the methods of cells\' types
	settled map[string]reflect.Value // the variables before the cell, while it is compiled
	outs    []string                 // the variables that hold cells' values, the last at the end
}

// Options say where a session runs.
type Options struct {
	// Version is rt0's own.
	Version string
	// Symbols are the packages of the standard library that cells can import: yaegi's stdlib.Symbols, or fewer of them where
	// there is no room for all.
	Symbols interp.Exports
	// Program finds the program to boot, as lab.Program does. If it is nil, programs are found, and built, on this computer.
	Program func(ctx context.Context, name, version string) (*program.Program, error)
	// Turn, if there are no threads, lets whoever waits have a turn when it is time for one. It is called very often. A process
	// can have only one session with a Turn.
	Turn func()
	// Moved is told, after a cell, of the machine that the cell has booted or moved last. It may be nil.
	Moved func(lab.Moment)
}

// New returns a session.
func New(o Options) (*Session, error) {
	s := &Session{version: o.Version, library: library{std: o.Symbols}, names: newNames(), fileNames: map[string]int{}, slots: map[string]string{}, captured: map[string]bool{}, imports: map[string]string{"display": "display"}, ctx: context.Background()}
	s.out = newStdio(s)
	s.in = interp.New(interp.Options{Stdin: input{s}, Stdout: output{s, false}, Stderr: output{s, true}})
	var err error
	if s.runner, err = interpret.New(s.in); err != nil {
		return nil, err
	}
	s.types, s.own = newTypes(), s.exports()
	if _, members := s.library.find("os"); members == nil {
		s.library.std = maps.Clone(o.Symbols)
		s.library.std["os/os"] = s.own["os/os"]
	}
	s.library.own = s.own
	for _, use := range []interp.Exports{o.Symbols, symbols.Symbols, s.own} {
		if err := s.in.Use(use); err != nil {
			return nil, err
		}
	}
	if err := s.shareThread(o.Turn); err != nil {
		return nil, err
	}
	if _, err := s.in.Eval(`import . "` + displayPath + `"`); err != nil {
		return nil, err
	}
	if err := s.setMachine(nil); err != nil {
		return nil, err
	}
	s.follow.tell, lab.Moved = o.Moved, s.follow.moved
	lab.Out, lab.Context = output{s, false}, cellContext{s}
	lab.Terminal = picture.TextOptions{}
	if lab.Program = o.Program; o.Program == nil {
		lab.Program = func(ctx context.Context, name, version string) (*program.Program, error) {
			what := filepath.Base(name)
			if version != "" {
				what += " with Go " + version
			}
			defer s.progress.building(what)()
			var messages io.Writer = output{s, true}
			if s.building != nil {
				messages = s.building
			}
			return program.Find(ctx, name, program.Options{Go: version, Messages: messages})
		}
	}
	lab.Display = func(c *picture.Canvas) { s.show(canvas(c)) }
	lab.DisplayText = func(markdown, text string) {
		s.show(&kernel.Bundle{Data: map[string]any{"text/markdown": markdown, "text/plain": text}})
	}
	s.progress.s, lab.Progress = s, s.progress.step
	return s, nil
}

// setMachine makes m the machine of the commands, and of the cells' variable "machine".
func (s *Session) setMachine(m *lab.Machine) error {
	s.machine = m
	if v, ok := s.globals()["machine"]; ok && v.CanSet() && v.Type() == reflect.TypeFor[*lab.Machine]() {
		v.Set(reflect.ValueOf(m))
		return nil
	}
	delete(s.slots, "machine")
	_, err := s.in.Eval("machine := " + machineName + "()")
	return err
}

// Close ends what the session reads from.
func (s *Session) Close() { s.out.close() }

// Info says what language this is.
func (s *Session) Info() kernel.Info {
	return kernel.Info{
		Implementation: "rt0", Version: s.version,
		Banner: "rt0 " + s.version + ": Go, and a machine that boots Go programs. %help lists the commands.",
		Language: kernel.LanguageInfo{Name: "go", Version: strings.TrimPrefix(runtime.Version(), "go"), MIMEType: "text/x-go",
			FileExtension: ".go", PygmentsLexer: "go", CodeMirrorMode: "text/x-go", NBConvert: "script"},
		Links: []kernel.HelpLink{{Text: "Go", URL: "https://go.dev/doc/"}, {Text: "rt0", URL: "https://github.com/rt0lab/rt0"}},
	}
}

// Execute runs a cell: its commands and its code in the order in which they stand.
func (s *Session) Execute(ctx context.Context, c *kernel.Cell) (*kernel.Bundle, error) {
	s.files++
	name := fmt.Sprintf("cell[%d]", c.Count)
	if c.Silent {
		name = fmt.Sprintf("silent[%d]", s.files)
	}
	name = s.newFile(name)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.mu.Lock()
	s.cell, s.ctx, s.cancel, s.fallen = c, ctx, cancel, nil
	s.mu.Unlock()
	s.out.trace.reset()
	s.runner.Finish(patience)
	defer s.out.drain()
	defer s.follow.report()
	return s.runParts(ctx, name, c.Code)
}

func (s *Session) runParts(ctx context.Context, name, code string) (*kernel.Bundle, error) {
	if whole, ok := wholeCell(code); ok {
		return nil, s.guarded(ctx, name, code, func() error { return whole(s, ctx, code) })
	}
	var value *kernel.Bundle
	list := parts(code)
	for i, p := range list {
		var err error
		if p.command {
			value = nil
			err = s.guarded(ctx, name, code, func() error { return s.command(ctx, p.text) })
		} else {
			value, err = s.eval(ctx, partName(name, i, list), p.text, i == len(list)-1)
		}
		if err != nil {
			return nil, err
		}
	}
	return value, nil
}

// partName gives the parts of a cell behind a command files of their own: each has its own imports.
func partName(name string, i int, list []part) string {
	for _, p := range list[:i] {
		if !p.command {
			return fmt.Sprintf("%s.%d", name, i+1)
		}
	}
	return name
}

// Value evaluates an expression.
func (s *Session) Value(ctx context.Context, expr string) (*kernel.Bundle, error) {
	s.runner.Finish(patience)
	s.files++
	return s.eval(ctx, s.newFile(fmt.Sprintf("expression[%d]", s.files)), expr, true)
}

// guarded runs a command; what it panics with is the cell's error.
func (s *Session) guarded(ctx context.Context, name, code string, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.failure(ctx, name, code, panicked(p))
		}
	}()
	if err := f(); err != nil {
		return s.failure(ctx, name, code, err)
	}
	return nil
}

// eval runs code: parsed, checked and compiled as a whole before the first statement runs.
func (s *Session) eval(ctx context.Context, name, code string, wantValue bool) (b *kernel.Bundle, err error) {
	names := s.names.clone()
	before := s.globals()
	s.settled = before // the interpreter cannot list them when it has compiled something and not run it
	defer func() {
		s.settled = nil
		if p := recover(); p != nil { // the interpreter's compiler, on code that it cannot do
			err = fmt.Errorf("%v", p)
		}
		if err != nil {
			s.names = names
			s.settle()
			if s.runner.GivenUp() == nil {
				s.release(before)
			}
			b, err = nil, s.failure(ctx, name, code, err)
		}
	}()
	if err := s.check(code); err != nil {
		return nil, err
	}
	if err := s.arrive(code); err != nil {
		return nil, err
	}
	s.evals++
	s.running.Store(s.evals)
	c := &compilation{s: s, number: s.evals, name: name, code: code, variable: outVariable(name), defined: map[string]bool{}, made: map[string]bool{}}
	if err := c.compile(split(code), wantValue); err != nil {
		return nil, c.explain(err)
	}
	var seen *view
	if c.kept || c.defines() {
		seen = c.seen()
		if err := seen.mismatch(s); err != nil {
			return nil, err
		}
	}
	s.values, s.plain = nil, nil
	for _, p := range c.programs {
		if err := s.run(ctx, p); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	err, s.fallen = s.fallen, nil
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.noteConstants(name, code)
	if seen != nil {
		s.learn(seen, c.variable)
	}
	if !wantValue || len(s.values) == 0 {
		s.release(before)
		return nil, nil
	}
	if c.kept {
		s.kept(c.variable)
	}
	s.release(before)
	return s.valueBundle(), nil
}

// settle makes room for the variables of a cell that was compiled and not run: the interpreter does so when it runs anything.
// While code goes on that was given up, that would set its statements going again: they go on wherever something runs.
func (s *Session) settle() {
	if s.runner.GivenUp() == nil {
		s.in.Eval("0")
	}
}

// run executes a compiled program. When ctx ends first, it waits a little for the program to notice.
func (s *Session) run(ctx context.Context, p *interp.Program) error {
	stop := func() {}
	if s.turn == nil {
		stop = s.watchStack(ctx)
	} else {
		s.stack.Store(newStackUse())
	}
	defer stop()
	_, err := s.runner.Run(ctx, func() (reflect.Value, error) { return s.in.Execute(p) })
	if err != nil {
		s.running.Store(0)
	}
	return err
}

// Names that cells can see but should not use, and those of display functions, are in one package.
const (
	displayPath = "rt0/display"
	keepName    = "rt0Keep"
	plainName   = "rt0Plain"
	bareName    = "rt0Bare"
	errorName   = "rt0Error"
	resultName  = "rt0Result"
	machineName = "rt0Machine"
)

// gophernotes are the paths of its package display.
var gophernotes = []string{"display", "github.com/gopherdata/gophernotes"}

// exports are the functions and variables that every cell knows without an import.
func (s *Session) exports() interp.Exports {
	own := map[string]reflect.Value{
		aliveName:   reflect.ValueOf(s.endIfGivenUp),
		bareName:    reflect.ValueOf(bare),
		errorName:   reflect.ValueOf(func(err error) error { return err }), // as an argument it gets its wrapper
		plainName:   reflect.ValueOf(func(v ...any) { s.plain = v }),
		keepName:    reflect.ValueOf(func(v ...any) { s.values = v }),
		guardName:   reflect.ValueOf(s.goroutinePanicked),
		zeroName:    reflect.ValueOf(s.zero),
		machineName: reflect.ValueOf(func() *lab.Machine { return s.machine }),
	}
	s.displayExports(own)
	out := interp.Exports{displayPath + "/display": own}
	for _, path := range gophernotes {
		out[path+"/display"] = s.displayPackage()
	}
	s.safeExports(out)
	s.stdinExports(out)
	errorExports(out)
	wrapperExports(out, own)
	return out
}
