package plainjson

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting bounds how deep a text nests, so that a hostile one cannot exhaust the stack.
const maxNesting = 100

// Decode reads one JSON value into what v points to. A member that a struct does not have, and anything behind the value,
// is an error.
func Decode(text string, v any) error {
	d := &decoder{text: text}
	if err := d.value(reflect.ValueOf(v).Elem()); err != nil {
		return err
	}
	if d.peek() != 0 {
		return d.expected("the end")
	}
	return nil
}

type decoder struct {
	text string
	at   int
	deep int
}

func (d *decoder) expected(what string) error {
	rest := d.text[d.at:]
	if rest == "" {
		return fmt.Errorf("JSON breaks off at byte %d: expected %s", d.at, what)
	}
	return fmt.Errorf("JSON at byte %d: expected %s, found %q", d.at, what, rest[:min(len(rest), 10)])
}

// peek returns the next byte that is no space, 0 at the end.
func (d *decoder) peek() byte {
	for d.at < len(d.text) {
		switch c := d.text[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return c
		}
	}
	return 0
}

// accept goes past the byte if it is next.
func (d *decoder) accept(c byte) bool {
	if d.peek() != c {
		return false
	}
	d.at++
	return true
}

func (d *decoder) value(v reflect.Value) error {
	if d.deep++; d.deep > maxNesting {
		return fmt.Errorf("JSON at byte %d nests deeper than %d", d.at, maxNesting)
	}
	defer func() { d.deep-- }()
	d.peek()
	if d.word("null") {
		return nil // as encoding/json has it: the value stays
	}
	switch v.Kind() {
	case reflect.Bool:
		isTrue := d.word("true")
		if !isTrue && !d.word("false") {
			return d.expected("true or false")
		}
		v.SetBool(isTrue)
		return nil
	case reflect.String:
		s, err := d.string()
		v.SetString(s)
		return err
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.value(v.Elem())
	case reflect.Slice:
		return d.list(v)
	case reflect.Struct:
		return d.object(v)
	}
	return d.number(v)
}

func (d *decoder) word(w string) bool {
	if !strings.HasPrefix(d.text[d.at:], w) {
		return false
	}
	d.at += len(w)
	return true
}

func (d *decoder) list(v reflect.Value) error {
	if !d.accept('[') {
		return d.expected("[")
	}
	v.SetLen(0)
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	for first := true; !d.accept(']'); first = false {
		if !first && !d.accept(',') {
			return d.expected(", or ]")
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(elem); err != nil {
			return err
		}
		v.Set(reflect.Append(v, elem))
	}
	return nil
}

func (d *decoder) object(v reflect.Value) error {
	if !d.accept('{') {
		return d.expected("{")
	}
	for first := true; !d.accept('}'); first = false {
		if !first && !d.accept(',') {
			return d.expected(", or }")
		}
		d.peek()
		name, err := d.string()
		if err != nil {
			return err
		}
		if !d.accept(':') {
			return d.expected(":")
		}
		to, ok := member(v, name)
		if !ok {
			return fmt.Errorf("JSON at byte %d: unknown field %q", d.at, name)
		}
		if err := d.value(to); err != nil {
			return err
		}
	}
	return nil
}

func member(v reflect.Value, name string) (reflect.Value, bool) {
	for i, f := range fieldsOf(v.Type()) {
		if f.name == name && name != "" {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

func (d *decoder) number(v reflect.Value) error {
	end := d.at
	for end < len(d.text) && strings.IndexByte("+-.0123456789eE", d.text[end]) >= 0 {
		end++
	}
	digits := d.text[d.at:end]
	bad := digits == "" || len(strings.TrimPrefix(digits, "-")) > 1 && strings.TrimPrefix(digits, "-")[0] == '0'
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(digits, 10, v.Type().Bits())
		if bad = bad || err != nil || digits[0] == '+'; !bad {
			v.SetInt(n)
		}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(digits, 10, v.Type().Bits())
		if bad = bad || err != nil; !bad {
			v.SetUint(n)
		}
	default:
		return fmt.Errorf("plainjson: %v is no plain data", v.Type())
	}
	if bad {
		return d.expected("a whole number for a " + v.Type().String())
	}
	d.at = end
	return nil
}

// string reads a quoted string.
func (d *decoder) string() (string, error) {
	if d.at >= len(d.text) || d.text[d.at] != '"' {
		return "", d.expected("a string")
	}
	d.at++
	var b []byte
	for d.at < len(d.text) {
		c := d.text[d.at]
		switch {
		case c == '"':
			d.at++
			if !utf8.Valid(b) {
				return string([]rune(string(b))), nil // each byte that is no UTF-8 becomes U+FFFD
			}
			return string(b), nil
		case c < ' ':
			return "", d.expected("no control character in a string")
		case c != '\\':
			b = append(b, c)
			d.at++
		default:
			r, ok := d.escape()
			if !ok {
				return "", d.expected("an escape")
			}
			b = utf8.AppendRune(b, r)
		}
	}
	return "", d.expected(`"`)
}

// escape reads what follows a backslash.
func (d *decoder) escape() (rune, bool) {
	if d.at+1 >= len(d.text) {
		return 0, false
	}
	c := d.text[d.at+1]
	if c != 'u' {
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			return 0, false
		}
		d.at += 2
		return rune("\"\\/\b\f\n\r\t"[i]), true
	}
	r, ok := d.unicode()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	// Half of a pair: alone it means nothing.
	before := d.at
	if strings.HasPrefix(d.text[d.at:], `\u`) {
		if low, ok := d.unicode(); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				return both, true
			}
		}
		d.at = before
	}
	return utf8.RuneError, true
}

// unicode reads \uXXXX.
func (d *decoder) unicode() (rune, bool) {
	if d.at+6 > len(d.text) {
		return 0, false
	}
	n, err := strconv.ParseUint(d.text[d.at+2:d.at+6], 16, 16)
	if err != nil {
		return 0, false
	}
	d.at += 6
	return rune(n), true
}
