package cells

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/turns"
)

// A compilation turns a cell's code into programs.
type compilation struct {
	s          *Session
	number     uint64 // of the piece of code: see endIfGivenUp
	name, code string
	programs   []*interp.Program
	view       *view               // see seen
	notes      *notes              // what lower has to know of types
	done       map[*ast.Ident]bool // generic functions that lower has given their type arguments
	defined    map[string]bool     // the variables that the cell has defined so far
	news       int                 // how many names newNames has made
	variable   string              // that holds the value
	kept       bool                // the value is in variable
	jumps      bool                // the cell has a goto outside of functions
	steps      int                 // functions that statements are in
	made       map[string]bool     // the variables that have been compiled
	imported   map[string]bool     // the packages that this file knows, by name
}

// seen returns what the type checker says about the cell. It is asked once.
func (c *compilation) seen() *view {
	if c.view == nil {
		c.view = c.s.see(c.name, c.code, nil)
	}
	return c.view
}

// compile puts imports first, then functions that do not need the statements' variables, then the rest as it stands.
func (c *compilation) compile(items []item, wantValue bool) error {
	var imports, rest []item
	for _, it := range items {
		if it.kind == token.IMPORT {
			imports = append(imports, it)
			continue
		}
		rest = append(rest, it)
	}
	rest, list := c.listAtEnd(rest)
	if err := c.parse(imports, rest); err != nil {
		return final{err}
	}
	if err := c.importAll(imports); err != nil {
		return final{err}
	}
	runs := c.order(rest)
	for i, r := range runs {
		var err error
		if r[0].kind == token.ILLEGAL {
			err = c.statements(r, wantValue && i == len(runs)-1 && list == nil)
		} else {
			err = c.declarations(r)
		}
		if err != nil {
			return err
		}
	}
	if list != nil {
		return c.several(*list)
	}
	return nil
}

// final is an error of which there is no more to be said.
type final struct{ error }

func (f final) Unwrap() error { return f.error }

// parse finds syntax errors before anything is compiled, in the order of the lines.
func (c *compilation) parse(imports, rest []item) error {
	for _, it := range append(append([]item{}, imports...), rest...) {
		var err error
		if it.kind == token.ILLEGAL {
			fset := token.NewFileSet()
			var body *ast.BlockStmt
			if body, err = parseStmts(fset, c.name, c.code, []item{it}); err == nil {
				err = outsideOfFunctions(fset, body)
			}
		} else {
			_, err = parseDecls(token.NewFileSet(), c.name, c.code, []item{it})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// importAll makes the packages known to this file that its code mentions: those of its own imports and of earlier cells'.
func (c *compilation) importAll(items []item) error {
	fset := c.s.in.FileSet()
	f, err := parseDecls(fset, c.name, c.code, items)
	if err != nil {
		return err
	}
	var decls []ast.Decl
	for _, d := range f.Decls {
		g := d.(*ast.GenDecl)
		var keep []ast.Spec
		for _, spec := range g.Specs {
			i := spec.(*ast.ImportSpec)
			name, path := c.s.library.importName(i)
			if !c.s.available(path) {
				return fmt.Errorf("%v: package %s is not there: cells can use %s; a program with other packages can be booted: %%boot FOLDER", fset.Position(i.Pos()), path, c.s.library.list())
			}
			switch name {
			case "_":
			case ".":
				keep = append(keep, spec)
			default:
				c.s.imports[name] = path
			}
		}
		if len(keep) > 0 {
			g.Specs = keep
			decls = append(decls, g)
		}
	}
	if len(decls) > 0 {
		if err := c.add(&ast.File{Name: ast.NewIdent("main"), Decls: decls}); err != nil {
			return err
		}
	}
	return c.importUsed(usedNames(c.code))
}

// importUsed makes the packages among the names known to this file.
func (c *compilation) importUsed(used map[string]bool) error {
	var list []string
	for name := range c.s.imports {
		if used[name] && !c.imported[name] {
			list = append(list, name)
		}
	}
	sort.Strings(list)
	if len(list) == 0 {
		return nil
	}
	var text strings.Builder
	text.WriteString("import (")
	for _, name := range list {
		fmt.Fprintf(&text, "%s %q;", name, c.s.imports[name])
	}
	text.WriteString(")")
	if c.imported == nil {
		c.imported = map[string]bool{}
	}
	for _, name := range list {
		c.imported[name] = true
	}
	src := text.String()
	f, err := parseDecls(c.s.in.FileSet(), c.name, src, []item{{token.IMPORT, 0, len(src)}})
	if err != nil {
		return err
	}
	return c.add(f)
}

// order groups the items into runs of declarations and runs of statements. A function that stands below a statement which
// may call it comes first, unless it uses a variable that a statement of the cell defines.
func (c *compilation) order(items []item) [][]item {
	defined := map[string]bool{}
	for _, it := range items {
		if it.kind != token.FUNC {
			c.namesDefined(it, defined)
		}
	}
	late := map[item]bool{}
	for more := true; more; { // a function that calls one which has to wait has to wait, too
		more = false
		for _, it := range items {
			if it.kind == token.FUNC && !late[it] && c.uses(it, defined) {
				late[it], more = true, true
				c.funcDefined(it, defined)
			}
		}
	}
	var first, rest []item
	for _, it := range items {
		if it.kind == token.FUNC && !late[it] {
			first = append(first, it)
			continue
		}
		rest = append(rest, it)
	}
	var runs [][]item
	for _, it := range append(first, rest...) {
		stmt := it.kind == token.ILLEGAL
		if n := len(runs); n > 0 && (runs[n-1][0].kind == token.ILLEGAL) == stmt {
			runs[n-1] = append(runs[n-1], it)
			continue
		}
		runs = append(runs, []item{it})
	}
	for _, r := range runs { // a run is parsed as it stands in the cell
		sort.Slice(r, func(i, j int) bool { return r[i].start < r[j].start })
	}
	return runs
}

// namesDefined adds the names that an item other than a function defines.
func (c *compilation) namesDefined(it item, defined map[string]bool) {
	if it.kind == token.ILLEGAL {
		body, err := parseStmts(token.NewFileSet(), c.name, c.code, []item{it})
		if err != nil || len(body.List) == 0 {
			return
		}
		if a, ok := body.List[0].(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					defined[id.Name] = true
				}
			}
		}
		return
	}
	f, err := parseDecls(token.NewFileSet(), c.name, c.code, []item{it})
	if err != nil {
		return
	}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					defined[id.Name] = true
				}
			case *ast.TypeSpec:
				defined[spec.Name.Name] = true
			}
		}
	}
}

func (c *compilation) uses(it item, names map[string]bool) bool {
	f, err := parseDecls(token.NewFileSet(), c.name, c.code, []item{it})
	if err != nil {
		return false
	}
	used := false
	free(f, func(id *ast.Ident) { used = used || names[id.Name] })
	return used
}

// declarations compiles a run of declarations, and with it what has to be defined again.
func (c *compilation) declarations(items []item) error {
	fset := c.s.in.FileSet()
	plain, err := parseDecls(token.NewFileSet(), c.name, c.code, items)
	if err != nil {
		return err
	}
	defs, order := define(plain, c.name, c.code, items)
	items, order = c.s.unchanged(items, defs, order, c.code)
	if len(items) == 0 {
		return nil
	}
	f, err := parseDecls(fset, c.name, c.code, items)
	if err != nil {
		return err
	}
	again := c.s.names.add(defs, order)
	seen, more := map[string]bool{}, map[string]bool{}
	for _, d := range again { // what is compiled with this file looks for its packages in this file
		maps.Copy(more, usedNames(d.text))
	}
	for name := range usedNames(c.code) {
		delete(more, name)
	}
	if err := c.importUsed(more); err != nil {
		return err
	}
	for _, d := range again {
		key := fmt.Sprint(d.file, d.item)
		if seen[key] {
			continue
		}
		seen[key] = true
		old, err := parseDecls(fset, d.file, d.code, []item{d.item})
		if err != nil {
			return err
		}
		f.Decls = append(f.Decls, old.Decls...)
	}
	before, after := c.renewed(f.Decls)
	for _, step := range before {
		if err := c.addUnit([]ast.Stmt{step}); err != nil {
			return err
		}
	}
	f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && len(g.Specs) == 0
	})
	if len(f.Decls) > 0 {
		if err := c.add(f); err != nil {
			return err
		}
		c.noteSlots(f.Decls)
	}
	for _, step := range after {
		if err := c.addUnit([]ast.Stmt{step}); err != nil {
			return err
		}
	}
	return nil
}

// block returns statements as a body. Its position tells the interpreter which file's imports count.
func block(list ...ast.Stmt) *ast.BlockStmt {
	return &ast.BlockStmt{Lbrace: list[0].Pos(), List: list, Rbrace: list[len(list)-1].End()}
}

// unchanged drops types and methods that are defined again in the same words, as when a cell is run twice: values made before
// keep their type.
func (s *Session) unchanged(items []item, defs map[string]definition, order []string, code string) ([]item, []string) {
	changed := map[string]bool{}
	for _, name := range order {
		if d := defs[name]; d.typ && s.names.defs[name].text != d.text {
			changed[name] = true
		}
	}
	same := map[item]bool{}
	var names []string
	for _, name := range order {
		d := defs[name]
		_, _, method := strings.Cut(name, ".")
		if (d.typ || method && s.names.defs[name].text == d.text) && !changed[name] && !usesAny(d, changed) {
			same[d.item] = true
			delete(defs, name)
			continue
		}
		names = append(names, name)
	}
	var keep []item
	for _, it := range items {
		if !same[it] {
			keep = append(keep, it)
		}
	}
	return keep, names
}

// statements compiles a run of statements. If the last is an expression, its values are kept.
func (c *compilation) statements(items []item, wantValue bool) error {
	fset := c.s.in.FileSet()
	body, err := parseStmts(fset, c.name, c.code, items)
	if err != nil {
		return err
	}
	if n := len(body.List); wantValue && n > 0 {
		if e, ok := body.List[n-1].(*ast.ExprStmt); ok {
			if n > 1 {
				if err := c.addAll(body.List[:n-1]); err != nil {
					return err
				}
			}
			return c.value(items[len(items)-1:], e)
		}
	}
	return c.addAll(body.List)
}

// addAll compiles statements, in as many steps as it takes.
func (c *compilation) addAll(list []ast.Stmt) error {
	c.jumps = c.jumps || slices.ContainsFunc(list, jumps)
	for _, unit := range c.units(list) {
		if err := c.addUnit(unit); err != nil {
			return err
		}
	}
	return nil
}

// add compiles a node of this file. The interpreter's compiler panics on some of what it cannot do.
func (c *compilation) add(n ast.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	c.s.recall(n)
	c.s.capture(n)
	c.s.forget(n)
	if body, ok := n.(*ast.BlockStmt); ok {
		body.List = c.declareFirst(body.List)
		wrapStatements(body.List)
		body.List = c.interruptible(body.List)
	}
	c.lower(n)
	c.s.names.rename(n)
	guardGoroutines(c.s.in.FileSet(), n)
	turns.Rewrite(n)
	p, err := c.s.in.CompileAST(n)
	if err != nil {
		return err
	}
	if p != nil {
		c.programs = append(c.programs, p)
	}
	return nil
}

// defines says whether the cell has variables or constants at its top.
func (c *compilation) defines() bool {
	names := map[string]bool{}
	for _, it := range split(c.code) {
		if it.kind != token.FUNC && it.kind != token.TYPE && it.kind != token.IMPORT {
			c.namesDefined(it, names)
		}
	}
	return len(names) > 0
}
