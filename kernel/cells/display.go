package cells

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	goconstant "go/constant"
	"image"
	"io"
	"reflect"
	"strings"

	"github.com/rt0lab/rt0/kernel"
)

// show shows something below the cell.
func (s *Session) show(b *kernel.Bundle) {
	if c := s.current(); c != nil && b != nil {
		s.out.drain()
		c.Display(b, "")
	}
}

// formats are the formats of gophernotes that are text, by the name of the function that makes them.
var formats = map[string]string{"HTML": "text/html", "JavaScript": "application/javascript", "Markdown": "text/markdown", "SVG": "image/svg+xml"}

// binary are those that are bytes.
var binary = map[string]string{"JPEG": "image/jpeg", "PNG": "image/png", "PDF": "application/pdf"}

// displayExports are the functions that every cell knows without an import: those of gophernotes' package display, and a few
// of our own.
func (s *Session) displayExports(own map[string]reflect.Value) {
	for name, v := range s.displayPackage() {
		if v.Kind() == reflect.Func {
			own[name] = v
		}
	}
	put := func(name string, f any) { own[name] = reflect.ValueOf(f) }
	put("Display", func(v any) error {
		s.show(bundleOf(v))
		return nil
	})
	put("Raw", func(v any) Data { return Data{Data: map[string]any{"text/plain": fmt.Sprint(v)}} })
	put("Input", func(prompt string) (string, error) { return s.ask(prompt, false) })
	put("Password", func(prompt string) (string, error) { return s.ask(prompt, true) })
	put("ClearOutput", func(wait bool) {
		if c := s.current(); c != nil {
			s.out.drain()
			c.Clear(wait)
		}
	})
	put("DisplayID", func(v any, id string) { s.showAs(v, id, false) })
	put("UpdateDisplay", func(v any, id string) { s.showAs(v, id, true) })
}

// displayPackage is package display of gophernotes, which its notebooks use without importing it.
func (s *Session) displayPackage() map[string]reflect.Value {
	out := map[string]reflect.Value{}
	put := func(name string, f any) { out[name] = reflect.ValueOf(f) }
	for name, mime := range formats {
		put(name, func(text string) Data { return data(mime, text, text) })
		put("MIMEType"+name, goconstant.MakeString(mime))
	}
	for name, mime := range binary {
		put(name, func(b []byte) Data { return data(mime, encoded(b), size(mime, b)) })
		put("MIMEType"+name, goconstant.MakeString(mime))
	}
	for name, mime := range map[string]string{"Text": "text/plain", "Latex": "text/latex", "JSON": "application/json"} {
		put("MIMEType"+name, goconstant.MakeString(mime))
	}
	put("Latex", func(text string) Data { return data("text/latex", math(text), text) })
	put("Math", func(text string) Data { return data("text/latex", math(text), text) })
	put("JSON", func(v map[string]any) Data { return data("application/json", v, textOf(v)) })
	put("Image", func(x image.Image) Data {
		if b := imageBundle(x); b != nil {
			return Data{Data: b.Data, Metadata: b.Metadata}
		}
		return Data{Data: map[string]any{"text/plain": "no picture"}}
	})
	put("MIME", func(bundle, metadata map[string]any) Data { return Data{Data: bundle, Metadata: metadata} })
	put("MakeData", func(mime string, v any) Data { return data(mime, v, textOf(v)) })
	put("MakeData3", func(mime, text string, v any) Data { return data(mime, v, text) })
	put("Any", anyData)
	put("Auto", func(v any) Data { return anyData("", v) })
	put("File", func(mime, path string) Data { return s.file(mime, path) })
	put("Data", (*Data)(nil))
	put("MIMEMap", (*map[string]any)(nil))
	for _, i := range interfaces {
		put(i.name, i.method)
	}
	return out
}

func size(mime string, b []byte) string { return fmt.Sprintf("%s, %d bytes", mime, len(b)) }

// bundleOf returns what Display shows of a value: of nil, its text.
func bundleOf(v any) *kernel.Bundle {
	if b := bundle([]any{v}); b != nil {
		return b
	}
	return &kernel.Bundle{Data: map[string]any{"text/plain": textOf(v)}}
}

// showAs shows something that can be shown anew, or does so.
func (s *Session) showAs(v any, id string, update bool) {
	b, c := bundleOf(v), s.current()
	if c == nil {
		return
	}
	s.out.drain()
	if update {
		c.Update(b, id)
		return
	}
	c.Display(b, id)
}

// data returns one format and its text.
func data(mime string, v any, text string) Data {
	if b, ok := v.([]byte); ok {
		v = encoded(b)
	}
	return Data{Data: map[string]any{mime: v, "text/plain": text}}
}

// anyData returns a value in one format: a text, bytes, what a reader yields, or what can show itself. The format of bytes can
// be found out; that of a text cannot.
func anyData(mime string, v any) Data {
	if b := rich(v); b != nil {
		return Data{Data: b.Data, Metadata: b.Metadata}
	}
	var b []byte
	var err error
	switch x := v.(type) {
	case []byte:
		b = x
	case io.Reader:
		b, err = readSome(x, "what Any reads")
	case io.WriterTo:
		var buf bytes.Buffer
		_, err = x.WriteTo(&buf)
		b = buf.Bytes()
	default:
		if mime == "" {
			mime = "text/plain"
		}
		return data(mime, textOf(v), textOf(v))
	}
	if err != nil {
		panic(err)
	}
	if mime == "" {
		mime, _, _ = strings.Cut(contentType(b), ";")
	}
	if strings.HasPrefix(mime, "text/") || strings.HasSuffix(mime, "+xml") {
		return data(mime, string(b), string(b))
	}
	return data(mime, encoded(b), size(mime, b))
}

// readSome reads all, unless it is too much to show.
func readSome(r io.Reader, what string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxShown+1))
	if err == nil && len(b) > maxShown {
		err = fmt.Errorf("%s: more than %d bytes are too many to show", what, maxShown)
	}
	return b, err
}

// file returns the content of a file.
func (s *Session) file(mime, path string) Data {
	f, err := openFile(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	b, err := readSome(f, path)
	if err != nil {
		panic(err)
	}
	return anyData(mime, b)
}

// maxShown bounds a file that is shown, in bytes.
const maxShown = 64 << 20

// canceled says whether an error is that of an interrupted context.
func canceled(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err()))
}
