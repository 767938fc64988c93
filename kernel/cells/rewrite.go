package cells

import (
	"go/ast"
	"go/token"
	"reflect"
)

// rewriteExprs replaces every expression below n that stands for a value by what f makes of it. What is assigned to is none.
func rewriteExprs(n ast.Node, f func(ast.Expr) ast.Expr) {
	expr := func(e *ast.Expr) {
		if *e != nil {
			*e = f(*e)
		}
	}
	list := func(l []ast.Expr) {
		for i := range l {
			expr(&l[i])
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			expr(&n.Fun)
			list(n.Args)
		case *ast.AssignStmt:
			list(n.Rhs)
		case *ast.ValueSpec:
			list(n.Values)
		case *ast.ReturnStmt:
			list(n.Results)
		case *ast.ExprStmt:
			expr(&n.X)
		case *ast.BinaryExpr:
			expr(&n.X)
			expr(&n.Y)
		case *ast.UnaryExpr:
			expr(&n.X)
		case *ast.ParenExpr:
			expr(&n.X)
		case *ast.SelectorExpr:
			expr(&n.X)
		case *ast.StarExpr:
			expr(&n.X)
		case *ast.TypeAssertExpr:
			expr(&n.X)
		case *ast.IndexExpr:
			expr(&n.X)
			expr(&n.Index)
		case *ast.SliceExpr:
			expr(&n.X)
			expr(&n.Low)
			expr(&n.High)
			expr(&n.Max)
		case *ast.CompositeLit:
			list(n.Elts)
		case *ast.KeyValueExpr:
			expr(&n.Key)
			expr(&n.Value)
		case *ast.IncDecStmt:
			expr(&n.X)
		case *ast.SendStmt:
			expr(&n.Value)
		case *ast.RangeStmt:
			expr(&n.X)
		case *ast.IfStmt:
			expr(&n.Cond)
		case *ast.ForStmt:
			expr(&n.Cond)
		case *ast.SwitchStmt:
			expr(&n.Tag)
		case *ast.CaseClause:
			list(n.List)
		}
		return true
	})
}

var posType = reflect.TypeFor[token.Pos]()

// moveTo gives all of a parsed text one position, for it has none in the cell.
func moveTo(n ast.Node, pos token.Pos) {
	ast.Inspect(n, func(n ast.Node) bool {
		v := reflect.ValueOf(n)
		if !v.IsValid() || v.Kind() != reflect.Pointer {
			return true
		}
		v = v.Elem()
		for i := range v.NumField() {
			if f := v.Field(i); f.Type() == posType && f.Int() != 0 { // 0 says that something is not there
				f.SetInt(int64(pos))
			}
		}
		return true
	})
}
