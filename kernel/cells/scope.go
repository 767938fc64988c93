//go:build !js

package cells

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"
)

// cursorName stands for the name at the cursor in code that is type-checked.
const cursorName = "rt0Cursor"

// namesAt returns what may stand at start: members if a dot is before it, else names.
func (s *Session) namesAt(code string, start int) choice {
	toks, _ := tokens(code[:start])
	for n := len(toks); n > 0 && toks[n-1].kind == token.SEMICOLON && toks[n-1].text == ""; n-- {
		toks = toks[:n-1]
	}
	v, at := s.seeCursor(code, start, cursorName, toks)
	if n := len(toks); n > 1 && toks[n-1].kind == token.PERIOD {
		return v.members(s, at)
	}
	return v.names(s, at)
}

// seeCursor type-checks the code up to the cursor, with a name there and all brackets closed, and the declarations below.
func (s *Session) seeCursor(code string, start int, name string, toks []tok) (*view, ast.Node) {
	extra := map[string]string{}
	for i, t := range toks {
		if t.kind == token.IDENT && i+1 < len(toks) && toks[i+1].kind == token.PERIOD && (i == 0 || toks[i-1].kind != token.PERIOD) {
			if p := s.guess(t.text); p != "" {
				extra[t.text] = p
			}
		}
	}
	text := code[:start] + name
	list, _ := tokens(text)
	text += closers(list) + "\n"
	for _, it := range split(code) {
		if it.start > start && (it.kind == token.FUNC || it.kind == token.TYPE) {
			text += "\n" + code[it.start:it.end] + "\n"
		}
	}
	v := s.see("cursor", text, extra)
	line := strings.Count(code[:start], "\n") + 1
	column := start - strings.LastIndexByte(code[:start], '\n')
	here := func(id *ast.Ident) bool {
		at := v.fset.Position(id.Pos())
		return id.Name == name && at.Filename == "cursor" && at.Line == line && at.Column == column
	}
	var found ast.Node
	ast.Inspect(v.files[0], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if here(n.Sel) {
				found = n
			}
		case *ast.Ident:
			if found == nil && here(n) {
				found = n
			}
		}
		return found == nil
	})
	return v, found
}

// members returns what may follow the dot.
func (v *view) members(s *Session, at ast.Node) choice {
	c := choice{}
	sel, ok := at.(*ast.SelectorExpr)
	if !ok {
		return c
	}
	if id, ok := sel.X.(*ast.Ident); ok {
		if p, ok := v.info.Uses[id].(*types.PkgName); ok {
			for _, name := range p.Imported().Scope().Names() {
				if ast.IsExported(name) {
					c[name] = kindOfObject(p.Imported().Scope().Lookup(name))
				}
			}
			return c
		}
	}
	if t := v.info.TypeOf(sel.X); t != nil {
		c.membersOf(t, 0)
	}
	return c
}

// deepest bounds the structures in structures whose fields are offered.
const deepest = 4

// membersOf adds the methods and fields of a type, those of embedded fields too.
func (c choice) membersOf(t types.Type, depth int) {
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() == 1 {
		t = tuple.At(0).Type()
	}
	visible := func(o types.Object) bool { return o.Exported() || o.Pkg() != nil && o.Pkg().Path() == "main" }
	methods := t
	if _, isPointer := t.Underlying().(*types.Pointer); !isPointer && !types.IsInterface(t) {
		methods = types.NewPointer(t)
	}
	set := types.NewMethodSet(methods)
	for i := range set.Len() {
		if o := set.At(i).Obj(); visible(o) {
			c[o.Name()] = "function"
		}
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok || depth > deepest {
		return
	}
	for i := range st.NumFields() {
		f := st.Field(i)
		if f.Embedded() {
			c.membersOf(f.Type(), depth+1)
		}
		if visible(f) {
			c[f.Name()] = "instance"
		}
	}
}

func kindOfObject(o types.Object) string {
	switch o.(type) {
	case *types.Func, *types.Builtin:
		return "function"
	case *types.TypeName:
		return "class"
	case *types.PkgName:
		return "module"
	}
	return "variable"
}

// names returns the names in scope, keywords, and packages.
func (v *view) names(s *Session, at ast.Node) choice {
	c := choice{}
	for t := token.BREAK; t <= token.VAR; t++ {
		c[t.String()] = "keyword"
	}
	for key := range s.library.std { // any package of the library: its import is one line
		if !strings.Contains(path.Dir(key), "internal") && key != "." {
			c[path.Base(key)] = "module"
		}
	}
	for scope := v.scopeAt(at); scope != nil; scope = scope.Parent() {
		for _, name := range scope.Names() {
			o := scope.Lookup(name)
			if at != nil && scope.Parent() != nil && scope.Parent() != types.Universe && o.Pos() > at.Pos() && o.Parent() != v.pkg.Scope() {
				continue
			}
			c[name] = kindOfObject(o)
		}
	}
	for name := range s.imports {
		c[name] = "module"
	}
	if len(s.outs) > 0 {
		c["Out"] = "variable"
	}
	delete(c, "_")
	v.keys(c, at)
	return c
}

// keys adds the fields of the structure in whose literal the cursor is.
func (v *view) keys(c choice, at ast.Node) {
	for _, f := range v.files {
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			for _, e := range lit.Elts {
				if e != at {
					continue
				}
				if t := v.info.TypeOf(lit); t != nil {
					if st, ok := t.Underlying().(*types.Struct); ok {
						for i := range st.NumFields() {
							c[st.Field(i).Name()] = "instance"
						}
					}
				}
			}
			return true
		})
	}
}

// scopeAt returns the innermost scope around a node of the cell.
func (v *view) scopeAt(at ast.Node) *types.Scope {
	scope := v.info.Scopes[v.files[0]]
	if scope == nil {
		scope = v.pkg.Scope()
	}
	if at == nil {
		return scope
	}
	for _, d := range v.files[0].Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			if inner := v.info.Scopes[fn.Type]; inner != nil {
				if in := inner.Innermost(at.Pos()); in != nil {
					return in
				}
			}
		}
	}
	return scope
}
