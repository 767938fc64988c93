package cells

import (
	"context"
	"errors"
	"fmt"
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

// displayExports are the functions of gophernotes, which every cell knows without an import, and a few of our own.
func (s *Session) displayExports(own map[string]reflect.Value) {
	put := func(name string, f any) { own[name] = reflect.ValueOf(f) }
	put("Display", func(v any) error {
		b := rich(v)
		if b == nil {
			b = bundle([]any{v})
		}
		s.show(b)
		return nil
	})
	for name, mime := range map[string]string{"HTML": "text/html", "JavaScript": "application/javascript", "Markdown": "text/markdown", "SVG": "image/svg+xml"} {
		put(name, func(text string) Data { return data(mime, text, text) })
	}
	put("Latex", func(text string) Data { return data("text/latex", math(text), text) })
	put("Math", func(text string) Data { return data("text/latex", math(text), text) })
	put("JSON", func(v map[string]any) Data { return data("application/json", v, fmt.Sprint(v)) })
	for name, mime := range map[string]string{"JPEG": "image/jpeg", "PNG": "image/png", "PDF": "application/pdf"} {
		put(name, func(b []byte) Data { return data(mime, encoded(b), fmt.Sprintf("%s, %d bytes", mime, len(b))) })
	}
	put("MIME", func(bundle, metadata map[string]any) Data { return Data{Data: bundle, Metadata: metadata} })
	put("Any", func(mime string, v any) Data { return any1(mime, v) })
	put("Auto", func(v any) Data { return any1("", v) })
	put("File", func(mime, path string) Data { return s.file(mime, path) })
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

// showAs shows something that can be shown anew, or does so.
func (s *Session) showAs(v any, id string, update bool) {
	b, c := bundle([]any{v}), s.current()
	if b == nil || c == nil {
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
	return Data{Data: map[string]any{mime: v, "text/plain": text}}
}

// any1 returns a value in one format; an empty one is found out from the bytes.
func any1(mime string, v any) Data {
	if b, ok := v.([]byte); ok {
		if mime == "" {
			mime = contentType(b)
		}
		if strings.HasPrefix(mime, "text/") {
			return data(mime, string(b), string(b))
		}
		return data(mime, encoded(b), fmt.Sprintf("%s, %d bytes", mime, len(b)))
	}
	if b := rich(v); b != nil {
		return Data{Data: b.Data, Metadata: b.Metadata}
	}
	if mime == "" {
		mime = "text/plain"
	}
	return data(mime, fmt.Sprint(v), fmt.Sprint(v))
}

// file returns the content of a file.
func (s *Session) file(mime, path string) Data {
	f, err := openFile(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxShown+1))
	if err == nil && len(b) > maxShown {
		err = fmt.Errorf("%s: more than %d bytes are too many to show", path, maxShown)
	}
	if err != nil {
		panic(err)
	}
	return any1(mime, b)
}

// maxShown bounds a file that is shown, in bytes.
const maxShown = 64 << 20

// canceled says whether an error is that of an interrupted context.
func canceled(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err()))
}
