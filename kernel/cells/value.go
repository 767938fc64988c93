package cells

import (
	"cmp"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rt0lab/rt0/lessons/lab"
)

// Values are shown as fmt's %+v writes them, but bounded: a slip of the pen must not put a million numbers into a notebook.
const (
	maxElements = 200      // of a list or a map
	maxDepth    = 8        // of values in values
	maxText     = 64 << 10 // of a value, in bytes
	maxString   = 4 << 10  // of a string within a value, in bytes
)

// textOf returns a value as text. A method of the value's that panics is the cell's panic.
func textOf(v any) string {
	p := shower{}
	p.value(reflect.ValueOf(v), 0)
	return cut(p.String(), maxText)
}

// A shower writes values until they are too much.
type shower struct{ strings.Builder }

// value writes v. At depth 0 pointers are followed.
func (p *shower) value(v reflect.Value, depth int) {
	if !v.IsValid() {
		p.WriteString("<nil>")
		return
	}
	if p.own(v) {
		return
	}
	if isWrapper(v) {
		if f := v.FieldByName("WString"); f.IsValid() && !f.IsNil() {
			p.WriteString(f.Call(nil)[0].String())
			return
		}
		p.value(v.Field(0), depth)
		return
	}
	if depth > maxDepth || p.Len() > maxText {
		p.WriteString("…")
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		p.value(v.Elem(), depth)
	case reflect.Pointer:
		p.pointer(v, depth)
	case reflect.Struct:
		p.fields(v, depth)
	case reflect.Map:
		p.entries(v, depth)
	case reflect.Slice, reflect.Array:
		p.WriteByte('[')
		n := v.Len()
		for i := range min(n, maxElements) {
			if i > 0 {
				p.WriteByte(' ')
			}
			p.value(v.Index(i), depth+1)
		}
		p.rest(n)
		p.WriteByte(']')
	case reflect.String:
		if depth == 0 {
			p.WriteString(v.String())
			return
		}
		p.WriteString(cut(v.String(), maxString))
	case reflect.Func:
		p.WriteString(v.Type().String())
	default:
		fmt.Fprintf(p, "%v", v) // fmt prints what a reflect.Value holds
	}
}

// own writes a value that has a text of its own.
func (p *shower) own(v reflect.Value) bool {
	if !v.CanInterface() || v.Kind() == reflect.Pointer && v.IsNil() {
		return false
	}
	switch x := v.Interface().(type) {
	case *lab.Machine: // what is in it means nothing to the reader
		p.WriteString(where(x))
	case error:
		p.WriteString(x.Error())
	case fmt.Formatter:
		fmt.Fprintf(p, "%+v", x)
	case fmt.Stringer:
		p.WriteString(x.String())
	default:
		return false
	}
	return true
}

func (p *shower) pointer(v reflect.Value, depth int) {
	if v.IsNil() {
		p.WriteString("<nil>")
		return
	}
	switch v.Elem().Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		if depth == 0 {
			p.WriteByte('&')
			p.value(v.Elem(), depth+1)
			return
		}
	}
	fmt.Fprintf(p, "%#x", v.Pointer())
}

func (p *shower) fields(v reflect.Value, depth int) {
	p.WriteByte('{')
	for i := range v.NumField() {
		if i > 0 {
			p.WriteByte(' ')
		}
		p.WriteString(fieldName(v.Type(), i))
		p.WriteByte(':')
		p.value(v.Field(i), depth+1)
	}
	p.WriteByte('}')
}

// fieldName returns a field's name as the cell has written it: the interpreter puts an X before those that are not exported.
func fieldName(t reflect.Type, i int) string {
	name := t.Field(i).Name
	if rest, ok := strings.CutPrefix(name, "X"); ok && t.Name() == "" && rest != "" && !unicode.IsUpper(rune(rest[0])) && !unicode.IsDigit(rune(rest[0])) {
		return rest
	}
	return name
}

// entries writes a map in the order of its keys.
func (p *shower) entries(v reflect.Value, depth int) {
	keys := v.MapKeys()
	sort.Slice(keys, func(i, j int) bool { return compareKeys(keys[i], keys[j]) < 0 })
	p.WriteString("map[")
	for i, k := range keys[:min(len(keys), maxElements)] {
		if i > 0 {
			p.WriteByte(' ')
		}
		p.value(k, depth+1)
		p.WriteByte(':')
		p.value(v.MapIndex(k), depth+1)
	}
	p.rest(len(keys))
	p.WriteByte(']')
}

func compareKeys(a, b reflect.Value) int {
	switch {
	case a.Kind() != b.Kind():
		return cmp.Compare(a.Kind(), b.Kind())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.Interface:
		return compareKeys(a.Elem(), b.Elem())
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// rest says how many elements are not shown of n.
func (p *shower) rest(n int) {
	if n > maxElements {
		fmt.Fprintf(p, " … %d more, %d in all", n-maxElements, n)
	}
}

// cut bounds a text, and says how much is missing.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	at := most
	for !utf8.RuneStart(s[at]) {
		at--
	}
	return fmt.Sprintf("%s… (%d more bytes)", s[:at], len(s)-at)
}
