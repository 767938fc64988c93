//go:build !js

package program

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Find returns the program that arg names. Errors say what to do next, in one line. A path wins over a sample of the same
// name if it can be a program at all: a folder without Go files does not.
func Find(ctx context.Context, arg string, opt Options) (*Program, error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		if !hasGo(arg) {
			if isSample(arg) {
				return buildSample(ctx, arg, opt)
			}
			return nil, fmt.Errorf("%s: the folder holds no Go files; give the folder of a main package", arg)
		}
		return buildPackage(ctx, arg, opt)
	case err == nil && filepath.Ext(arg) == ".go":
		return buildPackage(ctx, arg, opt)
	case err == nil:
		if opt.Go != "" {
			return nil, fmt.Errorf("%s: -go chooses the toolchain that builds Go source, and this is not a Go file; leave -go out", arg)
		}
		return readFile(arg)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case isSample(arg):
		return buildSample(ctx, arg, opt)
	}
	return nil, fmt.Errorf("%s: %w; give a path, or one of the samples %s", arg, ErrNoProgram, strings.Join(Samples(), ", "))
}

// maxFile bounds the size in bytes of a file that is read as a program.
const maxFile = 1 << 30

// readFile reads an ELF file. What does not start like one is cut short: the loader only quotes its first bytes.
func readFile(name string) (*Program, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %d bytes are too many for a program; strip it: go build -ldflags=-s", name, info.Size())
	}
	start := make([]byte, 64)
	n, err := io.ReadFull(f, start)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	start = start[:n]
	rest := []byte{}
	if bytes.HasPrefix(start, []byte("\x7fELF")) {
		if rest, err = io.ReadAll(io.LimitReader(f, maxFile)); err != nil {
			return nil, err
		}
	}
	return &Program{Name: name, Path: guestPath(name), File: append(start, rest...), Host: realPath(name)}, nil
}

// guestPath is where the guest sees the program.
func guestPath(name string) string {
	base := path.Base(filepath.ToSlash(name))
	return "/bin/" + strings.TrimSuffix(base, ".exe")
}

// realPath returns the absolute path without links, as /proc/self/exe has it; "" if there is none.
func realPath(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		return ""
	}
	if abs, err = filepath.EvalSymlinks(abs); err != nil {
		return ""
	}
	return abs
}

func hasGo(dir string) bool {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	return err == nil && len(files) > 0
}
