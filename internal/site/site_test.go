package site

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var long = strings.Repeat("a line of a script\n", 200)

var files = fstest.MapFS{
	"index.html":           {Data: []byte("<!doctype html>")},
	"index.json":           {Data: []byte("{}")},
	"assets/main-1234.js":  {Data: []byte(long)},
	"machine-1234.wasm.gz": {Data: []byte("\x1f\x8b" + long)},
	"src/a.s.txt":          {Data: []byte(long)},
	"lite/tree/index.html": {Data: []byte("<!doctype html>")},
}

func TestServe(t *testing.T) {
	h, err := Handler(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, accept  string
		status                int
		media, encoding, body string
	}{
		{"GET", "/", "gzip", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/index.html", "", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/assets/main-1234.js", "br, gzip", 200, "text/javascript; charset=utf-8", "gzip", long},
		{"GET", "/assets/main-1234.js", "", 200, "text/javascript; charset=utf-8", "", long},
		{"GET", "/assets/main-1234.js", "gzip;q=0", 200, "text/javascript; charset=utf-8", "", long},
		{"GET", "/machine-1234.wasm.gz", "gzip", 200, "application/octet-stream", "", "\x1f\x8b" + long},
		{"GET", "/src/a.s.txt", "gzip;q=0.5", 200, "text/plain; charset=utf-8", "gzip", long},
		{"GET", "/lite/tree/index.html", "", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/lite/tree/", "", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/lite/tree", "", 301, "", "", ""},
		{"GET", "/lite/", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"HEAD", "/index.json", "", 200, "application/json", "", ""},
		{"GET", "/missing", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"GET", "/../../etc/passwd", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"GET", "/assets", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"POST", "/", "", 405, "text/plain; charset=utf-8", "", "method not allowed\n"},
	} {
		r := httptest.NewRequest(c.method, "http://localhost/", nil)
		r.URL.Path = c.path
		r.Header.Set("Accept-Encoding", c.accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := io.Reader(w.Body)
		if w.Header().Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		b, err := io.ReadAll(body)
		got := w.Header()
		if err != nil || w.Code != c.status || got.Get("Content-Type") != c.media || got.Get("Content-Encoding") != c.encoding || string(b) != c.body {
			t.Errorf("%s %s: %d %q %q, %d bytes, %v; want %d %q %q, %d bytes", c.method, c.path, w.Code, got.Get("Content-Type"),
				got.Get("Content-Encoding"), len(b), err, c.status, c.media, c.encoding, len(c.body))
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": policyOf(strings.TrimPrefix(c.path, "/")), "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp", "X-Content-Type-Options": "nosniff",
		} {
			if got.Get(name) != want {
				t.Errorf("%s %s: %s is %q; want %q", c.method, c.path, name, got.Get(name), want)
			}
		}
	}
}

func TestNotBuilt(t *testing.T) {
	if _, err := Handler(fstest.MapFS{}); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("an empty folder: %v; want %v", err, ErrNotBuilt)
	}
}

// TestFolder: links in a folder's page are relative to it, so its address must end in a slash, wherever the site lies.
func TestFolder(t *testing.T) {
	h, err := Handler(files)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/lite/tree?path=en", nil))
	if got := w.Header().Get("Location"); w.Code != 301 || got != "tree/?path=en" {
		t.Errorf("%d to %q", w.Code, got)
	}
}
