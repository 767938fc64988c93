package cells

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"reflect"
	"strings"

	"github.com/traefik/yaegi/interp"

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

// The methods with which a value shows itself.
type (
	htmler       interface{ HTML() string }
	javascripter interface{ JavaScript() string }
	jpeger       interface{ JPEG() []byte }
	jsoner       interface{ JSON() map[string]any }
	latexer      interface{ Latex() string }
	markdowner   interface{ Markdown() string }
	pnger        interface{ PNG() []byte }
	pdfer        interface{ PDF() []byte }
	svger        interface{ SVG() string }
	renderer     interface{ Render() Data }
	simple       interface{ SimpleRender() Data }
)

// canvas returns a picture in the formats of every viewer: SVG, HTML, and its text twin.
func canvas(c *picture.Canvas) *kernel.Bundle {
	return &kernel.Bundle{Data: map[string]any{"text/html": c.HTML(), "image/svg+xml": c.SVG(), "text/plain": c.Render(picture.TextOptions{})}}
}

// bundle returns the values of an expression in all formats that they have.
func bundle(values []any) *kernel.Bundle {
	var text []string
	for _, v := range values {
		text = append(text, textOf(v))
	}
	if len(values) == 1 {
		if values[0] == nil {
			return nil
		}
		if b := rich(values[0]); b != nil {
			return b
		}
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": strings.Join(text, " ")}}
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
	case renderer:
		d := v.Render()
		return &kernel.Bundle{Data: d.Data, Metadata: d.Metadata}
	case simple:
		d := v.SimpleRender()
		return &kernel.Bundle{Data: d.Data, Metadata: d.Metadata}
	}
	data := map[string]any{}
	if x, ok := v.(htmler); ok {
		data["text/html"] = x.HTML()
	}
	if x, ok := v.(javascripter); ok {
		data["application/javascript"] = x.JavaScript()
	}
	if x, ok := v.(jpeger); ok {
		data["image/jpeg"] = encoded(x.JPEG())
	}
	if x, ok := v.(jsoner); ok {
		data["application/json"] = x.JSON()
	}
	if x, ok := v.(latexer); ok {
		data["text/latex"] = math(x.Latex())
	}
	if x, ok := v.(markdowner); ok {
		data["text/markdown"] = x.Markdown()
	}
	if x, ok := v.(pnger); ok {
		data["image/png"] = encoded(x.PNG())
	}
	if x, ok := v.(pdfer); ok {
		data["application/pdf"] = encoded(x.PDF())
	}
	if x, ok := v.(svger); ok {
		data["image/svg+xml"] = x.SVG()
	}
	if x, ok := v.(image.Image); ok && len(data) == 0 {
		var b bytes.Buffer
		if png.Encode(&b, x) == nil {
			size := x.Bounds().Size()
			return &kernel.Bundle{Data: map[string]any{"image/png": encoded(b.Bytes()), "text/plain": fmt.Sprintf("%T %d×%d", x, size.X, size.Y)}}
		}
	}
	if len(data) == 0 {
		return nil
	}
	data["text/plain"] = textOf(v)
	return &kernel.Bundle{Data: data}
}

// textOf returns a value as fmt.Println would print it. A method of the value's that panics is the cell's panic.
func textOf(v any) string {
	if v == nil {
		return "<nil>"
	}
	if f := reflect.ValueOf(v); f.Kind() == reflect.Func {
		return f.Type().String()
	}
	return fmt.Sprint(inner(v))
}

// inner takes a value out of the interpreter's wrapper if that has no text of its own.
func inner(v any) any {
	switch v.(type) {
	case fmt.Stringer, error, fmt.Formatter:
		return v
	}
	if w := reflect.ValueOf(v); w.Kind() == reflect.Struct && w.NumField() == 2 && w.Type().Field(0).Name == "IValue" {
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

// Wrappers are the shape in which the interpreter passes a value of a cell's own type as one of the interfaces above: a field
// IValue, and a function a method, named W and the method's name (yaegi, cmd/yaegi/extract.go).
type (
	wrapHTML struct {
		IValue any
		WHTML  func() string
	}
	wrapJavaScript struct {
		IValue      any
		WJavaScript func() string
	}
	wrapJPEG struct {
		IValue any
		WJPEG  func() []byte
	}
	wrapJSON struct {
		IValue any
		WJSON  func() map[string]any
	}
	wrapLatex struct {
		IValue any
		WLatex func() string
	}
	wrapMarkdown struct {
		IValue    any
		WMarkdown func() string
	}
	wrapPNG struct {
		IValue any
		WPNG   func() []byte
	}
	wrapPDF struct {
		IValue any
		WPDF   func() []byte
	}
	wrapSVG struct {
		IValue any
		WSVG   func() string
	}
)

func (w wrapHTML) HTML() string             { return w.WHTML() }
func (w wrapJavaScript) JavaScript() string { return w.WJavaScript() }
func (w wrapJPEG) JPEG() []byte             { return w.WJPEG() }
func (w wrapJSON) JSON() map[string]any     { return w.WJSON() }
func (w wrapLatex) Latex() string           { return w.WLatex() }
func (w wrapMarkdown) Markdown() string     { return w.WMarkdown() }
func (w wrapPNG) PNG() []byte               { return w.WPNG() }
func (w wrapPDF) PDF() []byte               { return w.WPDF() }
func (w wrapSVG) SVG() string               { return w.WSVG() }

// wrapperExports tells the interpreter of the wrappers, and which functions of ours want them.
func wrapperExports(out interp.Exports, own map[string]reflect.Value) {
	pkg := map[string]reflect.Value{}
	var want []reflect.Type
	for _, w := range []struct {
		method interface{} // a nil pointer to the interface
		wrap   interface{} // a nil pointer to the wrapper
	}{
		{(*htmler)(nil), (*wrapHTML)(nil)}, {(*svger)(nil), (*wrapSVG)(nil)}, {(*markdowner)(nil), (*wrapMarkdown)(nil)},
		{(*latexer)(nil), (*wrapLatex)(nil)}, {(*pnger)(nil), (*wrapPNG)(nil)}, {(*jpeger)(nil), (*wrapJPEG)(nil)},
		{(*jsoner)(nil), (*wrapJSON)(nil)}, {(*javascripter)(nil), (*wrapJavaScript)(nil)}, {(*pdfer)(nil), (*wrapPDF)(nil)},
	} {
		t := reflect.TypeOf(w.method).Elem()
		pkg["_"+t.Name()] = reflect.ValueOf(w.wrap)
		want = append(want, t)
	}
	out[reflect.TypeOf((*htmler)(nil)).Elem().PkgPath()+"/cells"] = pkg
	want = append(want, reflect.TypeFor[fmt.Formatter](), reflect.TypeFor[fmt.Stringer]())
	types := map[reflect.Value][]reflect.Type{}
	for _, name := range []string{keepName, "Display"} {
		types[own[name]] = want
	}
	out["."] = map[string]reflect.Value{"MapTypes": reflect.ValueOf(types)}
}
