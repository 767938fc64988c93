package cells

import (
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/scanner"
	"go/token"
	"path"
	"reflect"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rt0lab/rt0/kernel"
)

// IsComplete parses the code with Go's own parser: code whose only fault is its end is incomplete.
func (s *Session) IsComplete(code string) kernel.Completeness {
	if _, ok := wholeCell(code); ok {
		return kernel.Completeness{Status: "unknown"}
	}
	for _, p := range parts(code) {
		if p.command {
			continue
		}
		if open, indent := unfinished(p.text); open {
			return kernel.Completeness{Status: "incomplete", Indent: indent}
		}
		for _, it := range split(p.text) {
			var err error
			if it.kind == token.ILLEGAL {
				_, err = parseStmts(token.NewFileSet(), "", p.text, []item{it})
			} else {
				_, err = parseDecls(token.NewFileSet(), "", p.text, []item{it})
			}
			if err == nil {
				continue
			}
			if list, ok := err.(scanner.ErrorList); ok && it.end == len(strings.TrimRight(p.text, " \t\n")) && strings.Contains(list[0].Msg, "found 'EOF'") {
				return kernel.Completeness{Status: "incomplete"}
			}
			return kernel.Completeness{Status: "invalid"}
		}
	}
	return kernel.Completeness{Status: "complete"}
}

// unfinished says whether code ends within brackets, a raw string, a comment, or after an operator; and how far the next
// line is indented.
func unfinished(code string) (open bool, indent string) {
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(code)), []byte(code), func(_ token.Position, msg string) {
		open = open || strings.Contains(msg, "raw string literal not terminated") || strings.Contains(msg, "comment not terminated")
	}, 0)
	depth := 0
	last := token.SEMICOLON
	for {
		_, tok, lit := sc.Scan()
		switch tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		case token.EOF:
			if last.IsOperator() && last != token.SEMICOLON && last != token.INC && last != token.DEC && last != token.RPAREN && last != token.RBRACK && last != token.RBRACE {
				open = true
			}
			return open || depth > 0, strings.Repeat("\t", max(depth, 0))
		}
		if tok != token.SEMICOLON || lit == ";" {
			last = tok
		}
	}
}

// A word is the name at the cursor, and the name before its dot.
func word(code string, pos int) (before, name string, start, end int) {
	isPart := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	start, end = pos, pos
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(code[:start])
		if !isPart(r) {
			break
		}
		start -= n
	}
	for end < len(code) {
		r, n := utf8.DecodeRuneInString(code[end:])
		if !isPart(r) {
			break
		}
		end += n
	}
	if start > 0 && code[start-1] == '.' {
		at := start - 1
		for at > 0 {
			r, n := utf8.DecodeLastRuneInString(code[:at])
			if !isPart(r) {
				break
			}
			at -= n
		}
		before = code[at : start-1]
	}
	return before, code[start:end], start, end
}

// Complete finds members of packages and of variables, names of cells, packages, keywords and commands.
func (s *Session) Complete(code string, pos int) kernel.Completion {
	line := code[strings.LastIndexByte(code[:pos], '\n')+1 : pos]
	if strings.HasPrefix(line, "%") {
		return s.completeCommand(line, pos)
	}
	before, _, start, _ := word(code, pos)
	prefix := code[start:pos]
	c := kernel.Completion{Start: start, End: pos}
	found := map[string]string{}
	if before != "" {
		s.members(code, before, found)
	} else {
		for name := range s.imports {
			found[name] = "module"
		}
		for name := range s.globals() {
			found[plain(name)] = "variable"
		}
		for name, d := range s.names.defs {
			switch {
			case strings.Contains(name, "."):
			case d.typ:
				found[name] = "class"
			default:
				found[name] = "function"
			}
		}
		for t := token.BREAK; t <= token.VAR; t++ {
			found[t.String()] = "keyword"
		}
		for _, name := range predeclared {
			found[name] = "function"
		}
		for _, name := range shown() {
			found[name] = "function"
		}
		if len(prefix) > 0 { // any package of the standard library: its import is one line
			for key := range s.library.std {
				if !strings.Contains(path.Dir(key), "internal") {
					found[path.Base(key)] = "module"
				}
			}
		}
	}
	for name := range found {
		if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "rt0") {
			c.Matches = append(c.Matches, name)
		}
	}
	sort.Strings(c.Matches)
	for _, m := range c.Matches {
		c.Types = append(c.Types, found[m])
	}
	return c
}

// predeclared are Go's own functions that the interpreter has.
var predeclared = []string{"append", "cap", "close", "complex", "copy", "delete", "imag", "len", "make", "new", "panic", "print", "println", "real", "recover"}

// shown are the display functions.
func shown() []string {
	own := map[string]reflect.Value{}
	(&Session{}).displayExports(own)
	return append(sortedKeys(own), "machine")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// members finds what may follow "name.".
func (s *Session) members(code, name string, found map[string]string) {
	if pkg := s.packageOf(code, name); pkg != "" {
		for member, v := range s.library.exports(pkg) {
			if !ast.IsExported(member) {
				continue
			}
			switch {
			case v.Kind() == reflect.Func:
				found[member] = "function"
			case v.Kind() == reflect.Pointer && v.IsNil():
				found[member] = "class"
			default:
				found[member] = "variable"
			}
		}
		return
	}
	v, ok := s.globals()[s.names.inside(name)]
	if name == "machine" {
		v, ok = reflect.ValueOf(s.machine), true
	}
	if !ok || !v.IsValid() {
		return
	}
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	t := v.Type()
	for i := range t.NumMethod() {
		found[t.Method(i).Name] = "function"
	}
	for def := range s.names.defs { // methods of the cells' own types, whose names reflect does not know
		if typ, m, ok := strings.Cut(def, "."); ok && strings.HasSuffix(t.String(), typ) {
			found[m] = "function"
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for p, i := reflect.PointerTo(t), 0; t.Kind() != reflect.Interface && i < p.NumMethod(); i++ {
		found[p.Method(i).Name] = "function"
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			found[strings.TrimPrefix(t.Field(i).Name, "X")] = "instance"
		}
	}
}

// packageOf returns the path of the package that a name stands for: imported by a cell before, by this one, or not yet.
func (s *Session) packageOf(code, name string) string {
	if p, ok := s.imports[name]; ok {
		return p
	}
	for _, it := range split(code) {
		if it.kind != token.IMPORT {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code[it.start:it.end], parser.ImportsOnly)
		if err != nil {
			continue
		}
		for _, i := range f.Imports {
			if n, p := s.library.importName(i); n == name {
				return p
			}
		}
	}
	if _, variable := s.globals()[name]; variable {
		return ""
	}
	var best string
	for _, key := range sortedKeys(s.library.std) {
		if p := path.Dir(key); path.Base(key) == name && (best == "" || len(p) < len(best)) {
			best = p
		}
	}
	return best
}

// Inspect tells what a name is: its declaration, its documentation if the Go distribution is there, its value.
func (s *Session) Inspect(code string, pos, detail int) *kernel.Bundle {
	before, name, _, _ := word(code, pos)
	if name == "" {
		return s.inspectCommand(code, pos)
	}
	text := ""
	switch {
	case before != "":
		if pkg := s.packageOf(code, before); pkg != "" {
			if v, ok := s.library.exports(pkg)[name]; ok {
				text = godoc(pkg, name, detail)
				if text == "" {
					text = before + "." + name + " " + v.Type().String()
				}
			}
			break
		}
		if v, ok := s.globals()[before]; ok && v.IsValid() {
			if m, ok := v.Type().MethodByName(name); ok {
				text = "func (" + v.Type().String() + ") " + name + " " + m.Type.String()
			}
		}
	default:
		if d, ok := s.names.defs[name]; ok {
			text = d.text
		} else if v, ok := s.globals()[name]; ok && v.IsValid() && v.CanInterface() {
			text = "var " + name + " " + v.Type().String() + "\n" + shorten(textOf(v.Interface()))
		} else if pkg := s.packageOf(code, name); pkg != "" {
			if text = godoc(pkg, "", detail); text == "" {
				text = "package " + name + " // import \"" + pkg + "\""
			}
		} else {
			return s.inspectCommand(code, pos)
		}
	}
	if text == "" {
		return nil
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": text}}
}

// shorten bounds the value shown of a variable.
func shorten(s string) string {
	const most = 2000
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

// docText turns a doc comment into plain text.
func docText(doc string) string {
	var p comment.Parser
	var pr comment.Printer
	return string(pr.Text(p.Parse(doc)))
}
