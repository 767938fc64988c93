package goruntime

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// call reads len(x), cap(x) and (*T)(n).
func (r *Runtime) call(e callNode) (place, error) {
	if len(e.args) != 1 {
		return place{}, errors.New("one argument is needed")
	}
	x, err := r.walk(e.args[0])
	if err != nil {
		return place{}, err
	}
	if id, ok := e.fun.(nameNode); ok && (id == "len" || id == "cap") {
		return r.length(x, string(id))
	}
	paren, ok := e.fun.(groupNode)
	if !ok {
		return place{}, errors.New("only len, cap and (*T)(number) can be called")
	}
	star, ok := paren.x.(starNode)
	if !ok {
		return place{}, errors.New("only pointers can be made of numbers: (*T)(number)")
	}
	name := ""
	switch t := star.x.(type) {
	case nameNode:
		name = "runtime." + string(t)
	case selectorNode:
		if pkg, ok := t.x.(nameNode); ok {
			name = string(pkg) + "." + t.name
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
