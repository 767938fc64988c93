//go:build !js

package cells

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"sort"
	"strings"

	"github.com/rt0lab/rt0/kernel/cells/reflected"
	"github.com/rt0lab/rt0/lessons/dialect"
	"github.com/rt0lab/rt0/lessons/script/symbols"
)

// The interpreter knows the types of what it has run, and tells little about what it cannot run. So cells are also looked at
// by Go's own type checker, when somebody asks: for what may follow a dot, for the type arguments that the interpreter fails
// to infer, and for what is wrong with a cell that the interpreter refuses.

// typed says that it can be done. A web page has no room for the type checker.
const typed = true

// A view is what the type checker says about a piece of code as the next cell.
type view struct {
	name   string
	fset   *token.FileSet
	pkg    *types.Package
	info   *types.Info
	body   *ast.FuncDecl // the cell's statements are its body
	files  []*ast.File
	own    map[string]bool // what the cell defines
	old    map[string]bool // of these, variables that the cell may mention before it defines them
	faults []types.Error
}

// typeKnowledge is what a session remembers of types.
type typeKnowledge struct {
	importer *reflected.Importer
	vars     map[string]string // declarations of the cells' variables and constants, by name
	packages map[string]string // path by alias, of the packages that vars mentions
}

func newTypes() *typeKnowledge {
	return &typeKnowledge{vars: map[string]string{}, packages: map[string]string{}}
}

// see type-checks code as if it were the next cell. extra are packages that it may use without an import, by name.
func (s *Session) see(name, code string, extra map[string]string) *view {
	if s.types.importer == nil {
		s.types.importer = reflected.NewImporter(s.library.std, symbols.Symbols, s.own)
	}
	v := &view{name: name, fset: token.NewFileSet(), own: map[string]bool{}, old: map[string]bool{}, info: &types.Info{Types: map[ast.Expr]types.TypeAndValue{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Instances: map[*ast.Ident]types.Instance{},
		Scopes: map[ast.Node]*types.Scope{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}}
	items := split(code)
	imports := s.importsOf(code, items, extra)
	cell := v.cell(s, code, items, imports)
	s.recall(cell)
	v.files = append([]*ast.File{cell, v.variables(s, cell)}, v.earlier(s, imports)...)
	v.pkg = types.NewPackage("main", "main")
	conf := types.Config{Importer: s.types.importer, Error: func(err error) {
		if e, ok := err.(types.Error); ok {
			v.faults = append(v.faults, e)
		}
	}}
	types.NewChecker(&conf, v.fset, v.pkg, v.info).Files(v.files) // its errors are in faults
	return v
}

// importsOf returns the import declaration of all that the code may mention.
func (s *Session) importsOf(code string, items []item, extra map[string]string) string {
	known := map[string]string{}
	for name, p := range extra {
		known[name] = p
	}
	for name, p := range s.imports {
		known[name] = p
	}
	for _, i := range importSpecs(code, items) {
		if name, p := s.library.importName(i); name != "_" && name != "." {
			known[name] = p
		}
	}
	var b strings.Builder
	b.WriteString("import (. \"" + displayPath + "\";")
	for _, name := range sortedKeys(known) {
		fmt.Fprintf(&b, "%s %q;", name, known[name])
	}
	b.WriteString(")\n")
	return b.String()
}

// importSpecs returns the imports of a cell.
func importSpecs(code string, items []item) (specs []*ast.ImportSpec) {
	for _, it := range items {
		if it.kind != token.IMPORT {
			continue
		}
		if f, _ := parser.ParseFile(token.NewFileSet(), "", "package p\n"+code[it.start:it.end], parser.ImportsOnly); f != nil {
			specs = append(specs, f.Imports...)
		}
	}
	return specs
}

// file parses declarations, as far as they can be parsed.
func (v *view) file(name, text string) *ast.File {
	f, _ := parser.ParseFile(v.fset, name, text, parser.SkipObjectResolution|parser.AllErrors|parser.ParseComments)
	return f
}

// cell returns the file of the cell: types, and functions that need none of the cell's variables, then a function that holds
// the rest. A function that needs them becomes a variable in it.
func (v *view) cell(s *Session, code string, items []item, imports string) *ast.File {
	f := v.file("imports", "package main\n"+imports)
	c := &compilation{s: s, name: v.name, code: code}
	local := map[string]bool{}
	for _, it := range items {
		if it.kind != token.FUNC && it.kind != token.TYPE && it.kind != token.IMPORT {
			c.namesDefined(it, local)
		}
	}
	maps.Copy(v.old, local)
	body := v.file(v.name, "package main\nfunc _() {\n}\n")
	v.body = body.Decls[0].(*ast.FuncDecl)
	for _, it := range items {
		text := only(code, []item{it})
		if it.kind == token.TYPE || it.kind == token.FUNC {
			decls := v.file(v.name, fmt.Sprintf(declHead, v.name)+text).Decls
			for _, d := range decls {
				fn, ok := d.(*ast.FuncDecl)
				if ok && fn.Recv == nil && fn.Type.TypeParams == nil && c.uses(it, local) {
					v.body.Body.List = append(v.body.Body.List, variable(fn)...)
					clear(v.old) // a function above a definition means the new variable
					continue
				}
				v.note(d)
				f.Decls = append(f.Decls, d)
			}
			continue
		}
		if it.kind == token.IMPORT {
			continue
		}
		g := v.file(v.name, fmt.Sprintf(stmtHead, v.name)+text+"\n}")
		if len(g.Decls) == 0 {
			continue
		}
		if fn, ok := g.Decls[0].(*ast.FuncDecl); ok && fn.Body != nil {
			v.body.Body.List = append(v.body.Body.List, fn.Body.List...)
			v.body.Body.Rbrace = fn.Body.Rbrace // scopes are looked up by position
		}
	}
	for name := range local {
		v.own[name] = true
	}
	f.Decls = append(f.Decls, v.body)
	return f
}

// note remembers the names that a declaration defines.
func (v *view) note(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		v.own[funcName(d)] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if t, ok := spec.(*ast.TypeSpec); ok {
				v.own[t.Name.Name] = true
			}
		}
	}
}

// variable turns a function's declaration into a variable's, which may call itself.
func variable(fn *ast.FuncDecl) []ast.Stmt {
	at := fn.Name.Pos()
	name := func() *ast.Ident { return &ast.Ident{NamePos: at, Name: fn.Name.Name} }
	if fn.Body == nil {
		return nil
	}
	return []ast.Stmt{
		&ast.DeclStmt{Decl: &ast.GenDecl{TokPos: at, Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{name()}, Type: fn.Type}}}},
		&ast.AssignStmt{Lhs: []ast.Expr{name()}, TokPos: at, Tok: token.ASSIGN, Rhs: []ast.Expr{&ast.FuncLit{Type: fn.Type, Body: fn.Body}}},
	}
}

// variables returns a file that declares what earlier cells have left behind; of their values, those that the cell recalls.
func (v *view) variables(s *Session, cell *ast.File) *ast.File {
	recalled := map[string]bool{}
	if len(s.outs) > 0 {
		ast.Inspect(cell, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, outName) {
				recalled[id.Name] = true
			}
			return true
		})
	}
	var b strings.Builder
	b.WriteString("package main\nimport (")
	declared := map[string]string{"machine": "var machine *rt0_lab.Machine"}
	vars := s.settled
	if vars == nil {
		vars = s.globals()
	}
	for name, value := range vars {
		name = plain(name)
		if _, def := s.names.defs[name]; def || strings.HasPrefix(name, "rt0") && !recalled[name] || name == "_" {
			continue
		}
		if decl := s.types.vars[name]; decl != "" {
			declared[name] = decl
		} else if value.IsValid() && declared[name] == "" {
			declared[name] = "var " + name + " " + types.TypeString(s.types.importer.Type(value.Type()), s.alias)
		}
	}
	packages := map[string]string{"rt0_lab": "github.com/rt0lab/rt0/lessons/lab"}
	for alias, p := range s.types.packages {
		packages[alias] = p
	}
	for _, alias := range sortedKeys(packages) {
		fmt.Fprintf(&b, "%s %q;", alias, packages[alias])
	}
	b.WriteString(")\n")
	for _, name := range sortedKeys(declared) {
		if !v.own[name] || v.old[name] {
			b.WriteString(declared[name] + "\n")
		}
	}
	return v.file("variables", b.String())
}

// alias is how declarations of variables call a package: two packages may have the same name.
func (s *Session) alias(p *types.Package) string {
	if p.Path() == "main" {
		return ""
	}
	alias := "rt0_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(p.Path())
	s.types.packages[alias] = p.Path()
	return alias
}

// earlier returns the definitions of earlier cells that the cell does not replace: a file each, for positions.
func (v *view) earlier(s *Session, imports string) (files []*ast.File) {
	seen := map[string]bool{}
	for _, name := range s.names.order {
		d := s.names.defs[name]
		key := fmt.Sprint(d.file, d.item)
		if v.own[name] || seen[key] {
			continue
		}
		seen[key] = true
		f := v.file("imports", "package main\n"+imports)
		f.Decls = append(f.Decls, v.file(d.file, fmt.Sprintf(declHead, d.file)+only(d.code, []item{d.item})).Decls...)
		files = append(files, f)
	}
	return files
}

// learn remembers the types of the variables that a cell has defined, and of that which holds its value.
func (s *Session) learn(v *view, variable string) {
	if n := len(v.body.Body.List); n > 0 {
		if x, ok := v.body.Body.List[n-1].(*ast.ExprStmt); ok {
			if t := v.info.TypeOf(x.X); t != nil {
				s.remember(variable, types.Default(t))
			}
		}
	}
	scope := v.info.Scopes[v.body.Type]
	if scope == nil {
		return
	}
	for _, name := range scope.Names() {
		switch o := scope.Lookup(name).(type) {
		case *types.Var:
			s.remember(name, o.Type())
		case *types.Const:
			s.types.vars[name] = "const " + name + " = " + o.Val().ExactString()
			if !isUntyped(o.Type()) {
				s.types.vars[name] = "const " + name + " " + types.TypeString(o.Type(), s.alias) + " = " + o.Val().ExactString()
			}
		}
	}
}

// remember notes a variable's type, if the type checker has found it out.
func (s *Session) remember(name string, t types.Type) {
	delete(s.types.vars, name)
	if tuple, ok := t.(*types.Tuple); ok {
		if tuple.Len() == 0 {
			return
		}
		t = tuple.At(0).Type()
	}
	if text := types.TypeString(t, s.alias); !strings.Contains(text, "invalid type") && !strings.Contains(text, "untyped") {
		s.types.vars[name] = "var " + name + " " + text
	}
}

func isUntyped(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// fault returns the first thing that is wrong with the cell, in Go's words; nil if there is none that can be told for sure.
func (v *view) fault(s *Session) error {
	list := v.faults
	sort.SliceStable(list, func(i, j int) bool { return list[i].Pos < list[j].Pos })
	for _, e := range list {
		at := v.fset.Position(e.Pos)
		name, undefined := strings.CutPrefix(e.Msg, "undefined: ")
		switch {
		case e.Soft, at.Filename != v.name, strings.HasSuffix(e.Msg, "is not used"):
		case undefined && v.own[name], undefined && s.mayHave(name):
		case strings.HasPrefix(e.Msg, "could not import"), strings.Contains(e.Msg, "invalid type"), strings.HasPrefix(e.Msg, "\t"):
		default:
			return fmt.Errorf("%s:%d:%d: %s", path.Base(at.Filename), at.Line, at.Column, e.Msg)
		}
	}
	return nil
}

// explain takes the place of a compiler's error: Go's own words about the cell, if Go would refuse it, too.
func (c *compilation) explain(err error) error {
	var f final
	if errors.As(err, &f) {
		return f.error
	}
	v := c.s.see(c.name, c.code, nil)
	if fault := v.fault(c.s); fault != nil {
		return fault
	}
	if gap := c.s.gap(v); gap != nil {
		return gap
	}
	return c.undefined(err)
}

// faulty says whether Go itself would refuse the cell.
func (c *compilation) faulty() bool { return c.seen().fault(c.s) != nil }

// mismatch finds an assignment of too many or too few values, which the interpreter accepts.
func (v *view) mismatch(s *Session) error {
	for _, e := range v.faults {
		if strings.HasPrefix(e.Msg, "assignment mismatch") {
			return v.fault(s)
		}
	}
	return nil
}

// mayHave says whether a package has a name although reflection does not show it: a generic function.
func (s *Session) mayHave(name string) bool {
	pkg, _, ok := strings.Cut(name, ".")
	return ok && generic[s.imports[pkg]]
}

// gap finds a loop over a function, which only its type tells.
func (s *Session) gap(v *view) (err error) {
	for _, f := range v.files {
		ast.Inspect(f, func(n ast.Node) bool {
			r, ok := n.(*ast.RangeStmt)
			if !ok {
				return true
			}
			at := v.fset.Position(r.For)
			if t := v.info.TypeOf(r.X); t != nil && at.Filename == v.name && err == nil {
				if _, ok := t.Underlying().(*types.Signature); ok {
					err = &dialect.Error{Line: at.Line, Column: at.Column, What: "range over a function", Instead: "call the function with the loop's body as its argument"}
				}
			}
			return true
		})
	}
	return err
}
