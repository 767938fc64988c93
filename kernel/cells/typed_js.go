package cells

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strings"

	"github.com/rt0lab/rt0/lessons/script/symbols"
)

// In a web page there is no room for Go's type checker (0.6 MB). What it does elsewhere is left out, or done as well as
// reflection can.

const typed = false

type typeKnowledge struct{ vars map[string]string }

func newTypes() *typeKnowledge { return &typeKnowledge{map[string]string{}} }

type view struct{}

func (s *Session) see(name, code string, extra map[string]string) *view { return &view{} }

func (v *view) mismatch(s *Session) error { return nil }

func (c *compilation) faulty() bool { return false }

// learn remembers the names of the variables.
func (s *Session) learn(v *view, variable string) { s.types.vars[variable] = "var" }

// nameOf writes a type as a cell would, "" if a cell cannot.
func (s *Session) nameOf(t reflect.Type) string {
	switch {
	case t == nil || strings.Contains(t.Name(), "["):
	case t.Kind() == reflect.Pointer && t.Name() == "":
		if text := s.nameOf(t.Elem()); text != "" {
			return "*" + text
		}
	case t.Kind() == reflect.Slice && t.Name() == "":
		if text := s.nameOf(t.Elem()); text != "" {
			return "[]" + text
		}
	case t.Kind() == reflect.Interface && t.Name() == "" && t.NumMethod() == 0:
		return "interface{}"
	case t.PkgPath() == "":
		return t.Name()
	case ast.IsExported(t.Name()):
		for _, name := range sortedKeys(s.imports) {
			if s.imports[name] == t.PkgPath() {
				return name + "." + t.Name()
			}
		}
	}
	return ""
}

func (c *compilation) explain(err error) error { return c.undefined(err) }

// namesAt returns what may stand at start: members of a package or of a variable if a dot is before it, else names.
func (s *Session) namesAt(code string, start int) choice {
	c := choice{}
	if start > 0 && code[start-1] == '.' {
		from, end := nameAt(code, start-1)
		if from < end {
			s.membersOf(c, code[from:end])
		}
		return c
	}
	for name := range s.imports {
		c[name] = "module"
	}
	for name := range s.globals() {
		if name = plain(name); !strings.HasPrefix(name, "rt0") {
			c[name] = "variable"
		}
	}
	for name, d := range s.names.defs {
		switch {
		case strings.Contains(name, "."):
		case d.typ:
			c[name] = "class"
		default:
			c[name] = "function"
		}
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		c[t.String()] = "keyword"
	}
	for name := range s.own[displayPath+"/display"] {
		c[name] = "function"
	}
	return c
}

// membersOf adds what may follow a name and a dot.
func (s *Session) membersOf(c choice, name string) {
	p := s.imports[name]
	if p == "" {
		p = s.guess(name)
	}
	if p != "" {
		for member, v := range s.library.exports(p) {
			if !ast.IsExported(member) {
				continue
			}
			switch {
			case v.Kind() == reflect.Func:
				c[member] = "function"
			case v.Kind() == reflect.Pointer && v.IsNil():
				c[member] = "class"
			default:
				c[member] = "variable"
			}
		}
		return
	}
	v, ok := s.globals()[s.names.inside(name)]
	if name == "machine" {
		v, ok = reflect.ValueOf(symbols.Symbols["github.com/rt0lab/rt0/lessons/lab/lab"]["Machine"].Interface()), true
	}
	if !ok || !v.IsValid() {
		return
	}
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	t := v.Type()
	for def := range s.names.defs { // methods of the cells' own types, whose names reflect does not know
		if typ, m, ok := strings.Cut(def, "."); ok && strings.HasSuffix(t.String(), typ) {
			c[m] = "function"
		}
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for p, i := reflect.PointerTo(t), 0; t.Kind() != reflect.Interface && i < p.NumMethod(); i++ {
		c[p.Method(i).Name] = "function"
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			c[fieldName(t, i)] = "instance"
		}
	}
}

// aboutName tells about a name in code.
func (s *Session) aboutName(code string, start, end, detail int) string {
	name := code[start:end]
	if start > 0 && code[start-1] == '.' {
		from, to := nameAt(code, start-1)
		pkg := code[from:to]
		if pkg == "machine" {
			return labDocs["Machine."+name]
		}
		if p := s.imports[pkg]; strings.HasSuffix(p, "/lessons/lab") {
			return labDocs[name]
		} else if v, ok := s.library.exports(p)[name]; ok {
			return pkg + "." + name + " " + v.Type().String()
		}
		return labDocs["Machine."+name]
	}
	if d, ok := s.names.defs[name]; ok {
		return docBefore(d.code, d.item.start) + d.text
	}
	if v, ok := s.globals()[name]; ok && v.IsValid() && v.CanInterface() {
		return fmt.Sprintf("var %s %s\n%s", name, v.Type(), cut(textOf(v.Interface()), maxInspected))
	}
	if p := s.imports[name]; p != "" {
		return aboutPackage(p, name, detail)
	}
	return displayDocs[name]
}
