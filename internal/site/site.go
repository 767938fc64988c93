// Package site serves the web page that `make web` builds, from a folder, to browsers on this computer.
package site

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// policy allows the page its own scripts, its worker and its wasm, and figures as data: images, in which no script runs.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// notebooks is the policy of the folder lite/: JupyterLab sets styles from its scripts throughout, and offers files as blobs.
// The pages there hold it too, for hosts that send no headers.
const notebooks = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// policyOf returns the policy of a file.
func policyOf(name string) string {
	if strings.HasPrefix(name+"/", "lite/") {
		return notebooks
	}
	return policy
}

// types are the media types of what the site holds; the computer's own table may lack or twist them.
var types = map[string]string{
	".html":  "text/html; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".json":  "application/json",
	".svg":   "image/svg+xml",
	".txt":   "text/plain; charset=utf-8",
	".wasm":  "application/wasm",
	".ipynb": "application/json",
	".gz":    "application/octet-stream", // the page unpacks these itself
}

// ErrNotBuilt: the folder holds no built site.
var ErrNotBuilt = errors.New("no web page there; build it with `make web`, or name its folder with -dir")

// Handler serves the site in files. GET and HEAD are all it knows.
func Handler(files fs.FS) (http.Handler, error) {
	for _, name := range []string{"index.html", "index.json"} {
		if _, err := fs.Stat(files, name); err != nil {
			return nil, fmt.Errorf("%w: %w", err, ErrNotBuilt)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(files, w, r) }), nil
}

func serve(files fs.FS, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	h.Set("Content-Security-Policy", policyOf(name))
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	if folder := path.Join(name, "index.html"); name == "" || isFile(files, folder) {
		if !strings.HasSuffix(r.URL.Path, "/") { // links of the page in it are relative to the folder
			to := url.URL{Path: path.Base(name) + "/", RawQuery: r.URL.RawQuery}
			h.Set("Location", to.String())
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		name = folder
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	ext := path.Ext(name)
	h.Set("Content-Type", mediaType(ext))
	h.Set("Cache-Control", cacheControl(name))
	if ext == ".gz" || len(b) < 1024 || !acceptsGzip(r) {
		h.Set("Content-Length", fmt.Sprint(len(b)))
		if r.Method == http.MethodGet {
			w.Write(b)
		}
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	if r.Method == http.MethodGet {
		z := gzip.NewWriter(w)
		z.Write(b)
		z.Close()
	}
}

func isFile(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular()
}

func mediaType(ext string) string {
	if t, ok := types[ext]; ok {
		return t
	}
	if t := mime.TypeByExtension(ext); t != "" {
		return t
	}
	return "application/octet-stream"
}

// cacheControl lets browsers keep what has a digest in its name; all else they ask for again.
func cacheControl(name string) string {
	if strings.HasPrefix(name, "assets/") || strings.HasPrefix(name, "lite/assets/") || strings.HasSuffix(name, ".gz") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// acceptsGzip says whether the browser wants gzip: "gzip;q=0" says that it does not.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, quality, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) == "gzip" {
			return strings.Trim(strings.TrimPrefix(strings.TrimSpace(quality), "q="), "0.") != "" || quality == ""
		}
	}
	return false
}
