//go:build !js

package cells

import (
	"fmt"
	"go/ast"
	goconstant "go/constant"
	"go/token"
	"go/types"
	"path"
	"strings"

	"github.com/traefik/yaegi/interp"
)

// notesOf looks for what is to be rewritten in the files of a view.
func (s *Session) notesOf(v *view, files []*ast.File) *notes {
	n := &notes{arguments: map[string][]string{}, integers: map[string]string{}, functions: map[string]string{}, constants: map[string]string{},
		defined: map[string]string{}, results: map[string]int{}, paths: map[string][]string{}, errors: map[string]bool{}, switches: map[string]bool{}, imports: map[string]string{}}
	for id, instance := range v.info.Instances {
		if _, ok := v.info.Uses[id].(*types.Func); !ok {
			continue
		}
		var list []string
		for i := range instance.TypeArgs.Len() {
			list = append(list, n.text(s, instance.TypeArgs.At(i)))
		}
		n.arguments[at(v.fset, id.Pos())+id.Name] = list
	}
	for sel, s := range v.info.Selections {
		if path := embeddedPath(s); path != nil {
			n.paths[at(v.fset, sel.Sel.Pos())] = path
		}
	}
	for _, stmt := range v.body.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			for _, l := range stmt.Lhs {
				if t := v.info.TypeOf(l); t != nil {
					n.defined[at(v.fset, l.Pos())] = n.text(s, types.Default(t))
				}
			}
		case *ast.DeclStmt:
			for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
				spec, ok := spec.(*ast.ValueSpec)
				for i := 0; ok && i < len(spec.Names); i++ {
					if t := v.info.TypeOf(spec.Names[i]); t != nil {
						n.defined[at(v.fset, spec.Names[i].Pos())] = n.text(s, t)
					}
				}
			}
		case *ast.ExprStmt:
			t := v.info.TypeOf(stmt.X)
			if call, ok := stmt.X.(*ast.CallExpr); ok && t != types.Typ[types.Invalid] {
				count := 1
				if tuple, ok := t.(*types.Tuple); ok {
					count = tuple.Len()
				} else if t == nil {
					count = 0
				}
				n.results[at(v.fset, call.Lparen)] = count
			}
			if t != nil {
				n.defined[at(v.fset, stmt.X.Pos())] = n.text(s, types.Default(t))
			}
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.RangeStmt:
				if t := v.info.TypeOf(node.X); t != nil && isInteger(t) {
					n.integers[at(v.fset, node.For)] = n.text(s, types.Default(t))
				}
			case *ast.TypeSwitchStmt:
				if concrete(v.info, node) {
					n.switches[at(v.fset, node.Switch)] = true
				}
			case *ast.CallExpr:
				n.noteErrors(v, node)
				id, ok := node.Fun.(*ast.Ident)
				if !ok {
					break
				}
				if _, ok := v.info.Uses[id].(*types.Builtin); ok {
					s.noteBuiltin(n, v, id.Name, node)
				}
			}
			return true
		})
	}
	return n
}

// noteErrors notes arguments that are errors of the cells' own types, given to a function of a package that takes anything:
// fmt.Errorf would not know what to wrap.
func (n *notes) noteErrors(v *view, call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || call.Ellipsis.IsValid() {
		return
	}
	if id, ok := sel.X.(*ast.Ident); !ok || v.info.Uses[id] == nil {
		return
	} else if _, ok := v.info.Uses[id].(*types.PkgName); !ok || sel.Sel.Name != "Errorf" {
		return
	}
	for i, a := range call.Args {
		t := v.info.TypeOf(a)
		if t != nil && ownType(t) && types.Implements(t, errorType) {
			n.errors[at(v.fset, call.Lparen)+fmt.Sprint(i)] = true
		}
	}
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// ownType says whether a type, or what it points to, is declared in a cell.
func ownType(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := t.(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "main" && !types.IsInterface(t)
}

// concrete says whether a type switch looks at an error and has only cases that are no interfaces.
func concrete(info *types.Info, s *ast.TypeSwitchStmt) bool {
	var x ast.Expr
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		x = a.Rhs[0]
	case *ast.ExprStmt:
		x = a.X
	}
	assert, ok := x.(*ast.TypeAssertExpr)
	if !ok {
		return false
	}
	if t := info.TypeOf(assert.X); t == nil || !types.Identical(t, types.Universe.Lookup("error").Type()) {
		return false
	}
	own := false
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			t := info.TypeOf(e)
			if t == nil || types.IsInterface(t) {
				return false
			}
			own = own || ownType(t)
		}
	}
	return own
}

// embeddedPath returns the embedded fields by way of which a method is selected, if the last is an interface: the interpreter
// does not find it.
func embeddedPath(s *types.Selection) (path []string) {
	if s.Kind() != types.MethodVal || len(s.Index()) < 2 || !types.IsInterface(s.Obj().Type().(*types.Signature).Recv().Type()) {
		return nil
	}
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		path, t = append(path, st.Field(i).Name()), st.Field(i).Type()
	}
	return path
}

func isInteger(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

// text writes a type as a cell would; packages that the cells have no name for get one. "" stands for a type that is not known.
func (n *notes) text(s *Session, t types.Type) string {
	text := types.TypeString(t, func(p *types.Package) string {
		if p.Path() == "main" {
			return ""
		}
		for _, name := range sortedKeys(s.imports) {
			if s.imports[name] == p.Path() {
				return name
			}
		}
		alias := s.alias(p)
		n.imports[alias] = p.Path()
		return alias
	})
	if strings.Contains(text, "invalid type") || strings.Contains(text, "untyped") {
		return ""
	}
	return text
}

// noteBuiltin notes what to call instead of a function that the interpreter lacks.
func (s *Session) noteBuiltin(n *notes, v *view, name string, call *ast.CallExpr) {
	if name != "min" && name != "max" && name != "clear" || len(call.Args) == 0 {
		return
	}
	key := at(v.fset, call.Pos()) + name
	value := v.info.Types[call]
	if c := value.Value; c != nil && (c.Kind() == goconstant.Int || c.Kind() == goconstant.String) {
		n.constants[key] = c.ExactString()
		return
	}
	t := value.Type
	if name == "clear" {
		t = v.info.TypeOf(call.Args[0])
	}
	if t == nil {
		return
	}
	text := n.text(s, types.Default(t))
	if text == "" {
		return
	}
	switch {
	case name == "clear":
		switch t := t.Underlying().(type) {
		case *types.Map:
			n.functions[key] = "func(m " + text + ") { for k := range m { delete(m, k) } }"
		case *types.Slice:
			n.functions[key] = "func(s " + text + ") { var zero " + n.text(s, t.Elem()) + "; for i := range s { s[i] = zero } }"
		}
	default:
		less := map[string]string{"min": "<", "max": ">"}[name]
		var params, body strings.Builder
		for i := range call.Args {
			fmt.Fprintf(&params, "x%d, ", i)
			if i > 0 { // NaN wins, as in Go
				fmt.Fprintf(&body, "if x%d %s x0 || x%[1]d != x%[1]d { x0 = x%[1]d }; ", i, less)
			}
		}
		n.functions[key] = "func(" + strings.TrimSuffix(params.String(), ", ") + " " + text + ") " + text + " { " + body.String() + "return x0 }"
	}
}

// lend makes the types of a package known to the interpreter that cells cannot import, but whose values functions return.
func (s *Session) lend(importPath string) {
	if !s.available(importPath) {
		s.in.Use(interp.Exports{importPath + "/" + path.Base(importPath): s.types.importer.Named(importPath)})
	}
}

// look has the cell type-checked, once.
func (c *compilation) look() {
	if c.notes != nil {
		return
	}
	v := c.seen()
	c.notes, c.done = c.s.notesOf(v, v.files), map[*ast.Ident]bool{}
	if len(c.notes.imports) == 0 {
		return
	}
	text := "import ("
	for _, alias := range sortedKeys(c.notes.imports) {
		c.s.lend(c.notes.imports[alias])
		text += fmt.Sprintf("%s %q;", alias, c.notes.imports[alias])
	}
	text += ")"
	if f, err := parseDecls(c.s.in.FileSet(), c.name, text, []item{{token.IMPORT, 0, len(text)}}); err == nil {
		c.add(f) // what fails then says what is missing
	}
}
