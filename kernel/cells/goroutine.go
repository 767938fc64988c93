package cells

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
)

// A panic in a goroutine ends the process, and no other goroutine can recover it. So every go statement of a cell is given a
// deferred function that does:
//
//	go f(x)  becomes  { a := x; go func() { defer guard; f(a) }() }
//
// and a function literal gets the guard as its first statement.

// guardName is the function to which a guard gives what it has recovered; guardArg begins the names of evaluated arguments.
const (
	guardName = "rt0GoroutinePanicked"
	guardArg  = "rt0Arg"
)

// guardGoroutines rewrites the go statements below n.
func guardGoroutines(fset *token.FileSet, n ast.Node) {
	rewrite := func(list []ast.Stmt) {
		for i, s := range list {
			if label, ok := s.(*ast.LabeledStmt); ok {
				if g, ok := label.Stmt.(*ast.GoStmt); ok {
					label.Stmt = guarded(fset, g)
				}
			}
			if g, ok := s.(*ast.GoStmt); ok {
				list[i] = guarded(fset, g)
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			rewrite(n.List)
		case *ast.CaseClause:
			rewrite(n.Body)
		case *ast.CommClause:
			rewrite(n.Body)
		}
		return true
	})
}

// guarded returns the statement that takes the place of g.
func guarded(fset *token.FileSet, g *ast.GoStmt) ast.Stmt {
	if lit, ok := g.Call.Fun.(*ast.FuncLit); ok {
		lit.Body.List = append([]ast.Stmt{guard(fset, g.Go)}, lit.Body.List...)
		return g
	}
	block := &ast.BlockStmt{Lbrace: g.Go, Rbrace: g.Call.Rparen}
	call := &ast.CallExpr{Fun: g.Call.Fun, Lparen: g.Call.Lparen, Ellipsis: g.Call.Ellipsis, Rparen: g.Call.Rparen}
	for i, arg := range g.Call.Args {
		if constant(arg) {
			call.Args = append(call.Args, arg)
			continue
		}
		name := fmt.Sprint(guardArg, i)
		block.List = append(block.List, &ast.AssignStmt{Lhs: []ast.Expr{&ast.Ident{NamePos: arg.Pos(), Name: name}}, TokPos: arg.Pos(),
			Tok: token.DEFINE, Rhs: []ast.Expr{arg}})
		call.Args = append(call.Args, &ast.Ident{NamePos: arg.Pos(), Name: name})
	}
	body := &ast.BlockStmt{Lbrace: g.Go, List: []ast.Stmt{guard(fset, g.Go), &ast.ExprStmt{X: call}}, Rbrace: g.Call.Rparen}
	lit := &ast.FuncLit{Type: &ast.FuncType{Func: g.Go, Params: &ast.FieldList{}}, Body: body}
	block.List = append(block.List, &ast.GoStmt{Go: g.Go, Call: &ast.CallExpr{Fun: lit, Lparen: g.Call.Lparen, Rparen: g.Call.Rparen}})
	return block
}

// constant says whether an argument means the same later, and may have to keep an untyped constant's freedom of type.
func constant(e ast.Expr) bool {
	is := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			is = is && (n.Name == "nil" || n.Name == "true" || n.Name == "false")
		case *ast.CallExpr, *ast.CompositeLit, *ast.FuncLit:
			is = false
		}
		return is
	})
	return is
}

// guard returns the deferred recover.
func guard(fset *token.FileSet, pos token.Pos) ast.Stmt {
	e, err := parser.ParseExprFrom(fset, "guard", "func() { if r := recover(); r != nil { "+guardName+"(r) } }()", 0)
	if err != nil {
		panic(err) // the text is ours
	}
	return &ast.DeferStmt{Defer: pos, Call: e.(*ast.CallExpr)}
}
