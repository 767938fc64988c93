package cells

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The interpreter keeps the first definition of a type for ever. So a type that is defined again gets a new name inside:
// Tʹ2, Tʹ3 … All that mentions it from then on means the newest, and what was defined with it — methods, functions, other
// types — is defined again. Variables keep their values, of the old type, as they do in Go.

// prime separates a name from the number of its definition. It is a letter that nobody types.
const prime = "ʹ"

var primes = regexp.MustCompile(prime + `\d+`)

// plain takes the numbers of definitions out of a text.
func plain(s string) string { return primes.ReplaceAllString(s, "") }

// A definition is a type, a function or a method at the top of a cell.
type definition struct {
	file    string // of the cell, as positions name it
	code    string // the whole cell
	item    item
	text    string
	uses    map[string]bool
	typ     bool
	generic bool // a function with type parameters
	embeds  bool // a structure with something embedded
}

// names are what a session knows of its definitions. A failed cell leaves the copy that was made before it.
type names struct {
	number map[string]int        // how often a type has been defined
	defs   map[string]definition // by name; methods by "T.M"
	order  []string              // of defs, by first definition
}

func (n *names) clone() *names {
	return &names{maps.Clone(n.number), maps.Clone(n.defs), slices.Clone(n.order)}
}

// inside returns the name that the interpreter knows for name.
func (n *names) inside(name string) string {
	if k := n.number[name]; k > 1 {
		return fmt.Sprint(name, prime, k)
	}
	if name == "main" { // a func main would run with every cell
		return "main" + prime + "0"
	}
	return name
}

// rename gives the names in a node their inside form.
func (n *names) rename(node ast.Node) {
	free(node, func(id *ast.Ident) { id.Name = n.inside(id.Name) })
}

// add notes the definitions of a cell and returns those that must be defined again because they use a type that is.
func (n *names) add(defs map[string]definition, order []string) (again []definition) {
	changed := map[string]bool{}
	for _, name := range order {
		d := defs[name]
		old, known := n.defs[name]
		if !known {
			n.order = append(n.order, name)
		}
		if typ, _, method := strings.Cut(name, "."); method && known && old.text != d.text && n.number[typ] > 0 && !defs[typ].typ {
			changed[typ] = true // the interpreter keeps the first definition of a method, too
		}
		if d.typ {
			n.number[name]++
			if n.number[name] > 1 {
				changed[name] = true
			}
		}
		n.defs[name] = d
	}
	for name := range changed {
		if _, here := defs[name]; !here {
			n.number[name]++
		}
	}
	for more := len(changed) > 0; more; {
		more = false
		for _, name := range n.order {
			d := n.defs[name]
			if changed[name] || !usesAny(d, changed) {
				continue
			}
			changed[name], more = true, true
			if _, here := defs[name]; !here && d.typ {
				n.number[name]++
			}
		}
	}
	for _, name := range n.order {
		if _, here := defs[name]; changed[name] && !here {
			again = append(again, n.defs[name])
		}
	}
	return again
}

func usesAny(d definition, names map[string]bool) bool {
	for u := range d.uses {
		if names[u] {
			return true
		}
	}
	return false
}

// define returns the definitions in a parsed run of declarations.
func define(f *ast.File, file, code string, items []item) (defs map[string]definition, order []string) {
	defs = map[string]definition{}
	put := func(name string, it item, node ast.Decl, typ bool) {
		if name == "_" {
			return
		}
		if _, twice := defs[name]; !twice {
			order = append(order, name)
		}
		defs[name] = definition{file, code, it, code[it.start:it.end], mentions(f, node), typ, isGeneric(node), embeds(node)}
	}
	for i, d := range f.Decls {
		if i >= len(items) {
			break
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			put(funcName(d), items[i], d, false)
		case *ast.GenDecl:
			if d.Tok != token.TYPE {
				continue
			}
			for _, s := range d.Specs {
				put(s.(*ast.TypeSpec).Name.Name, items[i], d, true)
			}
		}
	}
	return defs, order
}

func isGeneric(d ast.Decl) bool {
	f, ok := d.(*ast.FuncDecl)
	return ok && f.Type.TypeParams != nil
}

// embeds says whether a structure in a declaration has embedded fields.
func embeds(d ast.Decl) (yes bool) {
	ast.Inspect(d, func(n ast.Node) bool {
		if st, ok := n.(*ast.StructType); ok {
			for _, f := range st.Fields.List {
				yes = yes || len(f.Names) == 0
			}
		}
		_, isFunc := n.(*ast.FuncDecl)
		return !yes && !isFunc
	})
	return yes
}

// funcName returns the name of a function, or "T.M" for a method.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	return receiver(d.Recv.List[0].Type) + "." + d.Name.Name
}

func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.ParenExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}
