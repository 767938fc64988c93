package cells

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// Every execution is a file of its own to the interpreter, with its own imports; positions in it are those of the cell.
// A //line comment (https://pkg.go.dev/cmd/compile#hdr-Compiler_Directives) says so to go/parser.
const (
	declHead = "package main\n//line %s:1:1\n"
	stmtHead = "package main\nfunc _() {\n//line %s:1:1\n"
)

// newFile returns the name of the file for an execution that is called name. Front ends may run several cells with one number,
// if they do not store them in the history. All but the first get a suffix, as definitions do: errors do not show it.
func (s *Session) newFile(name string) string {
	s.fileNames[name]++
	if n := s.fileNames[name]; n > 1 {
		return fmt.Sprint(name, prime, n)
	}
	return name
}

// oldFile takes note of the name of a file of an earlier session.
func (s *Session) oldFile(name string) {
	head, tail, ok := strings.Cut(name, "]")
	if !ok {
		return
	}
	n := 1
	if suffix, ok := strings.CutPrefix(tail, prime); ok {
		number, _, _ := strings.Cut(suffix, ".")
		n, _ = strconv.Atoi(number)
	}
	s.fileNames[head+"]"] = max(s.fileNames[head+"]"], n)
}

// parseDecls parses the items, which are declarations.
func parseDecls(fset *token.FileSet, name, code string, items []item) (*ast.File, error) {
	return parser.ParseFile(fset, name, fmt.Sprintf(declHead, name)+only(code, items), parser.ParseComments)
}

// parseStmts parses the items, which are statements.
func parseStmts(fset *token.FileSet, name, code string, items []item) (*ast.BlockStmt, error) {
	f, err := parser.ParseFile(fset, name, fmt.Sprintf(stmtHead, name)+only(code, items)+"\n}", 0)
	if err != nil {
		return nil, err
	}
	return f.Decls[0].(*ast.FuncDecl).Body, nil
}

// listHead makes a list of expressions, which is no statement, one: the arguments of keepName.
const listHead = "package main\nfunc _() { " + keepName + "(\n//line %s:1:1\n"

// parseList parses an item as expressions with commas between them. It returns nil if it is something else.
func parseList(fset *token.FileSet, name, code string, it item) *ast.BlockStmt {
	f, err := parser.ParseFile(fset, name, fmt.Sprintf(listHead, name)+strings.TrimRight(only(code, []item{it}), " \t\n;")+")}", 0)
	if err != nil || len(f.Decls) != 1 {
		return nil
	}
	body := f.Decls[0].(*ast.FuncDecl).Body
	if len(body.List) != 1 {
		return nil
	}
	if e, ok := body.List[0].(*ast.ExprStmt); ok {
		if call, ok := e.X.(*ast.CallExpr); ok && len(call.Args) > 1 {
			return body
		}
	}
	return nil
}

// mentions returns the names that a declaration of a file uses and that it may have from outside.
func mentions(f *ast.File, d ast.Decl) map[string]bool {
	names := map[string]bool{}
	freeIn(f, d, func(id *ast.Ident) { names[id.Name] = true })
	return names
}

// free calls f for every identifier of n that may name something at the top of this cell or of an earlier one: not for
// fields, nor for what is declared inside of functions.
func free(n ast.Node, f func(*ast.Ident)) { freeIn(n, n, f) }

// freeIn does so for a part of a file or body n.
func freeIn(n, part ast.Node, f func(*ast.Ident)) {
	skip := map[*ast.Ident]bool{}
	top := map[any]bool{}
	switch n := n.(type) {
	case *ast.File:
		skip[n.Name] = true
		for _, d := range n.Decls {
			top[d] = true
			if g, ok := d.(*ast.GenDecl); ok {
				for _, s := range g.Specs {
					top[s] = true
				}
			}
			if m, ok := d.(*ast.FuncDecl); ok && m.Recv != nil {
				skip[m.Name] = true
			}
		}
	case *ast.BlockStmt:
		for _, s := range n.List {
			top[s] = true
			if d, ok := s.(*ast.DeclStmt); ok {
				for _, s := range d.Decl.(*ast.GenDecl).Specs {
					top[s] = true
				}
			}
		}
	}
	ast.Inspect(part, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			skip[n.Sel] = true
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					skip[id] = true
				}
			}
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				for _, id := range m.Names {
					skip[id] = true
				}
			}
		case *ast.CompositeLit:
			if _, isMap := n.Type.(*ast.MapType); isMap {
				break
			}
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					if id, ok := kv.Key.(*ast.Ident); ok {
						skip[id] = true
					}
				}
			}
		case *ast.ImportSpec:
			return false
		case *ast.Ident:
			if !skip[n] && (n.Obj == nil || top[n.Obj.Decl]) {
				f(n)
			}
		}
		return true
	})
}
