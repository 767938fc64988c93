package cells

import (
	"errors"
	"reflect"

	"github.com/traefik/yaegi/interp"
)

// An error of a cell's own type is, to the standard library, a wrapper of the interpreter's around it. Two wrappers of one
// error are not equal, and none is of the type that errors.As is asked for. So cells get these functions with eyes for what is
// inside.

// errorExports replaces functions of package errors.
func errorExports(out interp.Exports) {
	out["errors/errors"] = map[string]reflect.Value{"Is": reflect.ValueOf(isError), "As": reflect.ValueOf(asError)}
}

// bare returns what is in a wrapper; anything else stays.
func bare(v any) any {
	if w := reflect.ValueOf(v); isWrapper(w) {
		return w.Field(0).Interface()
	}
	return v
}

// isError is errors.Is.
func isError(err, target error) bool {
	if errors.Is(err, target) {
		return true
	}
	want := reflect.ValueOf(bare(target))
	found := false
	walkErrors(err, func(e error) bool {
		x := reflect.ValueOf(bare(e))
		found = want.IsValid() && x.IsValid() && x.Type() == want.Type() && x.Comparable() && x.Equal(want)
		return found
	})
	return found
}

// asError is errors.As.
func asError(err error, target any) bool {
	t := reflect.ValueOf(target)
	if t.Kind() != reflect.Pointer || t.IsNil() {
		panic("errors: target must be a non-nil pointer")
	}
	found := false
	walkErrors(err, func(e error) bool {
		if x := reflect.ValueOf(bare(e)); x.IsValid() && x.Type() == t.Type().Elem() {
			t.Elem().Set(x)
			found = true
		}
		return found
	})
	if elem := t.Type().Elem(); !found && (elem.Kind() == reflect.Interface || elem.Implements(reflect.TypeFor[error]())) {
		return errors.As(err, target)
	}
	return found
}

// walkErrors calls f for err and all that it wraps, until f says that it is enough.
func walkErrors(err error, f func(error) bool) bool {
	if err == nil {
		return false
	}
	if f(err) {
		return true
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range many.Unwrap() {
			if walkErrors(e, f) {
				return true
			}
		}
		return false
	}
	return walkErrors(errors.Unwrap(err), f)
}
