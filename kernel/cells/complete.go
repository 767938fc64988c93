package cells

import (
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/lab"
	"github.com/rt0lab/rt0/lessons/script"
)

// A choice is a list of texts that may stand at the cursor, by text, with what each is.
type choice map[string]string

func (c choice) all(kind string, names ...string) choice {
	for _, n := range names {
		c[n] = kind
	}
	return c
}

// from makes a completion of those that begin as the code from start to pos does.
func (c choice) from(code string, start, pos int) kernel.Completion {
	k := kernel.Completion{Start: start, End: pos}
	for name := range c {
		if strings.HasPrefix(name, code[start:pos]) && !strings.HasPrefix(name, "rt0") {
			k.Matches = append(k.Matches, name)
		}
	}
	sort.Strings(k.Matches)
	for _, m := range k.Matches {
		k.Types = append(k.Types, c[m])
	}
	return k
}

// Complete finds what may stand at the cursor: commands and their arguments, what a string means to the function that gets
// it, members of whatever stands before a dot, names in scope.
func (s *Session) Complete(code string, pos int) kernel.Completion {
	begin := strings.LastIndexByte(code[:pos], '\n') + 1
	line := code[begin:pos]
	w := stringAt(code, pos)
	switch {
	case strings.HasPrefix(line, "%"):
		return s.completeCommand(code, begin, pos)
	case strings.HasPrefix(line, "$"):
		return files(code, strings.LastIndexByte(code[:pos], ' ')+1, pos)
	case w != nil && w.start > pos:
		return kernel.Completion{Start: pos, End: pos}
	case w != nil:
		return s.completeString(code, w, pos)
	}
	start, _ := nameAt(code, pos)
	return s.namesAt(code, start).from(code, start, pos)
}

// argument says what a string argument of a function means, by the function's name without what stands before the dot.
var argument = map[string]func(s *Session, w *within, code string, pos int) kernel.Completion{
	"Eval": completeExpr, "Int": completeExpr, "WhoWrote": completeExpr, "Writes": completeExpr, "Status": completeExpr,
	"Fields": completeExpr, "Describe": completeExpr,
	"Fact": func(s *Session, w *within, code string, pos int) kernel.Completion {
		if m := s.machineOf(w.callee); m != nil {
			return choice{}.all("instance", m.Facts()...).from(code, w.start, pos)
		}
		return kernel.Completion{Start: pos, End: pos}
	},
	"RunTo": completeFunction, "BackTo": completeFunction, "Functions": completeFunction,
	"To": list(lab.Stages), "TickOf": list(lab.Stages), "Title": list(lab.Stages), "Diff": list(lab.Stages),
	"Draw": list(figureNames), "Reg": list(registerNames), "Sample": list(program.Samples), "Exercise": list(lab.Exercises),
	"SetLang": list(func() []string { return script.Langs }),
	"File":    completeFile, "Open": completeFile, "ReadFile": completeFile, "ReadDir": completeFile, "Chdir": completeFile, "Create": completeFile,
}

func list(names func() []string) func(*Session, *within, string, int) kernel.Completion {
	return func(_ *Session, w *within, code string, pos int) kernel.Completion {
		return choice{}.all("text", names()...).from(code, w.start, pos)
	}
}

func figureNames() (names []string) {
	for _, f := range lessons.Figures {
		names = append(names, f.Name)
	}
	return names
}

func registerNames() []string {
	return []string{"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "sp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rip", "pc", "fsbase"}
}

func lessonNames() (names []string) {
	all, _ := script.All() // those of this program can be read
	for _, l := range all {
		names = append(names, l.Name)
	}
	return names
}

// completeString completes in a string literal.
func (s *Session) completeString(code string, w *within, pos int) kernel.Completion {
	if w.callee == "import" {
		return choice{}.all("module", s.library.paths()...).from(code, w.start, pos)
	}
	if f := argument[w.callee[strings.LastIndexByte(w.callee, '.')+1:]]; f != nil {
		return f(s, w, code, pos)
	}
	return kernel.Completion{Start: pos, End: pos}
}

// machineOf returns the machine whose method is called, or that of the commands. It is nil if none is booted.
func (s *Session) machineOf(callee string) *lab.Machine {
	if name, _, ok := strings.Cut(callee, "."); ok {
		if v := s.globals()[s.names.inside(name)]; v.IsValid() && v.CanInterface() {
			if m, ok := v.Interface().(*lab.Machine); ok && m != nil {
				return m
			}
		}
	}
	if v := s.globals()["machine"]; v.IsValid() && v.CanInterface() {
		if m, ok := v.Interface().(*lab.Machine); ok && m != nil {
			return m
		}
	}
	return s.machine
}

// completeExpr completes an expression of the runtime's from what the booted program's symbols tell.
func completeExpr(s *Session, w *within, code string, pos int) kernel.Completion {
	return s.runtimeNames(s.machineOf(w.callee), code, w.start, pos)
}

func (s *Session) runtimeNames(m *lab.Machine, code string, from, pos int) kernel.Completion {
	start, _ := nameAt(code, pos)
	start = max(start, from)
	if m == nil {
		return kernel.Completion{Start: start, End: pos}
	}
	if start > from && code[start-1] == '.' {
		toks, _ := tokens(code[from : start-1])
		toks = trim(toks)
		if first := operand(toks, len(toks)-1); first >= 0 {
			return choice{}.all("instance", m.Fields(code[from+toks[first].start:start-1])...).from(code, start, pos)
		}
		return kernel.Completion{Start: start, End: pos}
	}
	return choice{}.all("instance", m.Variables(code[start:pos])...).all("function", "len", "cap").from(code, start, pos)
}

// completeFunction completes a function of the booted program.
func completeFunction(s *Session, w *within, code string, pos int) kernel.Completion {
	m := s.machineOf(w.callee)
	if m == nil {
		return kernel.Completion{Start: pos, End: pos}
	}
	return functionsFrom(m, code, w.start, pos)
}

// mostFunctions bounds a list of functions: nobody reads more.
const mostFunctions = 500

func functionsFrom(m *lab.Machine, code string, start, pos int) kernel.Completion {
	names := m.Functions(code[start:pos])
	return choice{}.all("function", names[:min(len(names), mostFunctions)]...).from(code, start, pos)
}

func completeFile(_ *Session, w *within, code string, pos int) kernel.Completion {
	return files(code, w.start, pos)
}

// files completes the name of a file or folder.
func files(code string, start, pos int) kernel.Completion {
	dir, _ := filepath.Split(code[start:pos])
	entries, err := os.ReadDir(filepath.Join(".", dir))
	if filepath.IsAbs(dir) {
		entries, err = os.ReadDir(dir)
	}
	c := choice{}
	for _, e := range entries {
		name := dir + e.Name()
		if e.IsDir() {
			name += string(filepath.Separator)
		}
		c[name] = "path"
	}
	if err != nil {
		return kernel.Completion{Start: pos, End: pos}
	}
	return c.from(code, start, pos)
}

// guess returns the path of a package that a name may mean although no cell has imported it.
func (s *Session) guess(name string) (best string) {
	if _, ok := s.imports[name]; ok || s.known(name) {
		return ""
	}
	for key := range s.library.std {
		if p := path.Dir(key); path.Base(key) == name && (best == "" || len(p) < len(best) || len(p) == len(best) && p < best) {
			best = p
		}
	}
	return best
}
