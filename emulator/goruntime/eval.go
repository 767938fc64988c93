package goruntime

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// Eval reads an expression of the runtime: g0.stack.hi, &m0.tls[1], allp[1].status, len(allp), m0.curg.goid. Names are
// package runtime's; others are qualified: main.x. Pointers are followed by selectors and indices, those that hide in
// integers (guintptr, muintptr, puintptr) too; atomic values read as what they hold. (*p)(0xc000024008) makes a pointer
// out of a number.
//
// The error tells an expression that means nothing in this program; errors.Is(err, symbols.ErrNotFound) is true if a name
// or field is missing. A pointer that leads nowhere is no error: the Value says that it is unreadable.
func (r *Runtime) Eval(expr string) (Value, error) {
	p, err := r.place(expr)
	if err != nil {
		return Value{}, fmt.Errorf("%s: %w", expr, err)
	}
	return r.load(p), nil
}

// View reads an expression as Eval does, but what the program lacks is a Value, too: absent, or unreadable because its
// layout is not known.
func (r *Runtime) View(expr string) Value { return r.view(r.place(expr)) }

func (r *Runtime) view(p place, err error) Value {
	switch {
	case errors.Is(err, symbols.ErrNotFound):
		return Value{Absent: true}
	case err != nil:
		return Value{Unreadable: err}
	}
	return r.load(p)
}

// Place returns the address and the size in bytes of what the expression names. ok is false if it cannot be told.
func (r *Runtime) Place(expr string) (addr, size uint64, ok bool) {
	p, err := r.place(expr)
	if err != nil || p.bad != nil || p.computed {
		return 0, 0, false
	}
	if p.typ == nil {
		return p.addr, uint64(p.size), true
	}
	inner, off := r.unwrap(p.typ)
	return p.addr + uint64(off), uint64(inner.Size), true
}

func (r *Runtime) place(expr string) (place, error) {
	e, ok := r.parsed[expr]
	if !ok {
		var err error
		if e, err = parse(expr); err != nil {
			return place{}, err
		}
		r.parsed[expr] = e
	}
	return r.walk(e)
}

func (r *Runtime) walk(e node) (place, error) {
	switch e := e.(type) {
	case groupNode:
		return r.walk(e.x)
	case nameNode:
		return r.variable("runtime." + string(e))
	case numberNode:
		return number(string(e))
	case selectorNode:
		return r.selector(e)
	case indexNode:
		return r.index(e)
	case starNode:
		p, err := r.walk(e.x)
		if err != nil {
			return place{}, err
		}
		to := r.pointee(p)
		if to == nil {
			return place{}, fmt.Errorf("not a pointer: %s", p.typeName())
		}
		return r.follow(p, to), nil
	case addressNode:
		return r.addressOf(e.x)
	case callNode:
		return r.call(e)
	}
	return place{}, errors.New("only names, fields, indices, *, &, len and cap can be read")
}

func number(text string) (place, error) {
	n, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return place{}, fmt.Errorf("not an integer: %s", text)
	}
	return computed(reflect.Int, "int", n), nil
}

func computed(kind reflect.Kind, name string, bits uint64) place {
	return place{kind: kind, name: name, size: 8, computed: true, bits: bits}
}

// variable returns a package's variable. Without DWARF the symbol table still tells where it is, and if it is a word or
// smaller it can be read as a number.
func (r *Runtime) variable(name string) (place, error) {
	if p, ok := r.vars[name]; ok {
		return p, r.varErrs[name]
	}
	p, err := r.findVariable(name)
	r.vars[name], r.varErrs[name] = p, err
	return p, err
}

func (r *Runtime) findVariable(name string) (place, error) {
	v, err := r.table.Variable(name)
	if err == nil {
		return place{typ: v.Type, addr: v.Addr}, nil
	}
	d, ok := r.table.Data(name)
	switch {
	case errors.Is(err, symbols.ErrNoDWARF) && ok:
	case errors.Is(err, symbols.ErrNotFound) && !ok:
		// Go 1.4's runtime was C in part: its static variables have symbols without a package.
		if d, ok = r.table.Data(name[strings.LastIndexByte(name, '.')+1:]); !ok || packageName(name) != "runtime" {
			return place{}, err
		}
	default:
		return place{}, err
	}
	p := place{addr: d.Addr, size: int64(d.Size)}
	switch d.Size {
	case 1:
		p.kind = reflect.Uint8
	case 2:
		p.kind = reflect.Uint16
	case 4:
		p.kind = reflect.Uint32
	case 8:
		p.kind = reflect.Uint64
	}
	return p, nil
}

func packageName(name string) string { return name[:strings.LastIndexByte(name, '.')] }

// selector resolves x.field and pkg.variable. A variable of the runtime goes before a package of the same name.
func (r *Runtime) selector(e selectorNode) (place, error) {
	x, err := r.walk(e.x)
	if err == nil {
		return r.field(x, e.name)
	}
	id, ok := e.x.(nameNode)
	if !ok {
		return place{}, err
	}
	packages, pkgErr := r.table.Packages()
	if pkgErr != nil {
		return place{}, pkgErr
	}
	for _, path := range packages {
		if path == string(id) || strings.HasSuffix(path, "/"+string(id)) {
			if p, err := r.variable(path + "." + e.name); err == nil {
				return p, nil
			}
		}
	}
	return place{}, err
}

// field selects a member, through pointers and atomic wrappers, and through embedded structs.
func (r *Runtime) field(p place, name string) (place, error) {
	p = r.reach(p)
	if p.typ == nil {
		return place{}, symbols.ErrNoDWARF
	}
	f, err := p.typ.Field(name)
	if err != nil {
		return place{}, err
	}
	p.typ, err = f.Type()
	p.addr += uint64(f.Offset)
	return p, err
}

// reach follows a pointer to what it points to; anything else stays.
func (r *Runtime) reach(p place) place {
	if to := r.pointee(p); to != nil {
		return r.follow(p, to)
	}
	return p
}

// pointee returns what the place's value points to, nil if it is no pointer.
func (r *Runtime) pointee(p place) *symbols.Type {
	if p.elem != nil {
		return p.elem
	}
	return r.target(r.typeOf(p))
}

// typeOf returns the place's type, that of the value within if it is an atomic wrapper.
func (r *Runtime) typeOf(p place) *symbols.Type {
	if p.typ == nil {
		return nil
	}
	t, _ := r.unwrap(p.typ)
	return t
}

func (r *Runtime) follow(p place, to *symbols.Type) place {
	v := r.load(p)
	next := place{typ: to, addr: v.Uint, bad: v.Unreadable}
	if next.bad == nil && v.Uint == 0 {
		next.bad = errors.New("nil pointer")
	}
	return next
}

func (r *Runtime) index(e indexNode) (place, error) {
	x, err := r.walk(e.x)
	if err != nil {
		return place{}, err
	}
	at, err := r.walk(e.i)
	if err != nil {
		return place{}, err
	}
	i := r.load(at)
	if i.Unreadable != nil {
		return place{}, i.Unreadable
	}
	if t := r.pointee(x); t != nil && t.Kind == reflect.Array {
		x = r.follow(x, t)
	}
	t := r.typeOf(x)
	if t == nil {
		return place{}, symbols.ErrNoDWARF
	}
	if t.Kind != reflect.Slice && t.Kind != reflect.Array {
		return place{}, fmt.Errorf("%s has no elements", t.Name)
	}
	elem, err := t.Elem()
	if err != nil {
		return place{}, err
	}
	v := r.load(x)
	next := place{typ: elem, bad: v.Unreadable}
	if next.bad != nil {
		return next, nil
	}
	if i.Int < 0 || i.Int >= v.Len {
		next.bad = fmt.Errorf("index %d out of range [0:%d]", i.Int, v.Len)
		return next, nil
	}
	base := v.Uint
	if t.Kind == reflect.Array {
		base = v.Addr
	}
	next.addr = base + uint64(i.Int)*uint64(elem.Size)
	return next, nil
}

func (r *Runtime) addressOf(x node) (place, error) {
	p, err := r.walk(x)
	if err != nil {
		return place{}, err
	}
	if p.computed {
		return place{}, errors.New("it has no address")
	}
	a := pointer(p.typ, p.typeName(), p.addr)
	a.bad = p.bad
	return a, nil
}

// pointer returns a computed pointer.
func pointer(to *symbols.Type, name string, addr uint64) place {
	p := computed(reflect.Pointer, "*"+name, addr)
	p.elem = to
	return p
}

func (p place) typeName() string {
	if p.typ != nil {
		return p.typ.Name
	}
	return p.name
}
