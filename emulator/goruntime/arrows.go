package goruntime

import (
	"reflect"
	"strings"

	"github.com/rt0lab/rt0/emulator/symbols"
)

// arrows are the types that are integers to DWARF, and to the garbage collector, but pointers to who reads them: m.p,
// p.m, p.link, sched.pidle, sched.midle, p.runnext, g.schedlink and their like (runtime2.go).
var arrows = map[string]string{
	"runtime.puintptr": "runtime.p",
	"runtime.muintptr": "runtime.m",
	"runtime.guintptr": "runtime.g",
}

// target returns what a value of the type points to, nil if it is no pointer.
func (r *Runtime) target(t *symbols.Type) *symbols.Type {
	if t == nil {
		return nil
	}
	if name, ok := arrows[t.Name]; ok {
		return r.typeNamed(name)
	}
	if t.Kind != reflect.Pointer {
		return nil
	}
	elem, err := t.Elem()
	if err != nil {
		return nil
	}
	return elem
}

// typeNamed returns the type of that name, nil if the program has none.
func (r *Runtime) typeNamed(name string) *symbols.Type {
	t, ok := r.types[name]
	if !ok {
		t, _ = r.table.TypeNamed(name) // nil says it all
		r.types[name] = t
	}
	return t
}

// unwrap follows the wrapper structs of the atomic packages to the value within, which is their last field of any size.
// It returns the offset from the wrapper. A wrapper named after what it points to tells that, too: Pointer[runtime.m].
func (r *Runtime) unwrap(t *symbols.Type) (inner *symbols.Type, offset int64) {
	pointee := ""
	for t.Kind == reflect.Struct && isAtomic(t.Name) {
		fields, err := t.Fields()
		if err != nil || len(fields) == 0 {
			break
		}
		last := fields[len(fields)-1]
		next, err := last.Type()
		if err != nil {
			break
		}
		if _, arg, ok := strings.Cut(t.Name, ".Pointer["); ok {
			pointee = strings.TrimSuffix(arg, "]")
		}
		t, offset = next, offset+last.Offset
	}
	if t.Kind == reflect.UnsafePointer && pointee != "" {
		if p, err := r.table.TypeNamed("*" + pointee); err == nil {
			t = p
		}
	}
	return t, offset
}

func isAtomic(name string) bool {
	return strings.HasPrefix(name, "internal/runtime/atomic.") || strings.HasPrefix(name, "runtime/internal/atomic.") ||
		strings.HasPrefix(name, "sync/atomic.")
}
