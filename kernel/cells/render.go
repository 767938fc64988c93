package cells

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"strings"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons/picture"
)

// Data is what a value with a Render method returns, and what display functions make: one thing in several formats. The
// names of its fields and of the methods below are those of gophernotes, so that its notebooks run here.
type Data = struct {
	Data      map[string]any
	Metadata  map[string]any
	Transient map[string]any
}

// showing are the methods with which a value shows itself, and the format of what each returns.
var showing = []struct{ method, mime string }{
	{"HTML", "text/html"}, {"SVG", "image/svg+xml"}, {"Markdown", "text/markdown"}, {"Latex", "text/latex"},
	{"PNG", "image/png"}, {"JPEG", "image/jpeg"}, {"JSON", "application/json"}, {"JavaScript", "application/javascript"},
	{"PDF", "application/pdf"},
}

// canvas returns a picture in the formats of every viewer: SVG, HTML, and its text twin.
func canvas(c *picture.Canvas) *kernel.Bundle {
	return &kernel.Bundle{Data: map[string]any{"text/html": c.HTML(), "image/svg+xml": c.SVG(), "text/plain": c.Render(picture.TextOptions{})}}
}

// bundle returns the values of an expression in all formats that they have. If all are nil there is nothing to show; if all
// but one are nil and that one shows itself, it does.
func bundle(values []any) *kernel.Bundle {
	var some []any
	for _, v := range values {
		if v != nil {
			some = append(some, v)
		}
	}
	switch len(some) {
	case 0:
		return nil
	case 1:
		if b := rich(some[0]); b != nil {
			return b
		}
	}
	var text []string
	for _, v := range values {
		text = append(text, textOf(v))
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": strings.Join(text, " ")}}
}

// valueBundle returns what a cell's value shows. The interpreter's wrapper has the methods of a value and may have lost the
// value itself.
func (s *Session) valueBundle() *kernel.Bundle {
	b := bundle(s.values)
	if b == nil || len(s.plain) != len(s.values) {
		return b
	}
	lost, text := false, []string{}
	for i, v := range s.values {
		if w := reflect.ValueOf(v); isWrapper(w) && !hasText(v) {
			lost, v = true, s.plain[i]
		}
		text = append(text, textOf(v))
	}
	if _, own := b.Data["text/plain"]; lost && (!own || len(text) == 1 && !rendersText(s.values[0])) {
		b.Data["text/plain"] = strings.Join(text, " ")
	}
	return b
}

// hasText says whether a wrapper knows the value's text.
func hasText(v any) bool {
	switch v.(type) {
	case fmt.Stringer, error, fmt.Formatter:
		return true
	}
	return methodOf(v, "String").IsValid()
}

// rendersText says whether a value makes its own plain text.
func rendersText(v any) bool {
	if d, ok := call[Data](v, "Render"); ok {
		return d.Data["text/plain"] != nil
	}
	d, ok := call[map[string]any](v, "SimpleRender")
	return ok && d["text/plain"] != nil
}

// rich returns a value that shows itself, or nil.
func rich(v any) *kernel.Bundle {
	switch v := v.(type) {
	case *picture.Canvas:
		if v != nil {
			return canvas(v)
		}
		return nil
	case Data:
		return &kernel.Bundle{Data: v.Data, Metadata: v.Metadata}
	}
	if d, ok := call[Data](v, "Render"); ok {
		return withText(&kernel.Bundle{Data: d.Data, Metadata: d.Metadata}, v)
	}
	if d, ok := call[map[string]any](v, "SimpleRender"); ok {
		return withText(&kernel.Bundle{Data: d}, v)
	}
	data := map[string]any{}
	for _, s := range showing {
		if x, ok := call[string](v, s.method); ok {
			if s.method == "Latex" {
				x = math(x)
			}
			data[s.mime] = x
		} else if x, ok := call[[]byte](v, s.method); ok {
			data[s.mime] = encoded(x)
		} else if x, ok := call[map[string]any](v, s.method); ok {
			data[s.mime] = x
		}
	}
	if len(data) == 0 {
		if x, ok := inner(v).(image.Image); ok {
			return imageBundle(x)
		}
		return nil
	}
	return withText(&kernel.Bundle{Data: data}, v)
}

// withText adds the plain text that every bundle has.
func withText(b *kernel.Bundle, v any) *kernel.Bundle {
	data := map[string]any{"text/plain": textOf(v)}
	lost := isWrapper(reflect.ValueOf(v)) && !hasText(v)
	for mime, x := range b.Data {
		if text, ok := x.(string); ok && lost && (strings.HasPrefix(mime, "text/") || strings.HasSuffix(mime, "+xml")) {
			data["text/plain"] = text
		}
	}
	for mime, x := range b.Data {
		data[mime] = x
	}
	return &kernel.Bundle{Data: data, Metadata: b.Metadata}
}

// imageBundle returns a picture as PNG, with its size.
func imageBundle(x image.Image) *kernel.Bundle {
	var b bytes.Buffer
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	if err := png.Encode(&b, x); err != nil {
		return nil // an empty picture, for instance
	}
	size := x.Bounds().Size()
	return &kernel.Bundle{
		Data:     map[string]any{"image/png": encoded(b.Bytes()), "text/plain": fmt.Sprintf("%s %d×%d", strings.TrimPrefix(reflect.TypeOf(x).String(), "stdlib._"), size.X, size.Y)},
		Metadata: map[string]any{"image/png": map[string]any{"width": size.X, "height": size.Y}},
	}
}

// call calls a method without parameters, if the value has it and it returns one T.
func call[T any](v any, method string) (result T, ok bool) {
	f := methodOf(v, method)
	if !f.IsValid() || f.IsZero() || f.Type().NumIn() != 0 || f.Type().NumOut() != 1 || f.Type().Out(0) != reflect.TypeFor[T]() {
		return result, false
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
		return result, false
	}
	result, ok = f.Call(nil)[0].Interface().(T)
	return result, ok
}

// methodOf returns a method of a value: in a wrapper of the interpreter's it is a field.
func methodOf(v any, method string) reflect.Value {
	r := reflect.ValueOf(v)
	if isWrapper(r) {
		return r.FieldByName("W" + method)
	}
	if !r.IsValid() {
		return r
	}
	return r.MethodByName(method)
}

// isWrapper says whether v is the shape in which the interpreter passes a value of a cell's own type: a field IValue, and a
// function a method, named W and the method's name (yaegi, cmd/yaegi/extract.go).
func isWrapper(v reflect.Value) bool {
	return v.Kind() == reflect.Struct && v.NumField() > 1 && v.Type().Field(0).Name == "IValue" && v.Field(1).Kind() == reflect.Func
}

// inner takes a value out of the interpreter's wrapper if that has no text of its own.
func inner(v any) any {
	switch v.(type) {
	case fmt.Stringer, error, fmt.Formatter, image.Image:
		return v
	}
	if w := reflect.ValueOf(v); isWrapper(w) {
		return w.Field(0).Interface()
	}
	return v
}

func encoded(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// math puts dollar signs around LaTeX, without which front ends show it as text.
func math(s string) string {
	if strings.HasPrefix(strings.TrimSpace(s), "$") || strings.HasPrefix(strings.TrimSpace(s), `\begin`) {
		return s
	}
	return "$" + strings.Trim(s, "$") + "$"
}
