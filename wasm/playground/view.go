package playground

import (
	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
)

// A Text is a text in the languages of the page.
type Text struct {
	En string `json:"en"`
	Zh string `json:"zh"`
}

// A Stage is a stage of the program's boot.
type Stage struct {
	ID    string `json:"id"`
	Title Text   `json:"title"`
	// Tick is where the stage ends.
	Tick uint64 `json:"tick"`
	// Missing says why the program has no such moment; else it is empty.
	Missing Text `json:"missing"`
	// Figures are the names of the figures that explain it, the most telling first.
	Figures []string `json:"figures"`
}

// An Outline is what stays the same during a run.
type Outline struct {
	Go      string   `json:"go"`
	Stages  []Stage  `json:"stages"`
	Figures []Figure `json:"figures"`
}

// A Figure is a figure that can be asked for.
type Figure struct {
	Name  string `json:"name"`
	Title Text   `json:"title"`
}

// Outline returns what stays the same during the run.
func (p *Playground) Outline() Outline {
	o := Outline{Go: p.tour.Moments[0].Go}
	for _, m := range p.tour.Moments {
		s := Stage{ID: m.Stage.ID, Title: Text(m.Stage.Title), Tick: m.Tick, Missing: Text(m.Missing)}
		for _, f := range m.Stage.Figures() {
			s.Figures = append(s.Figures, f.Name)
		}
		o.Stages = append(o.Stages, s)
	}
	for _, f := range lessons.Figures {
		o.Figures = append(o.Figures, Figure{f.Name, Text(f.Title)})
	}
	return o
}

// Moments returns the ends of the stages, for the JSON of `rt0 boot -format json`.
func (p *Playground) Moments() []*lessons.Moment { return p.tour.Moments }

// A View is the machine at one moment.
type View struct {
	Tick uint64 `json:"tick"`
	// Furthest is the last tick that is known to exist.
	Furthest uint64 `json:"furthest"`
	// Stage is the index of the last stage that has ended; AtStage says that it ends right here.
	Stage   int    `json:"stage"`
	AtStage bool   `json:"atStage"`
	Story   Text   `json:"story"`
	Stamp   string `json:"stamp"`
	TID     int    `json:"tid"`
	Symbol  string `json:"symbol"`
	File    string `json:"file"`
	Line    int    `json:"line"`

	Registers []Register  `json:"registers"`
	Facts     []Fact      `json:"facts"`
	Absent    []Absence   `json:"absent"`
	Code      []CodeLine  `json:"code"`
	Stack     []StackWord `json:"stack"`
	// Graph is nil where the program has no layouts.
	Graph   *Graph   `json:"graph"`
	Threads []Thread `json:"threads"`
	Output  string   `json:"output"`
	Calls   []Call   `json:"calls"`
	// Ended says how the process has ended, "" if it has not.
	Ended string `json:"ended"`
	// Pictures are the figures asked for.
	Pictures []Picture `json:"pictures"`
	// Note says why a move ended early.
	Note string `json:"note"`
	// Hit is the index of the breakpoint at which the move ended, if it did.
	Hit *int `json:"hit,omitempty"`
}

// A Register is a register and whether it differs from the moment before.
type Register struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Changed bool   `json:"changed"`
}

// A Fact is a fact of the moment.
type Fact struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Changed bool   `json:"changed"`
	// Expr is what to ask for when one wants to know who wrote it, "" if no memory holds it.
	Expr string `json:"expr"`
}

// An Absence is a fact that this program cannot give, and why.
type Absence struct {
	Name string `json:"name"`
	Why  Text   `json:"why"`
}

// A CodeLine is an instruction.
type CodeLine struct {
	Addr    string `json:"addr"`
	Bytes   string `json:"bytes"`
	Text    string `json:"text"`
	Func    string `json:"func"`
	File    string `json:"file"`
	Line    int    `json:"line"`
	Current bool   `json:"current"`
}

// A Thread is a thread of the guest.
type Thread struct {
	TID     int    `json:"tid"`
	State   string `json:"state"`
	Waiting string `json:"waiting"`
	Symbol  string `json:"symbol"`
}

// A Picture is a figure and its text twin.
type Picture struct {
	Name string `json:"name"`
	SVG  string `json:"svg"`
	Text string `json:"text"`
}

// How many instructions a view shows before and after the current one.
const codeBefore, codeAfter = 10, 18

// View returns the machine as it is, with the figures of those names in that language.
func (p *Playground) View(figures []string, lang string) View {
	mo := p.tour.Look()
	stage := p.tour.Stage(mo.Tick)
	last := p.tour.Moments[stage]
	v := View{
		Tick: mo.Tick, Furthest: p.furthest, Stage: stage, AtStage: last.Tick == mo.Tick,
		Story: Text{last.Story("en"), last.Story("zh")}, Stamp: mo.Stamp(),
		TID: mo.TID, Symbol: mo.Symbol, File: mo.File, Line: mo.Line,
		Registers: p.registers(mo), Facts: p.facts(mo), Absent: []Absence{}, Code: p.code(mo.PC()), Threads: p.threads(),
		Stack: p.stack(mo), Graph: p.graph(mo),
		Output: p.log.outputAt(mo.Tick), Calls: p.log.callsAt(mo.Tick), Pictures: []Picture{}, Hit: p.hit,
	}
	for _, a := range mo.Absent {
		v.Absent = append(v.Absent, Absence{a.Name, Text(a.Why)})
	}
	if status, ok := p.machine.Exited(); ok {
		v.Ended = status.String()
	}
	for _, name := range figures {
		if f, ok := lessons.FigureNamed(name); ok {
			c := f.Draw(mo, p.before, lang)
			v.Pictures = append(v.Pictures, Picture{name, c.SVG(), c.Render(picture.TextOptions{})})
		}
	}
	return v
}

func (p *Playground) registers(mo *lessons.Moment) []Register {
	now := registersOf(&mo.Registers)
	old := now
	if p.before != nil {
		old = registersOf(&p.before.Registers)
	}
	out := make([]Register, len(now))
	for i, r := range now {
		out[i] = Register{r.name, hex(r.value), r.value != old[i].value}
	}
	return out
}

type register struct {
	name  string
	value uint64
}

// registersOf lists the registers that are shown.
func registersOf(r *emulator.Registers) []register {
	var list []register
	for i, name := range emulator.GPRNames {
		list = append(list, register{name, r.GPR[i]})
	}
	return append(list, register{"rip", r.RIP}, register{"rflags", r.RFLAGS}, register{"fsbase", r.FSBase})
}

func (p *Playground) facts(mo *lessons.Moment) []Fact {
	out := []Fact{}
	for _, f := range mo.Facts {
		fact := Fact{Name: f.Name, Value: f.Value.String(), Expr: p.written(f.Name)}
		if p.before != nil {
			was, ok := p.before.Fact(f.Name)
			fact.Changed = !ok || was.Value.String() != fact.Value
		}
		out = append(out, fact)
	}
	return out
}

// holders names, for facts that are not themselves expressions of memory, the memory from which they follow.
var holders = map[string][]string{
	"sp": nil, "fsbase": nil,
	"ncpu":                 {"numCPUStartup", "ncpu"},
	"len(allp)":            {"allp"},
	"allp.status":          {"allp[0].status"},
	"allp[0].runnext.goid": {"allp[0].runnext"},
	"allp[0].runq":         {"allp[0].runqtail"},
	"m0.curg.goid":         {"m0.curg"},
}

// written returns the expression of memory that holds the fact of that name.
func (p *Playground) written(name string) string {
	exprs, ok := holders[name]
	if !ok && name[0] != '&' {
		exprs = []string{name}
	}
	for _, e := range exprs {
		if _, size, ok := p.tour.Runtime.Place(e); ok && size > 0 {
			return e
		}
	}
	return ""
}

func (p *Playground) code(pc uint64) []CodeLine {
	out := []CodeLine{}
	list, err := p.history.Table.Around(p.machine, pc, codeBefore, codeAfter)
	if err != nil {
		return out // PC is not in memory: there is nothing to show
	}
	for _, in := range list {
		line := p.codeLine(in)
		line.Current = in.Addr == pc
		out = append(out, line)
	}
	return out
}

func (p *Playground) threads() []Thread {
	out := []Thread{}
	for _, t := range p.machine.Threads() {
		out = append(out, Thread{t.TID, t.State, t.Waiting, p.function(t.Registers.RIP)})
	}
	return out
}

// function names the function at an address.
func (p *Playground) function(addr uint64) string {
	f, ok := symbols.Func{}, false
	if p.history.Table != nil {
		f, ok = p.history.Table.Func(addr)
	}
	if !ok {
		return ""
	}
	return f.Name
}
