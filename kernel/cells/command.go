package cells

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/script"
)

// A command is a line of a cell that begins with %.
type command struct {
	name, args string
	help       string
	run        func(s *Session, ctx context.Context, args string) error
	more       string // what Inspect adds
}

// commands in the order of %help.
var commands []command

func init() { // %help lists them, so they cannot be a literal
	commands = []command{
		{"boot", "[FLAG...] [PROGRAM [ARG...]]", "boot a program; cells know the machine as \"machine\"", (*Session).boot, bootHelp()},
		{"stage", "ID", "go to the end of a stage of the boot, and show it", (*Session).stage, "In Go: machine.To(\"pidle\")."},
		{"step", "[N]", "execute N instructions", (*Session).step, "In Go: machine.Step(1)."},
		{"back", "[N]", "take N instructions back", (*Session).back, "In Go: machine.Back(1)."},
		{"goto", "TICK|STAGE", "go to a moment", (*Session).goTo, "In Go: machine.Seek(1000)."},
		{"run-to", "PLACE", "run to the next arrival at a function, a file:line or an address", (*Session).runTo, "In Go: machine.RunTo(\"runtime.schedinit\")."},
		{"back-to", "PLACE", "go back to the last arrival at a function, a file:line or an address", (*Session).backTo, "In Go: machine.BackTo(\"runtime.rt0_go\")."},
		{"watch", "EXPR", "list the writes to a runtime expression up to now", (*Session).watch, "In Go: machine.Writes(\"sched.npidle\")."},
		{"who-wrote", "EXPR", "tell which instruction wrote a runtime expression last", (*Session).whoWrote, "In Go: machine.WhoWrote(\"sched.pidle\")."},
		{"view", "[FIGURE]", "draw a figure of the present moment", (*Session).view, "In Go: lab.Show(machine.Draw(\"allp\")), or machine.Draw(\"allp\") as the cell's last line."},
		{"lesson", "NAME", "put a lesson into a new cell", (*Session).lesson, ""},
		{"lang", "en|zh", "choose the language of titles and figures", (*Session).lang, "In Go: lab.SetLang(\"zh\")."},
		{"doc", "NAME", "show the documentation of a package, a function, a type in the pager", (*Session).doc, ""},
		{"cd", "[DIR]", "change the working directory", (*Session).cd, ""},
		{"go111module", "on|off|auto", "accepted for notebooks of gophernotes; modules are not loaded", (*Session).module, ""},
		{"help", "[COMMAND]", "list the commands, or tell about one", (*Session).help, ""},
	}
}

// command runs a line that begins with % or $.
func (s *Session) command(ctx context.Context, line string) error {
	if rest, ok := strings.CutPrefix(line, "$"); ok {
		return s.shell(ctx, strings.TrimSpace(rest))
	}
	name, args, _ := strings.Cut(line[1:], " ")
	for _, c := range commands {
		if c.name == name {
			return c.run(s, ctx, strings.TrimSpace(args))
		}
	}
	return fmt.Errorf("no command %%%s; %%help lists them", name)
}

// wholeCell returns what runs a cell whose first line makes one command of it, if it has such a line.
func wholeCell(code string) (func(*Session, context.Context, string) error, bool) {
	if first, _, _ := strings.Cut(code, "\n"); first == "%%boot" || strings.HasPrefix(first, "%%boot ") {
		return (*Session).bootCell, true
	}
	return nil, false
}

func (s *Session) help(_ context.Context, args string) error {
	if name := strings.TrimLeft(args, "%"); name != "" {
		text := s.aboutCommand("%"+name, 0, 0)
		if text == "" {
			return fmt.Errorf("no command %%%s; %%help lists them", name)
		}
		fmt.Fprint(lab.Out, text)
		return nil
	}
	var b strings.Builder
	for _, c := range commands {
		fmt.Fprintf(&b, "%%%-30s %s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	fmt.Fprintf(&b, "%-31s boot the program that is the rest of the cell, run it, and show its output\n", "%%boot [FLAG...] [ARG...]")
	fmt.Fprintf(&b, "%-31s run a command of the system's\n", "$ COMMAND")
	fmt.Fprintf(&b, "\nStages: %s\nFigures: %s\nValues of cells: Out[n], _ the last, __ the one before\n", strings.Join(lab.Stages(), ", "), strings.Join(figureNames(), ", "))
	fmt.Fprint(lab.Out, b.String())
	return nil
}

// have returns the cells' variable "machine", booted with the default program if nothing is.
func (s *Session) have() *lab.Machine {
	if err := s.enter(); err != nil {
		panic(lab.Error{Err: err})
	}
	if v := s.globals()["machine"]; v.IsValid() && v.CanInterface() {
		if m, ok := v.Interface().(*lab.Machine); ok && m != nil {
			s.machine = m
		}
	}
	if s.machine == nil {
		if err := s.setMachine(lab.Boot()); err != nil {
			panic(lab.Error{Err: err})
		}
	}
	return s.machine
}

// look tells where the machine is and draws a figure; "" draws that which the stage is about.
func (s *Session) look(figure string) {
	m := s.have()
	fmt.Fprintln(lab.Out, where(m))
	if figure == "" {
		figure = s.figure()
	}
	lab.Show(m.Draw(figure))
}

// figures are what to draw at the end of a stage.
var figures = map[string]string{"osstack": "entry", "entry": "entry", "alignment": "stack", "g0stack": "stack", "tls": "tls", "bind": "bind",
	"mcommoninit": "allm", "procresize": "allp", "acquirep": "allp", "pidle": "allp"}

func (s *Session) figure() string {
	if f := figures[s.stageNow]; f != "" {
		return f
	}
	return "timeline"
}

func (s *Session) stage(_ context.Context, args string) error {
	if args == "" {
		return errors.New("which stage? " + strings.Join(lab.Stages(), ", "))
	}
	m := s.have().To(args)
	s.stageNow = args
	m.Tell()
	s.look("")
	return nil
}

func (s *Session) step(_ context.Context, args string) error {
	n, err := count(args)
	if err != nil {
		return err
	}
	s.have().Step(n)
	return s.arrived()
}

func (s *Session) back(_ context.Context, args string) error {
	n, err := count(args)
	if err != nil {
		return err
	}
	s.have().Back(n)
	return s.arrived()
}

// count reads a number of instructions; 1 if there is none.
func count(args string) (uint64, error) {
	if args == "" {
		return 1, nil
	}
	n, err := strconv.ParseUint(strings.ReplaceAll(args, ",", ""), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number of instructions", args)
	}
	return n, nil
}

func (s *Session) goTo(ctx context.Context, args string) error {
	if tick, err := strconv.ParseUint(strings.ReplaceAll(args, ",", ""), 10, 64); err == nil {
		s.have().Seek(tick)
		return s.arrived()
	}
	if _, ok := lessons.StageNamed(args); ok {
		return s.stage(ctx, args)
	}
	return fmt.Errorf("%q is neither a tick nor a stage; the stages are %s", args, strings.Join(lab.Stages(), ", "))
}

func (s *Session) runTo(_ context.Context, args string) error {
	if args == "" {
		return errors.New("which place? for instance %run-to runtime.schedinit")
	}
	s.have().RunTo(args)
	return s.arrived()
}

func (s *Session) backTo(_ context.Context, args string) error {
	if args == "" {
		return errors.New("which place? for instance %back-to runtime.rt0_go")
	}
	s.have().BackTo(args)
	return s.arrived()
}

// arrived shows where the machine is.
func (s *Session) arrived() error {
	fmt.Fprintln(lab.Out, where(s.machine))
	lab.Show(s.machine.Draw("registers"))
	return nil
}

func (s *Session) watch(_ context.Context, args string) error {
	if args == "" {
		return errors.New("which expression? for instance %watch sched.npidle")
	}
	writes := s.have().Writes(args)
	for _, w := range writes {
		fmt.Fprintln(lab.Out, w)
	}
	fmt.Fprintf(lab.Out, "%d writes to %s up to now\n", len(writes), args)
	return nil
}

func (s *Session) whoWrote(_ context.Context, args string) error {
	if args == "" {
		return errors.New("which expression? for instance %who-wrote sched.pidle")
	}
	fmt.Fprintln(lab.Out, s.have().WhoWrote(args))
	return nil
}

func (s *Session) view(_ context.Context, args string) error {
	s.look(args)
	return nil
}

func (s *Session) lang(_ context.Context, args string) error {
	for _, l := range script.Langs {
		if l == args {
			lab.Lang = l
			return nil
		}
	}
	return fmt.Errorf("%%lang %s: want %s", args, strings.Join(script.Langs, " or "))
}

// lesson puts the code of a lesson into a new cell, with its prose as comments.
func (s *Session) lesson(_ context.Context, args string) error {
	l, err := script.Named(args)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, p := range l.Imports {
		fmt.Fprintf(&b, "import %q\n", p)
	}
	for _, p := range l.Parts {
		if p.Code != "" {
			b.WriteString(p.Code)
			continue
		}
		b.WriteString("\n/*\n" + p.Prose[lab.Lang] + "\n*/\n")
	}
	if c := s.current(); c != nil {
		c.SetNextInput(b.String(), false)
		c.Display(&kernel.Bundle{Data: map[string]any{"text/plain": l.Title[lab.Lang], "text/markdown": "### " + l.Title[lab.Lang]}}, "")
	}
	return nil
}

// doc shows in the pager all that Inspect knows.
func (s *Session) doc(_ context.Context, args string) error {
	b := s.Inspect(args, len(args), 1)
	if b == nil {
		return fmt.Errorf("nothing is known of %q", args)
	}
	if c := s.current(); c != nil {
		c.Page(b)
	}
	return nil
}

func (s *Session) cd(_ context.Context, args string) error {
	if inPage {
		return errors.New("%cd: a web page has no folders")
	}
	if args == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		args = home
	}
	if err := os.Chdir(args); err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err == nil {
		fmt.Fprintln(lab.Out, dir)
	}
	return err
}

func (s *Session) module(_ context.Context, args string) error {
	switch args {
	case "on", "off", "auto":
		return nil
	}
	return fmt.Errorf("%%go111module %s: want on, off or auto", args)
}

func openFile(path string) (*os.File, error) { return os.Open(path) }
