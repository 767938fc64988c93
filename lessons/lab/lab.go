// Package lab is what lessons, notebook cells and scripts say to the machine: boot a program, go to a moment, look, draw,
// ask who wrote. It reads like the sentences of a lesson; errors end the cell that made them.
//
//	m := lab.Boot(lab.CPUs(4))
//	m.To("pidle")
//	lab.Show(m.Draw("allp"))
//	fmt.Println(m.Eval("sched.npidle"), m.WhoWrote("sched.pidle"))
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/internal/visible"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
)

// Where and how a cell's results appear. A notebook, a browser and a terminal each set these to what suits them.
var (
	// Lang is "en" or "zh": the language of titles and of what machines say about themselves.
	Lang = "en"
	// Out is where text goes.
	Out io.Writer = os.Stdout
	// Display shows a picture. By default it prints the picture's text.
	Display = func(c *picture.Canvas) { fmt.Fprint(Out, c.Render(Terminal)) }
	// DisplayText shows a text that there is as Markdown, too. By default it prints the text.
	DisplayText = func(markdown, text string) { fmt.Fprint(Out, text) }
	// Terminal says what Out can show.
	Terminal picture.TextOptions
	// Context ends long work when it is canceled: a reader pressed stop.
	Context = context.Background()
	// Progress, if not nil, is told now and then how far long work has come.
	Progress func(Step)
	// Program finds the program to boot: a sample's name or a path, built by the version of Go given, "" for the local one.
	Program = func(ctx context.Context, name, version string) (*program.Program, error) {
		return program.Find(ctx, name, program.Options{Go: version, Messages: os.Stderr})
	}
)

// SetLang sets the language: "en" or "zh". Cells use it, because the interpreter cannot assign to another package's variable.
func SetLang(lang string) {
	if lang != "en" && lang != "zh" {
		must(fmt.Errorf("%q is no language of the lessons; say en or zh", lang))
	}
	Lang = lang
}

// An Error is what the functions of this package panic with: something that the cell asked for cannot be. Whoever runs cells
// shows it as the cell's error.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }
func (e Error) Unwrap() error { return e.Err }

// must ends the cell if there is an error.
func must(err error) {
	if err != nil {
		panic(Error{err})
	}
}

// An Option says what is different about a machine.
type Option func(*setup)

type setup struct {
	cfg     emulator.Config
	name    string
	version string
	program *program.Program // nil: name says which
}

// CPUs sets how many processors the program sees.
func CPUs(n int) Option { return func(s *setup) { s.cfg.CPUs = n } }

// Seed sets what all chance comes from.
func Seed(n uint64) Option { return func(s *setup) { s.cfg.Seed = n } }

// Mem sets the most that the program can have of all that takes memory, in bytes.
func Mem(bytes uint64) Option { return func(s *setup) { s.cfg.MemLimit = bytes } }

// DefaultMem is the Mem of a machine if nothing is said; 0 is emulator.Config's. A front end with less memory sets it.
var DefaultMem uint64

// MaxTicks sets after how many instructions the program stops for good. Without it a boot gives up after lessons.BootTicks.
func MaxTicks(n uint64) Option { return func(s *setup) { s.cfg.MaxTicks = n } }

// Args sets the program's arguments, its name apart.
func Args(args ...string) Option { return func(s *setup) { s.cfg.Args = args } }

// Env adds "KEY=value" to the program's environment.
func Env(list ...string) Option { return func(s *setup) { s.cfg.Env = append(s.cfg.Env, list...) } }

// Go sets the version of Go that builds the program, such as "1.25.0".
func Go(version string) Option {
	return func(s *setup) { s.version = strings.TrimPrefix(version, "go") }
}

// Sample sets the program: the name of a sample, a Go file, a package folder or an ELF file. It is "hello" if not said.
func Sample(name string) Option { return func(s *setup) { s.name = name } }

// A Machine is a program somewhere in its boot.
type Machine struct {
	tour    *lessons.Tour
	session *history.Session
	// guest is what the program has printed.
	guest *strings.Builder
	// before is the moment with which pictures compare.
	before *lessons.Moment
	// setup is what it was booted with.
	setup setup
}

// defaultCPUs is how many CPUs a machine has if nothing is said.
const defaultCPUs = 4

// Boot loads the program, runs it once through its boot, so that every stage is known, and returns to its first moment.
func Boot(options ...Option) *Machine {
	m := boot(options...)
	m.moved()
	return m
}

// boot does so without telling Moved.
func boot(options ...Option) *Machine {
	s := setup{name: program.Default}
	s.cfg.CPUs, s.cfg.MemLimit = defaultCPUs, DefaultMem
	for _, o := range options {
		o(&s)
	}
	machine := &Machine{setup: s, guest: &strings.Builder{}}
	var err error
	s.cfg.Env, err = lessons.Environment(s.cfg.Env...)
	must(err)
	p := s.program
	if p == nil {
		p, err = Program(Context, s.name, s.version)
		must(err)
	}
	machine.setup.program = p
	s.cfg.Program, s.cfg.Path, s.cfg.Args = p.File, p.Path, append([]string{p.Name}, s.cfg.Args...)
	s.cfg.Stdout, s.cfg.Stderr = machine.guest, machine.guest
	m, err := emulator.New(s.cfg)
	must(err)
	var refusal lessons.Refusal
	m.OnSyscall(refusal.Note)
	ctx, done := watch(m, "boot", 0)
	machine.tour, err = lessons.NewTour(ctx, m)
	done() // at the last stage, not at the first moment
	m.OnSyscall(nil)
	refusal.Advise(err, m.Config().MemLimit, lessons.Text{En: "with lab.Mem", Zh: "用 lab.Mem "})
	if ended, ok := errors.AsType[*lessons.EndedError](err); ok {
		err = ended.In(Lang)
	}
	must(stopped(m, err))
	machine.session = history.New(m)
	mo, err := machine.tour.Moment(lessons.Stages[0].ID)
	must(err)
	must(stopped(m, m.SeekContext(Context, mo.Tick)))
	machine.before = mo.Before
	return machine
}

// To goes to the end of the stage, forwards or backwards.
func (m *Machine) To(stage string) *Machine {
	mo, err := m.tour.Moment(stage)
	must(err)
	m.move(mo.Tick)
	m.before = mo.Before
	return m
}

// move goes to the tick; pictures then compare with the moment left behind.
func (m *Machine) move(tick uint64) {
	m.before = m.tour.Look()
	ctx, done := watch(m.tour.Machine, "seek", tick)
	defer done()
	m.must(m.tour.Machine.SeekContext(ctx, tick))
	m.moved()
}

// Seek goes to the moment with that number.
func (m *Machine) Seek(tick uint64) *Machine {
	m.move(tick)
	return m
}

// Step executes n instructions; Back takes n back.
func (m *Machine) Step(n uint64) *Machine { return m.Seek(m.Tick() + n) }

// Back takes n instructions back.
func (m *Machine) Back(n uint64) *Machine {
	if n > m.Tick() {
		n = m.Tick()
	}
	return m.Seek(m.Tick() - n)
}

// RunTo runs to the next arrival at a function, a file:line or an address; BackTo to the last one before. If there is none, the
// cell ends with an error and the machine stays where it was.
func (m *Machine) RunTo(where string) *Machine { return m.run(history.Forward, where) }

// BackTo goes back to the last arrival at a function, a file:line or an address. If there is none, the cell ends with an error
// and the machine stays where it was.
func (m *Machine) BackTo(where string) *Machine { return m.run(history.Backward, where) }

func (m *Machine) run(dir history.Direction, where string) *Machine {
	before, from := m.before, m.Tick()
	m.before = m.tour.Look()
	ctx, done := watch(m.tour.Machine, "run", 0)
	defer done()
	stop, err := m.session.RunTo(ctx, dir, where)
	if err == nil && stop.Reason != history.ReasonDone && stop.Reason != history.ReasonBreakpoint {
		err = fmt.Errorf("%s is not reached: %v at tick %s; the machine stays at tick %s", where, stop.Reason, picture.Thousands(stop.Tick), picture.Thousands(from))
		m.must(m.tour.Machine.SeekContext(ctx, from))
	}
	if m.Tick() == from {
		m.before = before // pictures compare with the same moment as until now
	}
	m.must(err)
	m.moved()
	return m
}

// Finish runs the program to its end and returns all that it has printed.
func (m *Machine) Finish() string {
	m.before = m.tour.Look()
	ctx, done := watch(m.tour.Machine, "run", 0)
	defer done()
	_, err := m.session.RunToTick(ctx, math.MaxUint64)
	m.must(err)
	m.moved()
	return m.guest.String()
}

// Tick returns the number of the present moment.
func (m *Machine) Tick() uint64 { return m.tour.Machine.Tick() }

// GoVersion returns the version of Go that built the program, such as "go1.26.8".
func (m *Machine) GoVersion() string { return m.tour.Moments[0].Go }

// Eval returns what a runtime expression means now, such as "allp[1].status", as text. What a Go version lacks is "absent".
func (m *Machine) Eval(expr string) string { return m.tour.Runtime.View(expr).String() }

// Fact returns a fact of the present moment by its name, as `rt0 boot` shows it; "absent" if there is none.
func (m *Machine) Fact(name string) string {
	f, ok := m.tour.Look().Fact(name)
	if !ok {
		return "absent"
	}
	return f.Value.String()
}

// Reg returns a register: "rax" … "r15", "rip", "fsbase"; "sp" is rsp.
func (m *Machine) Reg(name string) int {
	r := m.tour.Look().Registers
	name = strings.ToLower(name)
	switch name {
	case "sp":
		name = "rsp"
	case "rip", "pc":
		return int(r.RIP)
	case "fs", "fsbase":
		return int(r.FSBase)
	}
	for i, n := range emulator.GPRNames {
		if n == name {
			return int(r.GPR[i])
		}
	}
	must(fmt.Errorf("%q is no register; say rax … r15, rip, fsbase", name))
	return 0
}

// Word returns the 8 bytes of memory at an address.
func (m *Machine) Word(addr int) int {
	var b [8]byte
	must(m.tour.Machine.ReadMemory(b[:], uint64(addr)))
	n := uint64(0)
	for i, c := range b {
		n |= uint64(c) << (8 * i)
	}
	return int(n)
}

// Where tells where the machine is: the function, the file and the line.
func (m *Machine) Where() string {
	mo := m.tour.Look()
	return visible.Text(fmt.Sprintf("tick %s: %s (%s:%d)", picture.Thousands(mo.Tick), mo.Symbol, shortFile(mo.File), mo.Line))
}

// String is what a machine shows of itself when it is a cell's result: where it is.
func (m *Machine) String() string { return m.Where() }

func shortFile(name string) string {
	if i := strings.LastIndex(name, "/src/"); i >= 0 {
		return name[i+len("/src/"):]
	}
	if name == "" {
		return ""
	}
	return path.Base(name) // the program's own; where it was built says nothing
}

// Name returns what lies at an address: "&m0", "P3", "G1", a function with the distance from its beginning such as
// "runtime.goexit+0x1", "nil" for 0; else the address itself.
func (m *Machine) Name(addr int) string {
	name := m.tour.Look().Runtime.Name(uint64(addr))
	f, ok := m.tour.Runtime.Table().Func(uint64(addr))
	switch {
	case !strings.HasPrefix(name, "0x") || !ok:
		return name
	case f.Entry == uint64(addr):
		return visible.Text(f.Name)
	}
	return visible.Text(fmt.Sprintf("%s+%#x", f.Name, uint64(addr)-f.Entry))
}

// Status returns the runtime's name for the status of a P, such as Status("allp[0]"), or of a G, such as Status("m0.curg").
func (m *Machine) Status(expr string) string {
	rt := m.tour.Runtime
	if v := rt.View(expr + ".status"); !v.Absent {
		if !v.OK() {
			return v.String()
		}
		return rt.PStatus(v.Uint)
	}
	v := rt.View(expr + ".atomicstatus")
	if !v.OK() {
		return v.String()
	}
	return rt.GStatus(v.Uint)
}

// Draw draws a figure of the present moment: "entry", "stack", "registers", "tls", "bind", "allm", "allp", "goroutine" or
// "timeline". What changed since the moment before is marked.
func (m *Machine) Draw(figure string) *picture.Canvas {
	f, ok := lessons.FigureNamed(figure)
	if !ok {
		names := make([]string, len(lessons.Figures))
		for i, f := range lessons.Figures {
			names[i] = f.Name
		}
		must(fmt.Errorf("%q is no figure; there are %s", figure, strings.Join(names, ", ")))
	}
	return f.Draw(m.tour.Look(), m.before, Lang)
}

// Tell prints the story of the present stage: what happened, in one line.
func (m *Machine) Tell() { fmt.Fprintln(Out, m.tour.Look().Story(Lang)) }

// A Write is an instruction that wrote a piece of memory.
type Write struct{ history.Write }

// String tells when, where and by whom the memory was written.
func (w Write) String() string {
	by := fmt.Sprintf("thread %d", w.TID)
	if w.Goid != 0 {
		by += fmt.Sprintf(", goroutine %d", w.Goid)
	}
	return visible.Text(fmt.Sprintf("tick %s: %s (%s:%d), %s: %s → %s", picture.Thousands(w.Tick), w.Func, shortFile(w.File), w.Line, by, number(w.Old), number(w.New)))
}

// number shows bytes as the number that they are; those of memory that was not there yet as "no memory".
func number(b []byte) string {
	if len(b) == 0 {
		return "no memory"
	}
	return fmt.Sprintf("%x", reversed(b))
}

// reversed shows little-endian bytes as the number that they are.
func reversed(b []byte) []byte {
	out := make([]byte, len(b))
	for i, c := range b {
		out[len(b)-1-i] = c
	}
	return out
}

// WhoWrote tells which instruction last wrote what a runtime expression names.
func (m *Machine) WhoWrote(expr string) Write {
	ctx, done := watch(m.tour.Machine, "search", 0)
	defer done()
	w, err := m.session.LastWrite(ctx, expr)
	m.must(err)
	return Write{w}
}

// Writes tells of every write to what a runtime expression names, up to the present moment.
func (m *Machine) Writes(expr string) []Write {
	var all []Write
	ctx, done := watch(m.tour.Machine, "search", 0)
	defer done()
	m.must(m.session.Writes(ctx, expr, 0, m.Tick(), func(w history.Write) bool {
		all = append(all, Write{w})
		return true
	}))
	return all
}

// Show shows pictures as pictures and everything else as fmt.Println does.
func Show(values ...any) {
	for _, v := range values {
		if c, ok := v.(*picture.Canvas); ok {
			Display(c)
			continue
		}
		fmt.Fprintln(Out, v)
	}
}

// Diff compares the facts of two machines at the end of the same stage and returns a table of those that differ.
func Diff(a, b *Machine, stage string) string {
	x, err := a.tour.Moment(stage)
	must(err)
	y, err := b.tour.Moment(stage)
	must(err)
	return lessons.DiffMoments(x, y)
}
