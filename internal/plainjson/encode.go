// Package plainjson reads and writes JSON for plain data: structs, slices, pointers, strings, bools and integers. It writes
// byte for byte what encoding/json writes, and reads the same, members by their exact names, but for what plain data has no
// use for: floating point, maps, interfaces, embedded structs, Marshalers.
//
// It exists for its size. The module that a page needs before it can show anything is loaded over a network, and
// encoding/json is a tenth of it.
package plainjson

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// An Object is written as a JSON object whose members come in the order of the list.
type Object []Member

// A Member is a member of an Object.
type Member struct {
	Name  string
	Value any
}

// Pairs returns the object of names and values in turn: Pairs("tick", 4, "go", version).
func Pairs(namesAndValues ...any) Object {
	o := make(Object, 0, len(namesAndValues)/2)
	for i := 0; i < len(namesAndValues); i += 2 {
		o = append(o, Member{namesAndValues[i].(string), namesAndValues[i+1]})
	}
	return o
}

// Append appends the JSON of v. It panics if v holds what is no plain data, which is a mistake in the caller's types.
func Append(b []byte, v any) []byte { return appendValue(b, reflect.ValueOf(v)) }

func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return appendValue(b, v.Elem())
	case reflect.Slice:
		if v.IsNil() {
			return append(b, "null"...)
		}
		if v.Type() == objectType {
			return appendObject(b, v.Interface().(Object))
		}
		return appendList(b, v)
	case reflect.Array:
		return appendList(b, v)
	case reflect.Struct:
		return appendStruct(b, v)
	}
	panic(fmt.Sprintf("plainjson: %v is no plain data", v.Kind()))
}

var objectType = reflect.TypeOf(Object(nil))

func appendList(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendValue(b, v.Index(i))
	}
	return append(b, ']')
}

func appendObject(b []byte, o Object) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, m.Name), ':')
		b = Append(b, m.Value)
	}
	return append(b, '}')
}

func appendStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for i, f := range fieldsOf(v.Type()) {
		x := v.Field(i)
		if f.name == "" || f.omitEmpty && isEmpty(x) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, f.key...)
		b = appendValue(b, x)
	}
	return append(b, '}')
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// A field is a struct's field as JSON has it.
type field struct {
	name      string // "" is left out
	key       string // `"name":`
	omitEmpty bool
}

var (
	fieldsMu sync.Mutex
	fields   = map[reflect.Type][]field{}
)

// fieldsOf returns the fields of a struct type, by index. Each type is looked at once.
func fieldsOf(t reflect.Type) []field {
	fieldsMu.Lock()
	defer fieldsMu.Unlock()
	if all, ok := fields[t]; ok {
		return all
	}
	all := make([]field, t.NumField())
	for i := range all {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		if !f.IsExported() || tag == "-" {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if name == "" {
			name = f.Name
		}
		all[i] = field{name, string(appendString(nil, name)) + ":", options == "omitempty"}
	}
	fields[t] = all
	return all
}

const hexDigits = "0123456789abcdef"

// appendString quotes s. What HTML or JavaScript would misread is escaped, as encoding/json does by default, and what is no
// UTF-8 is replaced.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
				i++
				continue
			}
			b = append(b, s[done:i]...)
			if short := strings.IndexByte("\"\\\b\f\n\r\t", c); short >= 0 {
				b = append(b, '\\', "\"\\bfnrt"[short])
			} else {
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			done = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b = append(append(b, s[done:i]...), `\ufffd`...)
			done = i + n
		case r == '\u2028' || r == '\u2029':
			b = append(append(b, s[done:i]...), `\u202`...)
			b = append(b, hexDigits[r&15])
			done = i + n
		}
		i += n
	}
	return append(append(b, s[done:]...), '"')
}
