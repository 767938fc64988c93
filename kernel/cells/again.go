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
				if !ok || !c.old(id.Name) || c.sameSlot(id) {
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

// renewed takes variables out of declarations that are given the value of an earlier variable, their own old one perhaps, for
// which the interpreter sees a loop of definitions; variables that earlier cells have defined, so that they keep their places;
// and variables that are given the value of a call, which in a declaration would stay in a second place for ever. It returns
// the statements that define them instead: those to be compiled before the declarations, and those after, one by one.
func (c *compilation) renewed(decls []ast.Decl) (before, after []ast.Stmt) {
	here := map[string]bool{} // what stays in the declarations
	ahead, behind := apart(decls)
	for _, d := range decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil {
			here[fn.Name.Name] = true
		}
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			if ok && g.Tok == token.TYPE {
				for _, spec := range g.Specs {
					here[spec.(*ast.TypeSpec).Name.Name] = true
				}
			}
			continue
		}
		var keep []ast.Spec
		for _, spec := range g.Specs {
			v := spec.(*ast.ValueSpec)
			self, earlier, late, again := false, false, false, false
			for _, x := range v.Values {
				ast.Inspect(x, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						_, settled := c.s.settled[c.s.names.inside(id.Name)]
						earlier = earlier || settled || c.defined[id.Name] && !here[id.Name]
						late = late || here[id.Name]
					}
					return true
				})
				for _, id := range v.Names {
					self = self || c.old(id.Name) && mentionsName(x, id.Name)
				}
			}
			for _, id := range v.Names {
				again = again || c.old(id.Name)
				c.defined[id.Name] = true
			}
			if again && len(v.Values) == 0 && c.sameSlots(v.Names) {
				for _, id := range v.Names {
					before = append(before, zeroed(id))
				}
				continue
			}
			if !self && !earlier && !ahead[v] && !behind[v] && (!again || late || len(v.Values) == 0) {
				for _, id := range v.Names {
					here[id.Name] = true
				}
				keep = append(keep, v)
				continue
			}
			steps := c.definition(v, self)
			if late || behind[v] {
				after = append(after, steps...)
			} else {
				before = append(before, steps...)
			}
		}
		g.Specs = keep
	}
	return before, after
}

// definition returns the statements that stand for the declaration of variables; with detour the values go by way of others.
func (c *compilation) definition(v *ast.ValueSpec, detour bool) (steps []ast.Stmt) {
	var vars []ast.Expr
	for _, id := range v.Names {
		vars = append(vars, id)
	}
	values := v.Values
	if detour || v.Type != nil && len(values) != len(vars) {
		first := &ast.AssignStmt{Lhs: c.newNames(vars), TokPos: v.Pos(), Tok: token.DEFINE, Rhs: values}
		steps, values = append(steps, first), nil
		for _, n := range first.Lhs {
			values = append(values, &ast.Ident{NamePos: n.Pos(), Name: n.(*ast.Ident).Name})
		}
	}
	if v.Type != nil {
		for i, x := range values {
			values[i] = &ast.CallExpr{Fun: &ast.ParenExpr{Lparen: x.Pos(), X: v.Type, Rparen: x.Pos()}, Lparen: x.Pos(), Args: []ast.Expr{x}, Rparen: x.End()}
		}
	}
	return append(steps, &ast.AssignStmt{Lhs: vars, TokPos: v.Pos(), Tok: token.DEFINE, Rhs: values})
}
