package goruntime

import (
	"errors"
	"fmt"
	"go/ast"
	"reflect"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// call reads len(x), cap(x) and (*T)(n).
func (r *Runtime) call(e *ast.CallExpr) (place, error) {
	if len(e.Args) != 1 {
		return place{}, errors.New("one argument is needed")
	}
	x, err := r.walk(e.Args[0])
	if err != nil {
		return place{}, err
	}
	if id, ok := e.Fun.(*ast.Ident); ok && (id.Name == "len" || id.Name == "cap") {
		return r.length(x, id.Name)
	}
	paren, ok := e.Fun.(*ast.ParenExpr)
	if !ok {
		return place{}, errors.New("only len, cap and (*T)(number) can be called")
	}
	star, ok := paren.X.(*ast.StarExpr)
	if !ok {
		return place{}, errors.New("only pointers can be made of numbers: (*T)(number)")
	}
	name := ""
	switch t := star.X.(type) {
	case *ast.Ident:
		name = "runtime." + t.Name
	case *ast.SelectorExpr:
		if pkg, ok := t.X.(*ast.Ident); ok {
			name = pkg.Name + "." + t.Sel.Name
		}
	}
	typ, err := r.table.TypeNamed(name)
	if err != nil {
		return place{}, err
	}
	v := r.load(x)
	p := pointer(typ, name, v.Uint)
	p.bad = v.Unreadable
	return p, nil
}

func (r *Runtime) length(x place, which string) (place, error) {
	t := r.typeOf(x)
	if t == nil {
		return place{}, symbols.ErrNoDWARF
	}
	switch t.Kind {
	case reflect.Array, reflect.Slice, reflect.String:
	default:
		return place{}, fmt.Errorf("%s has no length", t.Name)
	}
	v := r.load(x)
	n := computed(reflect.Int, "int", uint64(v.Len))
	n.bad = v.Unreadable
	if which == "cap" && t.Kind == reflect.Slice && n.bad == nil {
		n.bits, n.bad = r.word(v.Addr + 16)
	}
	return n, nil
}
