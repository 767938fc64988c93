package site

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var long = strings.Repeat("a line of a script\n", 200)

// zip returns s gzipped.
func zip(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

var built = map[string]string{
	"index.html":             "<!doctype html>",
	"index.json":             "{}",
	"assets/main-1234.js":    long,
	"assets/main-1234.js.gz": zip(long),
	"machine-1234.wasm.gz":   "\x1f\x8b" + long,
	"src/a.s.txt":            long,
	"lite/tree/index.html":   "<!doctype html>",
	"stale.js":               "new",
	"stale.js.gz":            zip("old"),
}

// write lays files into a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// open opens the site built, in a folder of its own.
func open(t *testing.T) (s *Site, dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, built)
	before := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "stale.js.gz"), before, before); err != nil {
		t.Fatal(err)
	}
	return openAt(t, dir), dir
}

func openAt(t *testing.T, dir string) *Site {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// request sends one with header fields, each a name and a value in turn.
func request(s *Site, method, path string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://localhost/", nil)
	r.URL.Path = path
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestServe(t *testing.T) {
	s, _ := open(t)
	for _, c := range []struct {
		method, path, accept  string
		status                int
		media, encoding, body string
	}{
		{"GET", "/", "gzip", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/index.html", "", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/assets/main-1234.js", "br, gzip", 200, "text/javascript; charset=utf-8", "gzip", long},
		{"HEAD", "/assets/main-1234.js", "gzip", 200, "text/javascript; charset=utf-8", "gzip", ""},
		{"GET", "/assets/main-1234.js", "", 200, "text/javascript; charset=utf-8", "", long},
		{"GET", "/assets/main-1234.js", "gzip;q=0", 200, "text/javascript; charset=utf-8", "", long},
		{"GET", "/assets/main-1234.js", "gzip;q=0.5", 200, "text/javascript; charset=utf-8", "gzip", long},
		{"GET", "/machine-1234.wasm.gz", "gzip", 200, "application/octet-stream", "", "\x1f\x8b" + long},
		{"GET", "/stale.js", "gzip", 200, "text/javascript; charset=utf-8", "", "new"},
		{"GET", "/src/a.s.txt", "gzip", 200, "text/plain; charset=utf-8", "", long},
		{"GET", "/lite/tree/index.html", "", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/lite/tree/", "", 200, "text/html; charset=utf-8", "", "<!doctype html>"},
		{"GET", "/lite/tree", "", 301, "", "", ""},
		{"GET", "/lite/", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"HEAD", "/index.json", "", 200, "application/json", "", ""},
		{"GET", "/missing", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"GET", "/../../etc/passwd", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"GET", "/a\x00b", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"GET", "/assets", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"GET", "/assets/", "", 404, "text/plain; charset=utf-8", "", "not found\n"},
		{"POST", "/", "", 405, "text/plain; charset=utf-8", "", "method not allowed\n"},
	} {
		w := request(s, c.method, c.path, "Accept-Encoding", c.accept)
		body, got := w.Body.String(), w.Header()
		if got.Get("Content-Encoding") == "gzip" && c.method == "GET" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if body = string(b); err != nil {
				t.Fatal(err)
			}
		}
		if w.Code != c.status || got.Get("Content-Type") != c.media || got.Get("Content-Encoding") != c.encoding || body != c.body {
			t.Errorf("%s %s: %d %q %q, %d bytes; want %d %q %q, %d bytes", c.method, c.path, w.Code, got.Get("Content-Type"),
				got.Get("Content-Encoding"), len(body), c.status, c.media, c.encoding, len(c.body))
		}
		if vary := strings.Contains(c.path, "main-1234.js"); (got.Get("Vary") == "Accept-Encoding") != vary {
			t.Errorf("%s %s: Vary is %q", c.method, c.path, got.Get("Vary"))
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

// TestETag: a tag stands for bytes, so it is another for the gzipped copy, and another after a change that neither the size
// nor the time shows.
func TestETag(t *testing.T) {
	s, dir := open(t)
	const script = "/assets/main-1234.js"
	plain := request(s, "GET", script).Header().Get("ETag")
	packed := request(s, "GET", script, "Accept-Encoding", "gzip").Header().Get("ETag")
	if len(plain) < 10 || plain[0] != '"' || len(packed) < 10 || plain == packed {
		t.Fatalf("the tags are %s and, gzipped, %s; want two strong ones", plain, packed)
	}
	for _, c := range []struct {
		name   string
		fields []string
		status int
		length string
	}{
		{"the same", []string{"If-None-Match", plain}, 304, ""},
		{"the same, gzipped", []string{"If-None-Match", packed, "Accept-Encoding", "gzip"}, 304, ""},
		{"the other's", []string{"If-None-Match", packed}, 200, "3800"},
		{"a part", []string{"Range", "bytes=0-1"}, 206, "2"},
		{"the rest of the same", []string{"Range", "bytes=3790-", "If-Range", plain}, 206, "10"},
		{"the rest of another", []string{"Range", "bytes=3790-", "If-Range", packed}, 200, "3800"},
		{"a part behind the end", []string{"Range", "bytes=4000-"}, 416, ""},
	} {
		w := request(s, "GET", script, c.fields...)
		if got := w.Header().Get("Content-Length"); w.Code != c.status || c.length != "" && got != c.length {
			t.Errorf("%s: %d, %s bytes; want %d, %s bytes", c.name, w.Code, got, c.status, c.length)
		}
	}
	file := filepath.Join(dir, "src", "a.s.txt")
	for _, age := range []time.Duration{0, time.Hour} {
		then := time.Now().Add(time.Hour - 2*age) // 0: one that has not settled however slow the test is
		seen := map[string]bool{}
		for i, text := range []string{"one", "two", "two"} {
			if age > 0 && i == 1 {
				then = then.Add(time.Second) // the time of a file that has settled tells
			}
			write(t, dir, map[string]string{"src/a.s.txt": text})
			if err := os.Chtimes(file, then, then); err != nil {
				t.Fatal(err)
			}
			seen[request(s, "GET", "/src/a.s.txt").Header().Get("ETag")] = true
		}
		if len(seen) != 2 {
			t.Errorf("files %v old with two texts have %d tags", age, len(seen))
		}
	}
}

// TestLinks: the folder may be a link, and links within it are followed. What lies outside is not the site's.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"site/index.html": "<!doctype html>", "site/index.json": "{}", "site/a/b.txt": "inside", "secret.txt": "outside"})
	for name, to := range map[string]string{
		"link": "site", "site/in.txt": "a/b.txt", "site/a/up.txt": "../index.json", "site/out.txt": "../secret.txt",
		"site/abs.txt": filepath.Join(dir, "secret.txt"), "site/folder": dir, "site/loop": "loop", "site/gone.txt": "missing",
		"site/a/b.txt.gz": "../../secret.txt",
	} {
		if err := os.Symlink(filepath.FromSlash(to), filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Skip("NOT TESTED: ", err)
		}
	}
	s := openAt(t, filepath.Join(dir, "link"))
	for path, want := range map[string]string{
		"/": "<!doctype html>", "/a/b.txt": "inside", "/in.txt": "inside", "/a/up.txt": "{}", "/out.txt": "", "/abs.txt": "",
		"/folder/secret.txt": "", "/folder/site/index.html": "", "/loop": "", "/gone.txt": "", "/a/b.txt.gz": "", "/folder/": "",
	} {
		w := request(s, "GET", path, "Accept-Encoding", "gzip")
		if want != "" && (w.Code != http.StatusOK || w.Body.String() != want) || want == "" && w.Code != http.StatusNotFound {
			t.Errorf("%s: %d %q; want %q", path, w.Code, w.Body, want)
		}
	}
}

func TestNotBuilt(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("an empty folder: %v; want %v", err, ErrNotBuilt)
	}
	if _, err := Open(filepath.Join(dir, "missing")); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("no folder: %v; want %v", err, ErrNotBuilt)
	}
}

// TestFolder: links in a folder's page are relative to it, so its address must end in a slash, wherever the site lies.
func TestFolder(t *testing.T) {
	s, _ := open(t)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "http://localhost/lite/tree?path=en", nil))
	if got := w.Header().Get("Location"); w.Code != 301 || got != "tree/?path=en" {
		t.Errorf("%d to %q", w.Code, got)
	}
}
