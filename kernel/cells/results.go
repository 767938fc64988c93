package cells

import (
	"go/ast"
	"go/token"
	"reflect"
	"strings"
)

// noValue are the predeclared functions without a result.
var noValue = map[string]bool{"panic": true, "print": true, "println": true, "close": true, "delete": true, "clear": true}

// results returns how many results a call has, if that can be told without compiling it. The interpreter itself accepts an
// assignment of two results to one variable.
func (s *Session) results(call *ast.CallExpr) (n int, known bool) {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		return fun.Type.Results.NumFields(), true
	case *ast.Ident:
		if noValue[fun.Name] {
			return 0, true
		}
		if d, ok := s.names.defs[fun.Name]; ok {
			return d.results()
		}
		if fun.Name == "min" || fun.Name == "max" {
			return 1, true
		}
		return outs(s.globals()[fun.Name])
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		if !ok {
			break
		}
		if pkg, ok := s.imports[x.Name]; ok {
			if pkg == "fmt" && prints(fun.Sel.Name) {
				return 0, true
			}
			return outs(s.library.exports(pkg)[fun.Sel.Name])
		}
		if v := s.globals()[x.Name]; v.IsValid() {
			if m, ok := v.Type().MethodByName(fun.Sel.Name); ok {
				return m.Type.NumOut(), true
			}
		}
		return s.methodResults(fun.Sel.Name)
	}
	return 0, false
}

// prints says whether a function of package fmt is called for what it prints: nobody wants to see how many bytes that were.
func prints(name string) bool {
	return strings.HasPrefix(name, "Print") || strings.HasPrefix(name, "Fprint")
}

// methodResults answers for a method of the cells' own types, if all of that name agree.
func (s *Session) methodResults(name string) (n int, known bool) {
	for _, def := range s.names.order {
		if !strings.HasSuffix(def, "."+name) {
			continue
		}
		k, ok := s.names.defs[def].results()
		if !ok || known && k != n {
			return 0, false
		}
		n, known = k, true
	}
	return n, known
}

// results returns how many results a defined function has; a conversion to a type has one.
func (d definition) results() (n int, known bool) {
	if d.typ {
		return 1, true
	}
	f, err := parseDecls(token.NewFileSet(), d.file, d.code, []item{d.item})
	if err != nil || len(f.Decls) == 0 {
		return 0, false
	}
	fn, ok := f.Decls[0].(*ast.FuncDecl)
	if !ok {
		return 0, false
	}
	return fn.Type.Results.NumFields(), true
}

func outs(v reflect.Value) (n int, known bool) {
	if !v.IsValid() || v.Kind() != reflect.Func {
		return 0, false
	}
	return v.Type().NumOut(), true
}

// globals returns the variables of the cells by their inside names. Variables that were compiled and not yet run are not
// among them, and until something runs the interpreter cannot list any.
func (s *Session) globals() (vars map[string]reflect.Value) {
	defer func() {
		if recover() != nil {
			vars = map[string]reflect.Value{}
		}
	}()
	return s.in.Globals()
}
