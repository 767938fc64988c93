// Package turns makes interpreted code give way where there are no threads: in a browser nothing else runs while a loop
// does, not even the message that would stop it. So code is rewritten before it is compiled: at the beginning of every loop's
// and function's body, and before every goto, it counts down, and at zero it calls Take.
package turns

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"

	"github.com/traefik/yaegi/interp"
)

// Take lets others have their turn and returns how often to count before the next. Nil means that there are threads, and
// that code needs no rewriting. Whoever owns the process sets it, before any code is compiled.
var Take func() int

// Length is a good number to return: counting costs an empty loop in the browser about 100 ns an iteration, and a call to
// Take, a microsecond. It must be small, too: V8's stack holds some 3,000 calls of interpreted functions, and is empty again after
// every change of goroutines.
const Length = 100

// The names in rewritten code: the counter is a variable of the interpreter's, the function one of ours.
const (
	Counter  = "rt0Turns"
	Function = "rt0Turn"
)

// Declaration is the counter's; it must be compiled before rewritten code.
const Declaration = "var " + Counter + " int"

// Path is the package that exports the function, to be imported with a dot.
const Path = "rt0/turns"

// Exports are that package.
func Exports() interp.Exports {
	return interp.Exports{Path + "/turns": {Function: reflect.ValueOf(func() int { return Take() })}}
}

// File parses a whole program of its own, as rewritten code. Positions are those of src.
func File(fset *token.FileSet, name, src string) (*ast.File, error) {
	f, err := parser.ParseFile(fset, name, src, 0)
	if err != nil {
		return nil, err
	}
	Rewrite(f)
	head, err := parser.ParseFile(fset, name, "package p; import . \""+Path+"\"; "+Declaration, 0)
	if err != nil {
		return nil, err
	}
	f.Decls = append(head.Decls, f.Decls...)
	return f, nil
}

// Rewrite rewrites the code below n, if Take is set.
func Rewrite(n ast.Node) {
	if Take == nil {
		return
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			begin(n.Body)
		case *ast.RangeStmt:
			begin(n.Body)
		case *ast.FuncDecl:
			begin(n.Body)
		case *ast.FuncLit:
			begin(n.Body)
		case *ast.BlockStmt:
			n.List = beforeGoto(n.List)
		case *ast.CaseClause:
			n.Body = beforeGoto(n.Body)
		case *ast.CommClause:
			n.Body = beforeGoto(n.Body)
		}
		return true
	})
}

// begin puts a countdown in front of a body's statements. The interpreter takes the position of the first for that of a panic.
func begin(body *ast.BlockStmt) {
	if body == nil {
		return
	}
	pos := body.Lbrace
	if len(body.List) > 0 {
		pos = body.List[0].Pos()
	}
	body.List = append([]ast.Stmt{countdown(pos)}, body.List...)
}

func beforeGoto(list []ast.Stmt) []ast.Stmt {
	for i := 0; i < len(list); i++ {
		if b, ok := list[i].(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			list = append(list[:i], append([]ast.Stmt{countdown(b.TokPos)}, list[i:]...)...)
			i++
		}
	}
	return list
}

// countdown is
//
//	if rt0Turns--; rt0Turns < 0 { rt0Turns = rt0Turn() }
func countdown(pos token.Pos) ast.Stmt {
	counter := func() *ast.Ident { return &ast.Ident{NamePos: pos, Name: Counter} }
	return &ast.IfStmt{
		If:   pos,
		Init: &ast.IncDecStmt{X: counter(), TokPos: pos, Tok: token.DEC},
		Cond: &ast.BinaryExpr{X: counter(), OpPos: pos, Op: token.LSS, Y: &ast.BasicLit{ValuePos: pos, Kind: token.INT, Value: "0"}},
		Body: &ast.BlockStmt{Lbrace: pos, Rbrace: pos, List: []ast.Stmt{&ast.AssignStmt{
			Lhs: []ast.Expr{counter()}, TokPos: pos, Tok: token.ASSIGN,
			Rhs: []ast.Expr{&ast.CallExpr{Fun: &ast.Ident{NamePos: pos, Name: Function}, Lparen: pos, Rparen: pos}},
		}}},
	}
}
