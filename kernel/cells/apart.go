package cells

import (
	"go/ast"
	"go/token"
	"slices"
)

// apart looks for variables among declarations whose values call something, and that can be defined by statements instead:
// ahead of the declarations if the values mention none of them, behind them if none of them mentions the variables. What is
// called is called in the same order.
func apart(decls []ast.Decl) (ahead, behind map[*ast.ValueSpec]bool) {
	ahead, behind = map[*ast.ValueSpec]bool{}, map[*ast.ValueSpec]bool{}
	var calling []*ast.ValueSpec
	defined, mentioned := map[string]bool{}, map[string]int{}
	for _, d := range decls {
		g, ok := d.(*ast.GenDecl)
		if ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				if v := spec.(*ast.ValueSpec); slices.ContainsFunc(v.Values, callsNow) {
					calling = append(calling, v)
				}
			}
		}
		for _, name := range namesOf(d) {
			defined[name] = true
		}
		eachName(d, func(name string) { mentioned[name]++ })
	}
	for _, v := range calling {
		alone := slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return id.Name != "_" }) // else no statement defines it
		for _, x := range v.Values {
			eachName(x, func(name string) { alone = alone && !defined[name] })
		}
		if !alone {
			break
		}
		ahead[v] = true
	}
	for _, v := range slices.Backward(calling) {
		if ahead[v] || slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return mentioned[id.Name] != 1 }) {
			break
		}
		behind[v] = true
	}
	return ahead, behind
}

// eachName calls f for each identifier in n.
func eachName(n ast.Node, f func(name string)) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			f(id.Name)
		}
		return true
	})
}

// callsNow says whether an expression calls something when it is evaluated, not only in functions that are its value.
func callsNow(x ast.Expr) (yes bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		_, call := n.(*ast.CallExpr)
		_, lit := n.(*ast.FuncLit)
		yes = yes || call
		return !yes && !lit
	})
	return yes
}

// namesOf returns the names that a declaration defines, methods left out.
func namesOf(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, id := range spec.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}
