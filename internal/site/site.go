// Package site serves the web page that `make web` builds, from a folder, to browsers on this computer.
package site

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"os"
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
var ErrNotBuilt = errors.New("no web page there")

// notBuilt says why no page can be opened, and what to do.
func notBuilt(why string) error {
	return fmt.Errorf("%w: %s; build it with `make web` in the source folder of rt0 (this needs Node.js and npm), or name the folder that it is in with -dir", ErrNotBuilt, why)
}

// reason is why a file cannot be opened, without the names of system calls and of the file.
func reason(err error) string {
	var of *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.Is(err, fs.ErrPermission):
		return "may not be read by you"
	case errors.As(err, &of):
		err = of.Err
	}
	return "cannot be opened: " + err.Error()
}

// A Site is a folder with a built web page. It answers GET and HEAD.
type Site struct {
	files files
	tags  tags
}

// Open opens the site in a folder, which may be a symbolic link. What lies in it is served as it is at each request; a link
// in it that leads out of it is not followed. The error is ErrNotBuilt, with the reason and what to do in a line, if the page's
// two main files cannot be opened.
func Open(dir string) (*Site, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		why := reason(err)
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			why = "is not a folder"
		}
		return nil, notBuilt("it " + why)
	}
	s := &Site{files: files{root}}
	for _, name := range []string{"index.html", "index.json"} {
		f, _, err := s.files.open(name)
		if err != nil {
			root.Close()
			return nil, notBuilt(name + " in it " + reason(err))
		}
		f.Close()
	}
	return s, nil
}

// Close closes the folder. Requests are then answered with "not found".
func (s *Site) Close() error { return s.files.root.Close() }

func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
	f, info, err := s.files.open(name)
	if err != nil { // a folder, perhaps
		if f, info, err = s.files.open(path.Join(name, "index.html")); err == nil && !strings.HasSuffix(r.URL.Path, "/") {
			f.Close()
			to := url.URL{Path: path.Base(name) + "/", RawQuery: r.URL.RawQuery} // links of the page in it are relative to the folder
			h.Set("Location", to.String())
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		name = path.Join(name, "index.html")
	}
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	defer func() { f.Close() }()
	ext := path.Ext(name)
	h.Set("Content-Type", mediaType(ext))
	h.Set("Cache-Control", cacheControl(name))
	if packed, size := s.files.packed(name, info); packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			f.Close()
			f, info, name = packed, size, name+packedExt
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", fmt.Sprint(info.Size())) // http.ServeContent leaves it out beside an encoding
		} else {
			packed.Close()
		}
	}
	content := io.NewSectionReader(f, 0, info.Size()) // a file that grows has no end
	tag, err := s.tags.of(r.Context(), name, info, content)
	if err != nil {
		http.Error(w, "the file cannot be read", http.StatusInternalServerError)
		return
	}
	h.Set("ETag", tag)
	http.ServeContent(w, r, "", info.ModTime(), content) // which seeks to where it begins
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
