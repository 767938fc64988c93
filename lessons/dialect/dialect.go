// Package dialect knows what the interpreter of lessons and cells lacks of Go, and says it before the interpreter does.
package dialect

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
)

// Lessons and cells are run by yaegi v0.16.1, whose dialect is Go 1.21 with gaps. What it lacks fails in it with messages
// that do not help, or worse; so code is looked through first. Each gap has a name and a way around.

// An Error says what the interpreter lacks and what to write instead.
type Error struct {
	// Line and Column are in the cell, from 1.
	Line, Column int
	// What names the feature; Instead is what to write.
	What, Instead string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%d:%d: the interpreter has no %s; %s", e.Line, e.Column, e.What, e.Instead)
}

// missingBuiltins are predeclared functions that the interpreter lacks.
var missingBuiltins = map[string]string{
	"min":   "write if b < a { a = b }",
	"max":   "write if b > a { a = b }",
	"clear": "write for k := range m { delete(m, k) }, or assign a new value",
}

// missingFuncs are functions of the standard library that the interpreter lacks: generic ones.
var missingFuncs = map[string]string{
	"slices": "use package sort, or a loop",
	"maps":   "use a loop",
	"cmp":    "compare with <",
	"iter":   "use a slice",
}

// Check returns a *Error for the first thing in a cell that the interpreter lacks, or nil.
func Check(cell string) error {
	if gaps := Gaps(cell); len(gaps) > 0 {
		return gaps[0]
	}
	return nil
}

// Gaps returns all that a cell has and the interpreter lacks. Code that does not parse is left to the interpreter, which
// tells what is wrong with it.
func Gaps(cell string) []*Error {
	fset := token.NewFileSet()
	const head = "package p; func _() {\n"
	f, err := parser.ParseFile(fset, "", head+cell+"\n}", parser.SkipObjectResolution)
	shift := 1
	if err != nil {
		if f, err = parser.ParseFile(fset, "", "package p\n"+cell, parser.SkipObjectResolution); err != nil {
			return nil
		}
	}
	var found []*Error
	miss := func(n ast.Node, what, instead string) {
		p := fset.Position(n.Pos())
		found = append(found, &Error{p.Line - shift, p.Column, what, instead})
	}
	own := declared(f)
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if lit, ok := n.X.(*ast.BasicLit); ok && lit.Kind == token.INT {
				miss(n, "range over an integer", "write for i := 0; i < "+lit.Value+"; i++")
			}
			if call, ok := n.X.(*ast.CallExpr); ok && isLen(call) {
				miss(n, "range over an integer", "write for i := 0; i < n; i++")
			}
			if _, ok := n.X.(*ast.FuncLit); ok {
				miss(n, "range over a function", "call the function with the loop's body as its argument")
			}
		case *ast.AssignStmt:
			if v := ofLab(n); v != nil {
				miss(v, "assignment to a variable of another package", "for the language call lab.SetLang")
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && !own[id.Name] {
				if instead := missingBuiltins[id.Name]; instead != "" {
					miss(n, "built-in "+id.Name, instead)
				}
			}
		case *ast.SwitchStmt:
			if c := caseNil(n); c != nil {
				miss(c, "case nil (it never matches)", "write if x == nil")
			}
		case *ast.ImportSpec:
			p, _ := strconv.Unquote(n.Path.Value)
			if instead := missingFuncs[p]; instead != "" {
				miss(n, "package "+p, instead)
			}
		}
		return true
	})
	return found
}

// caseNil returns the nil among the cases of a switch with a tag, if there is one.
func caseNil(s *ast.SwitchStmt) ast.Node {
	if s.Tag == nil {
		return nil
	}
	for _, stmt := range s.Body.List {
		for _, e := range stmt.(*ast.CaseClause).List {
			if id, ok := e.(*ast.Ident); ok && id.Name == "nil" {
				return id
			}
		}
	}
	return nil
}

// ofLab returns the variable of package lab to which the statement assigns, if there is one.
func ofLab(s *ast.AssignStmt) ast.Node {
	for _, l := range s.Lhs {
		if sel, ok := l.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == "lab" {
				return sel
			}
		}
	}
	return nil
}

// isLen says whether the call is len(x): the commonest integer to range over besides a constant.
func isLen(c *ast.CallExpr) bool {
	id, ok := c.Fun.(*ast.Ident)
	return ok && id.Name == "len"
}

// declared returns the names that the code itself declares, which hide the predeclared ones.
func declared(f *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			names[n.Name.Name] = true
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, l := range n.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						names[id.Name] = true
					}
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

// Explain adds to an error of the interpreter what its text leaves out. Internal panics of the interpreter ("reflect: …",
// "interface conversion …") mostly mean a feature that it lacks.
func Explain(err error) error {
	if err == nil {
		return nil
	}
	s := err.Error()
	switch {
	case strings.Contains(s, "reflect:"), strings.Contains(s, "interface conversion"), strings.Contains(s, "CFG post-order panic"), strings.HasSuffix(s, "nil type"):
		return fmt.Errorf("%w (the interpreter failed inside; it lacks range over integers and functions, min, max, clear and parts of generics: write the statement in an older way)", err)
	case strings.Contains(s, "cannot range over"), strings.Contains(s, "undefined: min"), strings.Contains(s, "undefined: max"):
		return fmt.Errorf("%w (the interpreter's Go is older than yours: use a plain for loop or an if)", err)
	}
	if strings.Contains(s, "constant definition loop") {
		return fmt.Errorf("%w (so the interpreter says of a name that is not declared, too: is one misspelt?)", err)
	}
	if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
		return list[0]
	}
	return err
}
