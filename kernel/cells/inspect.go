package cells

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/lab"
)

// Inspect tells about what is at the cursor: the declaration and the documentation of a name, and its value; what a command
// does; what a string means to the function that gets it.
func (s *Session) Inspect(code string, pos, detail int) *kernel.Bundle {
	begin := strings.LastIndexByte(code[:pos], '\n') + 1
	text := ""
	if strings.HasPrefix(code[begin:], "%") {
		text = s.aboutCommand(code, begin, pos)
	} else if start, end := nameAt(code, pos); start < end {
		if w := stringAt(code, start); w != nil {
			if text = s.aboutString(code, w, end); text == "" {
				return nil
			}
		} else {
			text = s.aboutName(code, start, end, detail)
		}
	} else if pos > 0 && stringAt(code, pos) == nil && (code[pos-1] == '(' || code[pos-1] == '.') { // a front end asks for the function while its arguments are typed
		return s.Inspect(code, pos-1, detail)
	}
	if text == "" {
		return nil
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": text}}
}

func aboutPackage(path, name string, detail int) string {
	if text := godoc(path, "", detail); text != "" {
		return text
	}
	return "package " + name + " // import \"" + path + "\""
}

// maxInspected bounds the value shown of a variable, in bytes.
const maxInspected = 2000

// docBefore returns the comment that stands directly above a declaration.
func docBefore(code string, start int) string {
	lines := strings.SplitAfter(code[:start], "\n")
	i := len(lines) - 1
	if strings.TrimSpace(lines[i]) != "" {
		return ""
	}
	for i > 0 && strings.HasPrefix(strings.TrimSpace(lines[i-1]), "//") {
		i--
	}
	return strings.Join(lines[i:len(lines)-1], "")
}

// aboutString tells what a string means to the function that gets it.
func (s *Session) aboutString(code string, w *within, end int) string {
	rest := code[w.start:]
	if i := strings.IndexAny(rest, "\"`\n"); i >= 0 {
		rest = rest[:i]
	}
	whole := rest
	if upTo := end - w.start; upTo >= 0 && upTo <= len(rest) {
		rest = rest[:upTo]
	}
	callee := w.callee[strings.LastIndexByte(w.callee, '.')+1:]
	switch callee {
	case "import":
		return aboutPackage(whole, whole[strings.LastIndexByte(whole, '/')+1:], 0)
	case "To", "TickOf", "Title", "Diff":
		return aboutStage(whole)
	case "Draw":
		return aboutFigure(whole)
	}
	m := s.machineOf(w.callee)
	if argument[callee] == nil || m == nil {
		return ""
	}
	return aboutExpr(m, rest, whole)
}

// aboutExpr tells about a runtime expression up to the cursor, or a function's name, which has dots in it.
func aboutExpr(m *lab.Machine, upTo, whole string) string {
	if text := m.Describe(whole); strings.Contains(text, "a function of the program") {
		return text
	}
	toks, _ := tokens(upTo)
	toks = trim(toks)
	if first := operand(toks, len(toks)-1); first >= 0 {
		if text := m.Describe(upTo[toks[first].start:]); text != "" {
			return text
		}
	}
	return m.Describe(whole)
}

func aboutStage(id string) string {
	st, ok := lessons.StageNamed(id)
	if !ok {
		return ""
	}
	return fmt.Sprintf("stage %s: %s", st.ID, st.Title.In(lab.Lang))
}

func aboutFigure(name string) string {
	f, ok := lessons.FigureNamed(name)
	if !ok {
		return ""
	}
	return fmt.Sprintf("figure %s: %s\n\n%s", f.Name, f.Title.In(lab.Lang), f.Desc.In(lab.Lang))
}

// aboutCommand tells about the command of a line, and about its argument at the cursor.
func (s *Session) aboutCommand(code string, begin, pos int) string {
	line, _, _ := strings.Cut(code[begin:], "\n")
	name, args, _ := strings.Cut(strings.TrimLeft(line, "%"), " ")
	args = strings.TrimSpace(args)
	var b bytes.Buffer
	for _, c := range commands {
		if c.name == name {
			fmt.Fprintf(&b, "%%%s %s\n%s\n", c.name, c.args, c.help)
			if c.more != "" {
				fmt.Fprintf(&b, "\n%s\n", c.more)
			}
		}
	}
	for _, text := range []string{aboutStage(args), aboutFigure(args)} {
		if text != "" {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
	}
	if m := s.machineOf(""); m != nil && args != "" && expressions[name] {
		if text := m.Describe(args); text != "" {
			fmt.Fprintf(&b, "\n%s\n", text)
		}
	}
	return b.String()
}
