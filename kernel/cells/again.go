package cells

import (
	"fmt"
	"go/ast"
	"go/token"
)

// A variable of an earlier cell may be defined again. The interpreter makes room for the new one before it compiles the first
// statement, so that x := x + 1 would read the new x, which is zero. So what mentions the old variable is compiled ahead of
// the statement that defines the new one, on its own; and such a statement is taken apart:
//
//	x, err := f(x)  becomes  rt0New0, rt0New1 := f(x)  and then  x, err := rt0New0, rt0New1

// newName begins the names of values on their way to a variable.
const newName = "rt0New"

// units parts statements where one defines a variable again that is mentioned before.
func (c *compilation) units(list []ast.Stmt) (units [][]ast.Stmt) {
	var unit []ast.Stmt
	mentioned := map[string]bool{}
	flush := func() {
		if len(unit) > 0 {
			units = append(units, unit)
		}
		unit, mentioned = nil, map[string]bool{}
	}
	for _, s := range list {
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			again, self := false, false
			for _, l := range a.Lhs {
				id, ok := l.(*ast.Ident)
				if !ok || !c.old(id.Name) {
					continue
				}
				again = again || mentioned[id.Name]
				for _, r := range a.Rhs {
					self = self || mentionsName(r, id.Name)
				}
			}
			if again || self {
				flush()
			}
			if self {
				var values []ast.Expr
				first := &ast.AssignStmt{Lhs: c.newNames(a.Lhs), TokPos: a.TokPos, Tok: token.DEFINE, Rhs: a.Rhs}
				for _, v := range first.Lhs {
					values = append(values, &ast.Ident{NamePos: v.Pos(), Name: v.(*ast.Ident).Name})
				}
				units = append(units, []ast.Stmt{first})
				a.Rhs = values
			}
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					c.defined[id.Name] = true
				}
			}
		}
		ast.Inspect(s, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				mentioned[id.Name] = true
			}
			return true
		})
		unit = append(unit, s)
	}
	flush()
	return units
}

// old says whether a name still means a variable of an earlier cell.
func (c *compilation) old(name string) bool {
	_, ok := c.s.settled[name]
	return ok && !c.defined[name]
}

// newNames returns names for values on their way to the variables.
func (c *compilation) newNames(to []ast.Expr) (names []ast.Expr) {
	for _, l := range to {
		names = append(names, &ast.Ident{NamePos: l.Pos(), Name: fmt.Sprint(newName, c.news)})
		c.news++
	}
	return names
}

// renewed does so for declarations: it takes variables that are defined from their old values out of them, and returns the
// statements that do it instead, in the order in which they are to be compiled, one by one. (The interpreter sees a loop of
// definitions in a declaration.)
func (c *compilation) renewed(decls []ast.Decl) (steps []ast.Stmt) {
	for _, d := range decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		var keep []ast.Spec
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			self := false
			var vars []ast.Expr
			for _, id := range v.Names {
				vars = append(vars, id)
				for _, x := range v.Values {
					self = self || c.old(id.Name) && mentionsName(x, id.Name)
				}
			}
			for _, id := range v.Names {
				c.defined[id.Name] = true
			}
			if !self {
				keep = append(keep, v)
				continue
			}
			first := &ast.AssignStmt{Lhs: c.newNames(vars), TokPos: v.Pos(), Tok: token.DEFINE, Rhs: v.Values}
			second := &ast.AssignStmt{Lhs: vars, TokPos: v.Pos(), Tok: token.DEFINE}
			for _, n := range first.Lhs {
				var x ast.Expr = &ast.Ident{NamePos: n.Pos(), Name: n.(*ast.Ident).Name}
				if v.Type != nil {
					x = &ast.CallExpr{Fun: &ast.ParenExpr{Lparen: n.Pos(), X: v.Type, Rparen: n.Pos()}, Lparen: n.Pos(), Args: []ast.Expr{x}, Rparen: n.Pos()}
				}
				second.Rhs = append(second.Rhs, x)
			}
			steps = append(steps, first, second)
		}
		g.Specs = keep
	}
	return steps
}
