package lessons

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/rt0lab/rt0/internal/visible"
)

// A source finds the text of source lines on the host. Only .go and .s files are read, and of Go's own source only that of
// the program's Go version: other lines would mislead.
type source struct {
	goroot string
	files  map[string][]string // by the path in the program; nil where there is none
}

func newSource(goroot string) *source {
	return &source{goroot: goroot, files: map[string][]string{}}
}

// line returns a line's text without its indentation; ok is false if the source is not at hand.
func (s *source) line(version, file string, line int) (text string, ok bool) {
	lines, tried := s.files[file]
	if !tried {
		lines = s.read(version, file)
		s.files[file] = lines
	}
	if line < 1 || line > len(lines) {
		return "", false
	}
	return visible.Text(strings.ReplaceAll(strings.TrimSpace(lines[line-1]), "\t", " ")), true
}

func (s *source) read(version, file string) []string {
	if !strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, ".s") {
		return nil
	}
	for _, path := range s.candidates(version, file) {
		if b, err := os.ReadFile(path); err == nil {
			return strings.Split(string(b), "\n")
		}
	}
	return nil
}

// candidates lists where the file may be: where it was when the program was built, and in GOROOT, each only if a Go tree
// there is of the right version.
func (s *source) candidates(version, file string) []string {
	var paths []string
	root, rest, inTree := strings.Cut(file, "/src/")
	switch {
	case !inTree:
		if filepath.IsAbs(file) {
			paths = append(paths, file)
		}
		rest = file // built with -trimpath: "runtime/proc.go"
	case goVersionOf(root) == "" || goVersionOf(root) == version:
		paths = append(paths, file)
	}
	if s.goroot != "" && goVersionOf(s.goroot) == version {
		paths = append(paths, filepath.Join(s.goroot, "src", filepath.FromSlash(filepath.Join("/", rest))))
	}
	return paths
}

// goVersionOf returns the version of the Go tree at root, "" if it is none.
func goVersionOf(root string) string {
	b, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(first)
}
