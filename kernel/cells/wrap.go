package cells

import (
	"fmt"
	"go/ast"
	"go/token"
)

// The interpreter treats statements at the top of a cell as a file's: a type switch that defines a variable fails there, so
// does a select that receives two values. In a function they work. So such a statement is put into one that is called at
// once; a defer or a return, which would then mean something else, is refused.

// The same goes for the definition of variables with two values of an operation, such as v, ok := m[k], and with what a
// generic function returns. There the variables are declared first, with the types that the type checker has found out.

// declareFirst does so in a list of a cell's statements.
func (c *compilation) declareFirst(list []ast.Stmt) (out []ast.Stmt) {
	fset := c.s.in.FileSet()
	for _, s := range list {
		a, ok := s.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE || !c.troubles(a) {
			out = append(out, s)
			continue
		}
		c.look()
		kinds := c.kindsOf(fset, a)
		if kinds == nil {
			out = append(out, s)
			continue
		}
		for i, l := range a.Lhs {
			if id, ok := l.(*ast.Ident); ok && id.Name != "_" {
				out = append(out, declared(id, kinds[i]))
			}
		}
		a.Tok = token.ASSIGN
		out = append(out, called(s))
	}
	return out
}

// kindsOf returns the types of the variables that a statement defines: what the type checker has found out, or what the
// statement says itself. It is nil if they are not known.
func (c *compilation) kindsOf(fset *token.FileSet, a *ast.AssignStmt) []ast.Expr {
	var kinds []ast.Expr
	for _, l := range a.Lhs {
		id, ok := l.(*ast.Ident)
		text := ""
		if ok && id.Name == "_" {
			text = "int" // of nothing
		} else if ok {
			text = c.notes.defined[at(fset, id.Pos())]
		}
		if text == "" {
			break
		}
		kinds = append(kinds, moved(text, l.Pos()))
	}
	if len(kinds) == len(a.Lhs) {
		return kinds
	}
	if x, ok := a.Rhs[0].(*ast.TypeAssertExpr); ok && len(a.Lhs) == 2 {
		return []ast.Expr{x.Type, &ast.Ident{NamePos: a.Lhs[1].Pos(), Name: "bool"}}
	}
	return nil
}

// declared returns the declaration of a variable.
func declared(id *ast.Ident, typ ast.Expr) ast.Stmt {
	name := &ast.Ident{NamePos: id.Pos(), Name: id.Name}
	return &ast.DeclStmt{Decl: &ast.GenDecl{TokPos: id.Pos(), Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{name}, Type: typ}}}}
}

// troubles says whether the interpreter may fail to define the variables at the top of a cell.
func (c *compilation) troubles(a *ast.AssignStmt) (yes bool) {
	if _, call := a.Rhs[0].(*ast.CallExpr); !call && len(a.Lhs) > len(a.Rhs) {
		return true
	}
	for _, r := range a.Rhs {
		yes = yes || c.callsGeneric(r)
	}
	return yes
}

// callsGeneric says whether an expression mentions a generic function of the cells', or one that only the type checker can
// rewrite.
func (c *compilation) callsGeneric(e ast.Expr) (yes bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			yes = yes || c.s.names.defs[id.Name].generic
		}
		_, lit := n.(*ast.FuncLit)
		return !yes && !lit
	})
	return yes
}

// called puts a statement into a function that is called at once.
func called(s ast.Stmt) ast.Stmt {
	pos := s.Pos()
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{Opening: pos, Closing: pos}},
		Body: &ast.BlockStmt{Lbrace: pos, List: []ast.Stmt{s}, Rbrace: s.End()}}
	return &ast.ExprStmt{X: &ast.CallExpr{Fun: lit, Lparen: s.End(), Rparen: s.End()}}
}

// wrapStatements does so in a list of a cell's statements.
func wrapStatements(list []ast.Stmt) {
	for i, s := range list {
		if compound(s) && !jumps(s) {
			list[i] = called(s)
		}
	}
}

// compound says whether a statement has statements in it.
func compound(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		return compound(s.Stmt)
	case *ast.BlockStmt, *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		return true
	}
	return false
}

// jumps says whether a goto is in a statement: its label may be outside.
func jumps(s ast.Stmt) (yes bool) {
	ast.Inspect(s, func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		yes = yes || ok && b.Tok == token.GOTO
		return !yes
	})
	return yes
}

// outsideOfFunctions finds a defer statement outside of functions, which would wait for the end of the session, and a return.
func outsideOfFunctions(fset *token.FileSet, body *ast.BlockStmt) (err error) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.DeferStmt:
			err = fmt.Errorf("%v: defer outside of a function: a cell is none; write func() { … }() around the statements", fset.Position(n.Pos()))
		case *ast.ReturnStmt:
			err = fmt.Errorf("%v: return outside of a function: a cell is none; write func() { … }() around the statements", fset.Position(n.Pos()))
		}
		return err == nil
	})
	return err
}
