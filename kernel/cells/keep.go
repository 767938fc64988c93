package cells

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// listAtEnd takes the last item off if it is a list of expressions: several values, as a call may have.
func (c *compilation) listAtEnd(items []item) (rest []item, list *item) {
	n := len(items) - 1
	if n < 0 || items[n].kind != token.ILLEGAL {
		return items, nil
	}
	if _, err := parseStmts(token.NewFileSet(), c.name, c.code, items[n:]); err == nil || parseList(token.NewFileSet(), c.name, c.code, items[n]) == nil {
		return items, nil
	}
	return items[:n], &items[n]
}

// several compiles a list of expressions.
func (c *compilation) several(it item) error {
	body := parseList(c.s.in.FileSet(), c.name, c.code, it)
	call := body.List[0].(*ast.ExprStmt).X.(*ast.CallExpr)
	body.List = c.keepAll(len(call.Args), call.Args...)
	err := c.add(body)
	if c.kept = err == nil; c.kept {
		return nil
	}
	return c.add(parseList(c.s.in.FileSet(), c.name, c.code, it))
}

// keepAll returns statements that give n values, of one expression or of n, to variables and these to plainName and keepName.
func (c *compilation) keepAll(n int, from ...ast.Expr) []ast.Stmt {
	pos := from[0].Pos()
	var vars, args []ast.Expr
	for i := range n {
		name := c.variable
		if i > 0 {
			name += fmt.Sprint("_", i)
		}
		vars = append(vars, &ast.Ident{NamePos: pos, Name: name})
		args = append(args, &ast.Ident{NamePos: pos, Name: name})
	}
	give := func(to string) ast.Stmt {
		return &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{NamePos: pos, Name: to}, Lparen: pos, Args: slices.Clone(args), Rparen: pos}}
	}
	return []ast.Stmt{&ast.AssignStmt{Lhs: vars, TokPos: pos, Tok: token.DEFINE, Rhs: from}, give(plainName), give(keepName)}
}

// value compiles the last expression of a cell.
func (c *compilation) value(items []item, e *ast.ExprStmt) error {
	n, known := 1, true
	if call, ok := e.X.(*ast.CallExpr); ok {
		if n, known = c.s.results(call); !known {
			n, known = c.resultsOf(call)
		}
	}
	forms := []form{keepVariable, keepDirectly}
	switch {
	case !known:
		forms = []form{keepDirectly, keepNothing}
	case n == 0:
		forms = []form{keepNothing}
	}
	var last error
	for _, how := range forms {
		body, err := parseStmts(c.s.in.FileSet(), c.name, c.code, items)
		if err != nil {
			return err
		}
		x := body.List[0].(*ast.ExprStmt)
		switch how {
		case keepVariable:
			body.List = c.keepAll(n, x.X)
		case keepDirectly:
			x.X = &ast.CallExpr{Fun: &ast.Ident{NamePos: x.Pos(), Name: keepName}, Lparen: x.Pos(), Args: []ast.Expr{x.X}, Rparen: x.End()}
			body.List[0] = called(x) // in a function a cell that was given up does not come to the outer call
		}
		if how == keepVariable && n == 1 && !plainValue(x.X) && c.addStep(copyOf(body.List)) == nil {
			c.kept = true
			return nil
		}
		if last = c.add(body); last == nil {
			c.kept = how == keepVariable
			return nil
		}
	}
	return last
}

// plainValue says whether an expression has no values in between but numbers: it need not be compiled as a function for them to go.
func plainValue(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit, *ast.Ident:
		return true
	case *ast.ParenExpr:
		return plainValue(x.X)
	case *ast.UnaryExpr:
		return x.Op != token.AND && x.Op != token.ARROW && plainValue(x.X)
	case *ast.BinaryExpr:
		// The sum of texts is a text.
		return plainValue(x.X) && plainValue(x.Y) && (x.Op != token.ADD || isNumber(x.X) || isNumber(x.Y))
	}
	return false
}

// isNumber says whether an expression is a number as it is written.
func isNumber(x ast.Expr) bool {
	lit, ok := x.(*ast.BasicLit)
	return ok && lit.Kind != token.STRING
}

// resultsOf asks the type checker how many values a call has.
func (c *compilation) resultsOf(call *ast.CallExpr) (n int, known bool) {
	c.look()
	n, known = c.notes.results[at(c.s.in.FileSet(), call.Lparen)]
	return n, known
}

// A form is a way to get at the value of an expression statement.
type form int

const (
	keepVariable form = iota // v := x; rt0Keep(v): the value stays, and keeps the methods of its type
	keepDirectly             // rt0Keep(x)
	keepNothing              // x
)
