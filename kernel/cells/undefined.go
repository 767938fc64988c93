package cells

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// universe are the predeclared names (https://go.dev/ref/spec#Predeclared_identifiers). Package go/types knows them, too, and
// weighs 300 kB in the browser.
var universe = map[string]bool{}

func init() {
	for _, name := range strings.Fields(`
		any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string
		uint uint8 uint16 uint32 uint64 uintptr true false iota nil
		append cap clear close complex copy delete imag len make max min new panic print println real recover`) {
		universe[name] = true
	}
}

// undefined takes the place of a compiler's error if the cell has a name that nobody has defined: the interpreter's own
// messages for that are often about something else.
func (c *compilation) undefined(err error) error {
	known := map[string]bool{"_": true, "iota": true}
	c.s.settle()
	for name := range c.s.globals() {
		known[plain(name)] = true
	}
	for name := range c.s.names.defs {
		known[name] = true
	}
	for name := range c.s.imports {
		known[name] = true
	}
	for name := range c.s.own[displayPath+"/display"] {
		known[name] = true
	}
	items := split(c.code)
	for _, it := range items {
		c.namesDefined(it, known)
		c.funcDefined(it, known)
		if it.kind == token.IMPORT && dotImport(c.code[it.start:it.end]) {
			return err // any name may be that package's
		}
	}
	var first error
	for _, it := range items {
		fset := token.NewFileSet()
		var n ast.Node
		var fail error
		if it.kind == token.ILLEGAL {
			n, fail = parseStmts(fset, c.name, c.code, []item{it})
		} else {
			n, fail = parseDecls(fset, c.name, c.code, []item{it})
		}
		if fail != nil {
			return err
		}
		free(n, func(id *ast.Ident) {
			if id.Obj == nil && first == nil && !known[id.Name] && !universe[id.Name] {
				first = fmt.Errorf("%v: undefined: %s", fset.Position(id.Pos()), id.Name)
			}
		})
	}
	if first != nil {
		return first
	}
	return err
}

// funcDefined adds the name of a function that an item declares.
func (c *compilation) funcDefined(it item, known map[string]bool) {
	if it.kind != token.FUNC {
		return
	}
	f, err := parseDecls(token.NewFileSet(), c.name, c.code, []item{it})
	if err != nil {
		return
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			known[fn.Name.Name] = true
		}
	}
}

// dotImport says whether an import declaration takes over the names of a package.
func dotImport(text string) bool {
	f, err := parseDecls(token.NewFileSet(), "", text, []item{{token.IMPORT, 0, len(text)}})
	if err != nil {
		return false
	}
	for _, i := range f.Imports {
		if i.Name != nil && i.Name.Name == "." {
			return true
		}
	}
	return false
}
