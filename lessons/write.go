package lessons

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/visible"
)

// Options say how moments are told.
type Options struct {
	// Lang is the language of the prose: "en" or "zh". Default "en".
	Lang string
	// Color marks what changed by colour besides the signs, for terminals.
	Color bool
	// GOROOT is where Go's own source may lie. It is used for programs of the same Go version.
	GOROOT string
}

// WriteText writes the moments for reading in a terminal: for each what happened, the code around PC with its source, the
// registers that changed, the words around SP, and the facts.
func WriteText(w io.Writer, moments []*Moment, o Options) error {
	buf := bufio.NewWriter(w)
	t := &teller{w: buf, o: o, source: newSource(o.GOROOT), words: headingsIn(o.Lang)}
	for i, m := range moments {
		if i > 0 {
			fmt.Fprintln(buf)
		}
		t.moment(m)
	}
	return buf.Flush()
}

// headings are the fixed words of the telling.
type headings struct{ code, registers, stack, facts, changed, unchanged, unreadable, absent, seed, tick, cpus, missing, stderr, advice string }

func headingsIn(lang string) headings {
	if lang == "zh" {
		return headings{"代码", "寄存器", "栈", "事实", "有变化的", "没有变化", "（无内存）", "无法得到", "种子", "时刻", "CPU 数", "没有这一时刻", "程序写到标准错误的内容", "怎么办"}
	}
	return headings{"code", "registers", "stack", "facts", "changed", "none changed", "(no memory)", "not to be had", "seed", "tick", "CPUs", "no such moment", "what the program wrote to stderr", "what to do"}
}

// A teller writes moments as text.
type teller struct {
	w      *bufio.Writer
	o      Options
	source *source
	words  headings
	ended  bool // how the program ended has been told
}

// Terminal colours (ECMA-48, 8.3.117): bold for headings, bold yellow for what changed, faint for the secondary.
const (
	bold   = "1"
	yellow = "1;33"
	faint  = "2"
)

func (t *teller) paint(style, s string) string {
	if !t.o.Color || s == "" {
		return s
	}
	return "\x1b[" + style + "m" + visible.Text(s) + "\x1b[0m"
}

func (t *teller) moment(m *Moment) {
	head := fmt.Sprintf("%d/%d %s", stageIndex(m.Stage.ID)+1, len(Stages), m.Stage.ID)
	fmt.Fprintf(t.w, "%s — %s\n", t.paint(bold, "━━ "+head), t.paint(bold, m.Stage.Title.In(t.o.Lang)))
	where := fmt.Sprintf("%s · %s %d · %s %d", m.Go, t.words.cpus, m.CPUs, t.words.seed, m.Seed)
	if m.Missing.Empty() { // else there is no moment, and no place
		where = fmt.Sprintf("%s %d · %s", t.words.tick, m.Tick, where)
		if m.Symbol != "" {
			where += " · " + m.Symbol
		}
		if m.File != "" {
			where += fmt.Sprintf(" · %s:%d", shortPath(m.File), m.Line)
		}
	}
	fmt.Fprintln(t.w, t.paint(faint, "   "+visible.Text(where)))
	if !m.Missing.Empty() {
		fmt.Fprintf(t.w, "   %s: %s\n", t.paint(yellow, t.words.missing), visible.Text(m.Missing.In(t.o.Lang)))
		if m.Ended != nil && !t.ended {
			t.ended = true
			t.ending(m.Ended)
		}
		return
	}
	fmt.Fprintf(t.w, "   %s\n", visible.Text(m.Story(t.o.Lang)))
	t.code(m)
	t.registers(m)
	t.stack(m)
	t.facts(m)
}

// ending tells what the program wrote before it ended, and what to do.
func (t *teller) ending(e *Ending) {
	if e.Stderr != "" {
		fmt.Fprintf(t.w, "\n   %s\n", t.paint(bold, t.words.stderr))
		for line := range strings.Lines(e.Stderr) {
			fmt.Fprintf(t.w, "     %s\n", visible.Text(strings.TrimSuffix(line, "\n")))
		}
	}
	fmt.Fprintf(t.w, "\n   %s: %s\n", t.paint(bold, t.words.advice), visible.Text(e.Advice.In(t.o.Lang)))
}

// shortPath leaves of a path what tells files apart: "runtime/proc.go", "main.go".
func shortPath(path string) string {
	if i := strings.LastIndex(path, "/src/"); i >= 0 {
		return path[i+len("/src/"):]
	}
	if !strings.HasPrefix(path, "/") {
		return path // built with -trimpath
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

func (t *teller) code(m *Moment) {
	fmt.Fprintf(t.w, "\n   %s\n", t.paint(bold, t.words.code))
	file, line := "", 0
	for _, c := range m.Code {
		if c.File != file || c.Line != line {
			file, line = c.File, c.Line
			if file != "" {
				text, _ := t.source.line(m.Go, file, line)
				fmt.Fprintf(t.w, "     %s\n", t.paint(faint, strings.TrimRight(visible.Text(fmt.Sprintf("%s:%d  %s", shortPath(file), line, text)), " ")))
			}
		}
		mark, style := " ", ""
		if c.Addr == m.PC() {
			mark, style = "→", yellow
		}
		row := fmt.Sprintf("   %s %#x  %-24s %s", mark, c.Addr, fmt.Sprintf("% x", c.Bytes), visible.Text(c.Text))
		if style != "" {
			row = t.paint(style, row)
		}
		fmt.Fprintln(t.w, row)
	}
}

func (t *teller) registers(m *Moment) {
	before := emulator.Registers{}
	if m.Before != nil {
		before = m.Before.Registers
	}
	fmt.Fprintf(t.w, "\n   %s (%s)\n", t.paint(bold, t.words.registers), t.words.changed)
	was, is := named(&before), named(&m.Registers)
	none := true
	for i, r := range is {
		if r.value != was[i].value {
			none = false
			fmt.Fprintf(t.w, "     %-6s %#x → %s\n", r.name, was[i].value, t.paint(yellow, fmt.Sprintf("%#x", r.value)))
		}
	}
	if none {
		fmt.Fprintf(t.w, "     %s\n", t.words.unchanged)
	}
}

type register struct {
	name  string
	value uint64
}

func named(r *emulator.Registers) []register {
	list := make([]register, 0, len(r.GPR)+3)
	for i, v := range r.GPR {
		list = append(list, register{emulator.GPRNames[i], v})
	}
	return append(list, register{"rip", r.RIP}, register{"rflags", r.RFLAGS}, register{"fsbase", r.FSBase})
}

func (t *teller) stack(m *Moment) {
	fmt.Fprintf(t.w, "\n   %s\n", t.paint(bold, t.words.stack))
	sp := m.Registers.SP()
	for _, w := range m.Stack {
		value := fmt.Sprintf("0x%016x", w.Value)
		if w.Unreadable {
			value = t.words.unreadable
		}
		mark := "   "
		if w.Addr == sp {
			mark = "SP►"
		}
		row := strings.TrimRight(fmt.Sprintf("   %s %#x %+5d  %s  %s", mark, w.Addr, int64(w.Addr-sp), value, visible.Text(w.Note.In(t.o.Lang))), " ")
		if w.Addr == sp {
			row = t.paint(yellow, row)
		}
		fmt.Fprintln(t.w, row)
	}
}

func (t *teller) facts(m *Moment) {
	fmt.Fprintf(t.w, "\n   %s\n", t.paint(bold, t.words.facts))
	width := 0
	for _, f := range m.Facts {
		width = max(width, len(f.Name))
	}
	for _, f := range m.Facts {
		now := visible.Text(f.Value.String())
		switch before, had := m.factBefore(f.Name); {
		case !had:
			fmt.Fprintf(t.w, "   + %-*s  %s\n", width, f.Name, t.paint(yellow, now))
		case visible.Text(before.String()) != now:
			fmt.Fprintf(t.w, "   * %-*s  %s → %s\n", width, f.Name, visible.Text(before.String()), t.paint(yellow, now))
		default:
			fmt.Fprintf(t.w, "     %-*s  %s\n", width, f.Name, now)
		}
	}
	for _, a := range m.Absent {
		if m.Before == nil || !slices.ContainsFunc(m.Before.Absent, func(b Absence) bool { return b.Name == a.Name }) {
			fmt.Fprintf(t.w, "   - %-*s  %s: %s\n", width, a.Name, t.words.absent, visible.Text(a.Why.In(t.o.Lang)))
		}
	}
}

func (m *Moment) factBefore(name string) (Value, bool) {
	if m.Before == nil {
		return Value{}, false
	}
	f, ok := m.Before.Fact(name)
	return f.Value, ok
}
