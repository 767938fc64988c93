package lab

import (
	"fmt"
	"reflect"

	"github.com/rt0lab/rt0/emulator/goruntime"
)

// Int returns the value of a runtime expression as a number. Addresses are numbers, too: a slice counts as the address of its
// first element. A bool is 0 or 1. The cell ends with an error if the program lacks the thing, if it cannot be read, as after a
// nil pointer on the way to it, and if it is no integer.
func (m *Machine) Int(expr string) int {
	v, err := m.tour.Runtime.Eval(expr)
	must(err)
	must(isInt(expr, v))
	return int(v.Int)
}

// isInt says what is wrong with a value of which somebody wants the number.
func isInt(expr string, v goruntime.Value) error {
	switch {
	case v.Absent:
		return fmt.Errorf("%s: this program has no such thing", expr)
	case v.Unreadable != nil:
		return fmt.Errorf("%s cannot be read at this tick: %w", expr, v.Unreadable)
	case v.Pointer:
		return nil
	}
	switch v.Kind {
	case reflect.Invalid:
		return fmt.Errorf("%s is no integer but %d bytes of an unknown type; say &%s for its address", expr, v.Size, expr)
	case reflect.Struct, reflect.Array:
		return fmt.Errorf("%s is no integer but of type %s; name a part of it, or say &%s for its address", expr, v.Type, expr)
	case reflect.String, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return fmt.Errorf("%s is no integer but of type %s; Eval shows it", expr, v.Type)
	}
	return nil
}
