package cells

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
)

// The interpreter speaks the Go of 1.21 with gaps. What Go's type checker can tell is written out before the interpreter
// sees it: type arguments that it cannot infer, loops over integers, loop variables that are new in each iteration, min, max
// and clear.

// notes are what is to be written in another way, by the position of its node.
type notes struct {
	arguments map[string][]string // of a generic function, by the position of its name and the name
	integers  map[string]string   // loops over integers: the integer's type
	functions map[string]string   // calls of min, max and clear, by position and name: the function to call instead
	constants map[string]string   // such calls whose value is known
	defined   map[string]string   // types of the variables of the cell's statements, and of its last value
	results   map[string]int      // how many values a call has, by its parenthesis
	paths     map[string][]string // the embedded fields to a method of an embedded interface, by the method's position
	errors    map[string]bool     // errors of the cells' own types that are passed as any
	switches  map[string]bool     // type switches on errors
	imports   map[string]string   // path by alias, of the packages that these texts mention
}

// at returns the key of a position.
func at(fset *token.FileSet, pos token.Pos) string { return fset.Position(pos).String() }

// lower rewrites what is below n.
func (c *compilation) lower(n ast.Node) {
	fset := c.s.in.FileSet()
	if c.needsTypes(n) {
		c.look()
	}
	rewriteExprs(n, func(e ast.Expr) ast.Expr { return c.lowerExpr(fset, e) })
	c.lowerErrors(fset, n)
	stmts := func(l []ast.Stmt) {
		for i, s := range l {
			l[i] = c.lowerLoop(fset, s)
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			stmts(n.List)
		case *ast.CaseClause:
			stmts(n.Body)
		case *ast.CommClause:
			stmts(n.Body)
		case *ast.LabeledStmt:
			n.Stmt = c.lowerLoop(fset, n.Stmt)
		}
		return true
	})
}

// lowerErrors says of errors of the cells' own types that they are errors where the interpreter does not see it, and takes
// them out of its wrappers where a type switch looks at them.
func (c *compilation) lowerErrors(fset *token.FileSet, n ast.Node) {
	if c.notes == nil || len(c.notes.errors)+len(c.notes.switches) == 0 {
		return
	}
	call := func(name string, x ast.Expr) ast.Expr {
		return &ast.CallExpr{Fun: &ast.Ident{NamePos: x.Pos(), Name: name}, Lparen: x.Pos(), Args: []ast.Expr{x}, Rparen: x.End()}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			for i, a := range n.Args {
				if c.notes.errors[at(fset, n.Lparen)+fmt.Sprint(i)] {
					n.Args[i] = call(errorName, a)
				}
			}
		case *ast.TypeSwitchStmt:
			if !c.notes.switches[at(fset, n.Switch)] {
				break
			}
			switch a := n.Assign.(type) {
			case *ast.AssignStmt:
				x := a.Rhs[0].(*ast.TypeAssertExpr)
				x.X = call(bareName, x.X)
			case *ast.ExprStmt:
				x := a.X.(*ast.TypeAssertExpr)
				x.X = call(bareName, x.X)
			}
			delete(c.notes.switches, at(fset, n.Switch))
		}
		return true
	})
}

// needsTypes says whether n may hold something that only the type checker can tell how to rewrite.
func (c *compilation) needsTypes(n ast.Node) (needs bool) {
	embedding := false
	for _, d := range c.s.names.defs {
		embedding = embedding || d.embeds
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt, *ast.TypeSwitchStmt:
			needs = true
		case *ast.SelectorExpr:
			needs = needs || n.Sel.Name == "Errorf" || embedding
		case *ast.Ident:
			needs = needs || n.Name == "min" || n.Name == "max" || n.Name == "clear" || c.s.names.defs[n.Name].generic
		case *ast.FuncDecl:
			needs = needs || n.Type.TypeParams != nil
		}
		return !needs
	})
	return needs
}

func (c *compilation) lowerExpr(fset *token.FileSet, e ast.Expr) ast.Expr {
	if c.notes == nil {
		return e
	}
	switch x := e.(type) {
	case *ast.Ident:
		if list := c.notes.arguments[at(fset, x.Pos())+x.Name]; list != nil && !c.done[x] {
			c.done[x] = true
			return instance(x, list)
		}
	case *ast.IndexExpr: // some of the type arguments
		if id, ok := x.X.(*ast.Ident); ok {
			if list := c.notes.arguments[at(fset, id.Pos())+id.Name]; list != nil && !c.done[id] {
				c.done[id] = true
				return instance(id, list)
			}
		}
	case *ast.SelectorExpr:
		key := at(fset, x.Sel.Pos())
		for _, field := range c.notes.paths[key] {
			x.X = &ast.SelectorExpr{X: x.X, Sel: &ast.Ident{NamePos: x.Sel.Pos(), Name: field}}
		}
		delete(c.notes.paths, key)
	case *ast.CallExpr:
		id, ok := x.Fun.(*ast.Ident)
		if !ok {
			break
		}
		key := at(fset, id.Pos()) + id.Name
		if text := c.notes.constants[key]; text != "" {
			return moved(text, x.Pos())
		}
		if text := c.notes.functions[key]; text != "" {
			x.Fun = moved(text, x.Fun.Pos())
		}
	}
	return e
}

// instance returns a generic function with its type arguments.
func instance(id *ast.Ident, list []string) ast.Expr {
	var args []ast.Expr
	for _, text := range list {
		args = append(args, moved(text, id.Pos()))
	}
	if len(args) == 1 {
		return &ast.IndexExpr{X: id, Lbrack: id.End(), Index: args[0], Rbrack: id.End()}
	}
	return &ast.IndexListExpr{X: id, Lbrack: id.End(), Indices: args, Rbrack: id.End()}
}

// moved returns the expression that the text is, at a position of the cell.
func moved(text string, pos token.Pos) ast.Expr {
	e, err := parser.ParseExprFrom(token.NewFileSet(), "", text, 0)
	if err != nil {
		return &ast.BadExpr{From: pos, To: pos}
	}
	moveTo(e, pos)
	return e
}

// Names of hidden variables of rewritten loops.
const (
	loopIndex = "rt0Index"
	loopEnd   = "rt0End"
)

// lowerLoop rewrites a loop over an integer, and gives a loop whose variables outlive an iteration new ones in each.
func (c *compilation) lowerLoop(fset *token.FileSet, s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case *ast.RangeStmt:
		if c.notes != nil {
			if typ := c.notes.integers[at(fset, s.For)]; typ != "" {
				return countTo(s, typ)
			}
		}
		if s.Tok == token.DEFINE {
			renew(s.Body, s.Key, s.Value)
		}
	case *ast.ForStmt:
		init, ok := s.Init.(*ast.AssignStmt)
		if ok && init.Tok == token.DEFINE && !assigns(s.Body, init.Lhs) {
			renew(s.Body, init.Lhs...)
		}
	}
	return s
}

// countTo turns "for i := range n" into a loop with a counter.
func countTo(s *ast.RangeStmt, typ string) ast.Stmt {
	pos := s.For
	id := func(name string) *ast.Ident { return &ast.Ident{NamePos: pos, Name: name} }
	as := func(x ast.Expr) ast.Expr {
		return &ast.CallExpr{Fun: moved(typ, pos), Lparen: pos, Args: []ast.Expr{x}, Rparen: pos}
	}
	if key, ok := s.Key.(*ast.Ident); ok && key.Name != "_" {
		first := &ast.AssignStmt{Lhs: []ast.Expr{key}, TokPos: pos, Tok: s.Tok, Rhs: []ast.Expr{id(loopIndex)}}
		s.Body.List = append([]ast.Stmt{first}, s.Body.List...)
	}
	return &ast.ForStmt{For: pos,
		Init: &ast.AssignStmt{Lhs: []ast.Expr{id(loopIndex), id(loopEnd)}, TokPos: pos, Tok: token.DEFINE, Rhs: []ast.Expr{as(moved("0", pos)), as(s.X)}},
		Cond: &ast.BinaryExpr{X: id(loopIndex), OpPos: pos, Op: token.LSS, Y: id(loopEnd)},
		Post: &ast.IncDecStmt{X: id(loopIndex), TokPos: pos, Tok: token.INC}, Body: s.Body}
}

// renew declares the loop's variables again inside of it, if a function in it may see them later or their address is taken.
func renew(body *ast.BlockStmt, vars ...ast.Expr) {
	for _, v := range vars {
		id, ok := v.(*ast.Ident)
		if !ok || id.Name == "_" || !escapes(body, id.Name) {
			continue
		}
		pos := body.Lbrace
		body.List = append([]ast.Stmt{&ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{NamePos: pos, Name: id.Name}}, TokPos: pos, Tok: token.DEFINE,
			Rhs: []ast.Expr{&ast.Ident{NamePos: pos, Name: id.Name}}}}, body.List...)
	}
}

// escapes says whether a function literal below n mentions a name, or its address is taken.
func escapes(n ast.Node, name string) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			yes = yes || mentionsName(n, name)
		case *ast.UnaryExpr:
			yes = yes || n.Op == token.AND && mentionsName(n.X, name)
		}
		return !yes
	})
	return yes
}

func mentionsName(n ast.Node, name string) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		yes = yes || ok && id.Name == name
		return !yes
	})
	return yes
}

// assigns says whether a statement below n may change one of the variables.
func assigns(n ast.Node, vars []ast.Expr) (yes bool) {
	is := func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		for _, v := range vars {
			if w, isIdent := v.(*ast.Ident); ok && isIdent && w.Name == id.Name {
				return true
			}
		}
		return false
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				yes = yes || is(l)
			}
		case *ast.IncDecStmt:
			yes = yes || is(n.X)
		case *ast.UnaryExpr:
			yes = yes || n.Op == token.AND && is(n.X)
		case *ast.RangeStmt:
			yes = yes || n.Tok == token.ASSIGN && (is(n.Key) || n.Value != nil && is(n.Value))
		}
		return !yes
	})
	return yes
}
