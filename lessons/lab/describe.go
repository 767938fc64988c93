package lab

import (
	"fmt"
	"sort"
	"strings"
)

// Fields returns the names of the fields of what a runtime expression names, behind pointers, in the order of memory:
// Fields("sched"), Fields("allp[0]"). There are none if it is no structure.
func (m *Machine) Fields(expr string) []string {
	t, err := m.tour.Runtime.Layout(expr)
	if err != nil {
		return nil
	}
	fields, err := t.Fields()
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range fields {
		if f.Name != "_" {
			names = append(names, f.Name)
		}
	}
	return names
}

// Variables returns the names of the runtime's variables that begin so, in the order of the alphabet: Variables("sched").
func (m *Machine) Variables(prefix string) []string {
	const pkg = "runtime."
	seen := map[string]bool{}
	var names []string
	for _, n := range m.tour.Runtime.Table().DataNamed(pkg + prefix) {
		n = strings.TrimPrefix(n, pkg)
		if !seen[n] && !strings.ContainsAny(n, ".·:*[]/ ") { // not the linker's own
			seen[n] = true
			names = append(names, n)
		}
	}
	sort.Strings(names)
	return names
}

// Functions returns the names of the program's functions that begin so, in the order of the alphabet:
// Functions("runtime.sched").
func (m *Machine) Functions(prefix string) []string {
	seen := map[string]bool{}
	var names []string
	for _, f := range m.tour.Runtime.Table().Funcs() {
		if strings.HasPrefix(f.Name, prefix) && !seen[f.Name] {
			seen[f.Name] = true
			names = append(names, f.Name)
		}
	}
	sort.Strings(names)
	return names
}

// Facts returns the names of the facts of the present moment.
func (m *Machine) Facts() []string {
	var names []string
	for _, f := range m.tour.Look().Facts {
		names = append(names, f.Name)
	}
	return names
}

// Describe tells what a function of the program is, or what a runtime expression names: its type, where it lies, its value
// now. It returns "" if the program has no such thing.
func (m *Machine) Describe(what string) string {
	table := m.tour.Runtime.Table()
	if f, ok := table.FuncNamed(what); ok {
		text := fmt.Sprintf("%s: a function of the program, %d bytes at %#x", f.Name, f.End-f.Entry, f.Entry)
		if file, line, ok := table.Line(f.Entry); ok {
			text += fmt.Sprintf("\n%s:%d", shortFile(file), line)
		}
		return text
	}
	v, err := m.tour.Runtime.Eval(what)
	if err != nil {
		return ""
	}
	text := what + " " + v.Type
	if v.Size > 0 {
		text += fmt.Sprintf(", %d bytes", v.Size)
	}
	if v.Addr != 0 {
		text += fmt.Sprintf(" at %#x", v.Addr)
	}
	if parent, name, ok := cutLast(what); ok {
		if t, err := m.tour.Runtime.Layout(parent); err == nil {
			if f, err := t.Field(name); err == nil {
				text += fmt.Sprintf("\nat offset %d of %s", f.Offset, t.Name)
			}
		}
	}
	text += fmt.Sprintf("\nnow, at tick %d: %s", m.Tick(), v)
	if v.OK() && v.Pointer {
		if name := m.Name(int(v.Uint)); !strings.HasPrefix(name, "0x") {
			text += " (" + name + ")"
		}
	}
	return text
}

// cutLast takes the last field off an expression.
func cutLast(expr string) (parent, field string, ok bool) {
	i := strings.LastIndexByte(expr, '.')
	if i < 0 || strings.ContainsAny(expr[i:], "])") {
		return "", "", false
	}
	return expr[:i], expr[i+1:], true
}
