package cells

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

// kinds tells the types of expressions of a cell, as far as declarations and reflection do: types are expressions as a cell
// would write them, nil where they are not known. Numbers are left out but for literals: an untyped one may become any.
type kinds struct {
	s    *Session
	here map[string]ast.Expr // the variables that the cell has defined
}

// look finds the types of the variables that the cell defines, and of its value.
func (c *compilation) look() {
	c.notes = &notes{defined: map[string]string{}}
	k := &kinds{c.s, map[string]ast.Expr{}}
	for _, it := range split(c.code) {
		fset := token.NewFileSet()
		switch it.kind {
		case token.ILLEGAL:
			body, err := parseStmts(fset, c.name, c.code, []item{it})
			if err != nil || len(body.List) == 0 {
				continue
			}
			switch stmt := body.List[0].(type) {
			case *ast.AssignStmt:
				if stmt.Tok == token.DEFINE {
					k.define(c.notes, fset, stmt.Lhs, nil, stmt.Rhs)
				}
			case *ast.ExprStmt:
				c.notes.defined[at(fset, stmt.X.Pos())] = textOfType(k.of(stmt.X))
			}
		case token.VAR:
			f, err := parseDecls(fset, c.name, c.code, []item{it})
			if err != nil {
				continue
			}
			for _, d := range f.Decls {
				for _, spec := range d.(*ast.GenDecl).Specs {
					v := spec.(*ast.ValueSpec)
					var names []ast.Expr
					for _, id := range v.Names {
						names = append(names, id)
					}
					k.define(c.notes, fset, names, v.Type, v.Values)
				}
			}
		}
	}
}

// define notes the types of variables that are defined with a type or values.
func (k *kinds) define(n *notes, fset *token.FileSet, names []ast.Expr, typ ast.Expr, values []ast.Expr) {
	list := make([]ast.Expr, len(names))
	if len(values) == 1 && len(names) > 1 {
		copy(list, k.results(values[0]))
	}
	for i, l := range names {
		switch {
		case typ != nil:
			list[i] = typ
		case len(values) == len(names):
			list[i] = k.of(values[i])
		}
		if id, ok := l.(*ast.Ident); ok {
			n.defined[at(fset, id.Pos())] = textOfType(list[i])
		}
	}
	for i, l := range names { // the values still mean the variables before
		if id, ok := l.(*ast.Ident); ok {
			k.here[id.Name] = list[i]
		}
	}
}

// of returns the type of an expression with one value.
func (k *kinds) of(e ast.Expr) ast.Expr {
	if list := k.results(e); len(list) == 1 {
		return list[0]
	}
	return nil
}

var literals = map[token.Token]string{token.INT: "int", token.FLOAT: "float64", token.IMAG: "complex128", token.CHAR: "rune", token.STRING: "string"}

// results returns the types of the values of an expression.
func (k *kinds) results(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.BasicLit:
		return []ast.Expr{ast.NewIdent(literals[e.Kind])}
	case *ast.ParenExpr:
		return k.results(e.X)
	case *ast.Ident:
		return []ast.Expr{k.variable(e.Name)}
	case *ast.CompositeLit:
		return []ast.Expr{e.Type}
	case *ast.TypeAssertExpr:
		return []ast.Expr{e.Type}
	case *ast.StarExpr:
		if p, ok := k.of(e.X).(*ast.StarExpr); ok {
			return []ast.Expr{p.X}
		}
	case *ast.UnaryExpr:
		if t := k.of(e.X); e.Op == token.AND && t != nil {
			return []ast.Expr{&ast.StarExpr{X: t}}
		}
	case *ast.IndexExpr:
		switch t := k.under(k.of(e.X)).(type) {
		case *ast.ArrayType:
			return []ast.Expr{t.Elt}
		case *ast.MapType:
			return []ast.Expr{t.Value}
		}
	case *ast.SliceExpr:
		if t, ok := k.of(e.X).(*ast.ArrayType); ok && t.Len == nil {
			return []ast.Expr{t}
		}
	case *ast.SelectorExpr:
		return []ast.Expr{k.field(e)}
	case *ast.CallExpr:
		return k.call(e)
	}
	return nil
}

// variable returns the type of a variable of this cell or of an earlier one.
func (k *kinds) variable(name string) ast.Expr {
	if t, ok := k.here[name]; ok {
		return t
	}
	v, ok := k.s.settled[name]
	if key := k.s.slots[name]; key != "" {
		if text := plain(key); word.ReplaceAllStringFunc(text, k.s.names.inside) == key {
			return typeExpr(text)
		}
		return nil // of a type that has been defined again
	}
	if ok && v.IsValid() && v.Kind() != reflect.Interface {
		return typeExpr(k.s.nameOf(v.Type()))
	}
	return nil
}

// call returns the types of a call's results.
func (k *kinds) call(call *ast.CallExpr) []ast.Expr {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.ArrayType, *ast.MapType, *ast.InterfaceType, *ast.StarExpr: // a conversion
		return []ast.Expr{fun}
	case *ast.FuncLit:
		return resultTypes(fun.Type)
	case *ast.Ident:
		d, own := k.s.names.defs[fun.Name]
		switch {
		case k.here[fun.Name] != nil || k.s.settled[fun.Name].IsValid():
		case own && d.typ:
			return []ast.Expr{ast.NewIdent(fun.Name)}
		case own:
			if fn, ok := k.declared(d).(*ast.FuncDecl); ok && fn.Type.TypeParams == nil {
				return resultTypes(fn.Type)
			}
		case fun.Name == "new" && len(call.Args) == 1:
			return []ast.Expr{&ast.StarExpr{X: call.Args[0]}}
		case fun.Name == "make" && len(call.Args) > 0, fun.Name == "append" && len(call.Args) > 0:
			if fun.Name == "append" {
				return []ast.Expr{k.of(call.Args[0])}
			}
			return []ast.Expr{call.Args[0]}
		case fun.Name == "any" || fun.Name == "error" || fun.Name == "string":
			return []ast.Expr{fun}
		}
	case *ast.SelectorExpr:
		if id, ok := fun.X.(*ast.Ident); ok && k.here[id.Name] == nil && !k.s.settled[id.Name].IsValid() && k.s.imports[id.Name] != "" {
			f := k.s.library.exports(k.s.imports[id.Name])[fun.Sel.Name]
			if f.IsValid() && f.Kind() == reflect.Func {
				return k.outs(f.Type())
			}
			return nil
		}
		t := k.of(fun.X)
		base := t
		if p, ok := t.(*ast.StarExpr); ok {
			base = p.X
		}
		if id, ok := base.(*ast.Ident); ok {
			if fn, ok := k.declared(k.s.names.defs[id.Name+"."+fun.Sel.Name]).(*ast.FuncDecl); ok {
				return resultTypes(fn.Type)
			}
			return nil
		}
		rt := k.reflected(base)
		if rt == nil {
			return nil
		}
		if m, ok := rt.MethodByName(fun.Sel.Name); ok && rt.Kind() == reflect.Interface {
			return k.outs(m.Type)
		}
		if m, ok := reflect.PointerTo(rt).MethodByName(fun.Sel.Name); ok {
			return k.outs(m.Type)
		}
	}
	return nil
}

// field returns the type of a field of a structure.
func (k *kinds) field(e *ast.SelectorExpr) ast.Expr {
	t := k.of(e.X)
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	if st, ok := k.under(t).(*ast.StructType); ok {
		for _, f := range st.Fields.List {
			for _, id := range f.Names {
				if id.Name == e.Sel.Name {
					return f.Type
				}
			}
		}
		return nil
	}
	if rt := k.reflected(t); rt != nil && rt.Kind() == reflect.Struct {
		if f, ok := rt.FieldByName(e.Sel.Name); ok {
			return typeExpr(k.s.nameOf(f.Type))
		}
	}
	return nil
}

// under returns what a type of the cells is declared as; other types are their own.
func (k *kinds) under(t ast.Expr) ast.Expr {
	if id, ok := t.(*ast.Ident); ok {
		if g, ok := k.declared(k.s.names.defs[id.Name]).(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.Name == id.Name && spec.TypeParams == nil {
					return spec.Type
				}
			}
		}
	}
	return t
}

// declared returns the declaration of a definition.
func (k *kinds) declared(d definition) ast.Decl {
	if d.code == "" {
		return nil
	}
	f, err := parseDecls(token.NewFileSet(), d.file, d.code, []item{d.item})
	if err != nil || len(f.Decls) != 1 {
		return nil
	}
	return f.Decls[0]
}

// reflected returns a type of a library.
func (k *kinds) reflected(t ast.Expr) reflect.Type {
	if sel, ok := t.(*ast.SelectorExpr); ok {
		if id, ok := sel.X.(*ast.Ident); ok {
			if v := k.s.library.exports(k.s.imports[id.Name])[sel.Sel.Name]; v.IsValid() && v.Kind() == reflect.Pointer && v.IsNil() {
				return v.Type().Elem()
			}
		}
	}
	return nil
}

// outs returns the types of the results of a library's function.
func (k *kinds) outs(f reflect.Type) (list []ast.Expr) {
	for i := range f.NumOut() {
		list = append(list, typeExpr(k.s.nameOf(f.Out(i))))
	}
	return list
}

func resultTypes(f *ast.FuncType) (list []ast.Expr) {
	if f.Results == nil {
		return nil
	}
	for _, field := range f.Results.List {
		for range max(1, len(field.Names)) {
			list = append(list, field.Type)
		}
	}
	return list
}

// typeExpr parses a type; nil stands for none.
func typeExpr(text string) ast.Expr {
	if text == "" {
		return nil
	}
	e, err := parser.ParseExpr(text)
	if err != nil {
		return nil
	}
	return e
}

// textOfType writes a type, "" if it is not known or not one that a variable is declared with here.
func textOfType(t ast.Expr) string {
	var parts []string
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.ParenExpr:
		return textOfType(t.X)
	case *ast.SelectorExpr:
		parts = []string{textOfType(t.X), ".", t.Sel.Name}
	case *ast.StarExpr:
		parts = []string{"*", textOfType(t.X)}
	case *ast.ArrayType:
		if t.Len == nil {
			parts = []string{"[]", textOfType(t.Elt)}
		}
	case *ast.MapType:
		parts = []string{"map[", textOfType(t.Key), "]", textOfType(t.Value)}
	case *ast.InterfaceType:
		if t.Methods.NumFields() == 0 {
			return "interface{}"
		}
	}
	for _, p := range parts {
		if p == "" {
			return ""
		}
	}
	return strings.Join(parts, "")
}
