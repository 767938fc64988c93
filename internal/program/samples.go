package program

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// The samples: each a main package of one file that Go 1.18 can build.
//
//go:embed samples/*/main.go
var samples embed.FS

// Samples returns the names of the samples, sorted.
func Samples() []string {
	entries, err := samples.ReadDir("samples")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names
}

// Summary returns the first sentence of a sample's documentation.
func Summary(name string) string {
	src, err := sampleSource(name)
	if err != nil {
		return ""
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil || f.Doc == nil {
		return ""
	}
	return strings.TrimSuffix(new(doc.Package).Synopsis(f.Doc.Text()), ".")
}

func isSample(name string) bool {
	_, err := sampleSource(name)
	return err == nil
}

func sampleSource(name string) ([]byte, error) {
	if strings.ContainsAny(name, `/\.`) {
		return nil, fmt.Errorf("%s: %w", name, ErrNoProgram)
	}
	return samples.ReadFile("samples/" + name + "/main.go")
}

// buildSample builds a sample in a folder of its own in the cache, named after all that the result depends on, so that a second time nothing is built at all.
func buildSample(ctx context.Context, name string, opt Options) (*Program, error) {
	src, err := sampleSource(name)
	if err != nil {
		return nil, err
	}
	b, err := newBuilder(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("build sample %s: %w", name, err)
	}
	key := sha256.Sum256([]byte(b.version + "\x00" + strings.Join(b.flags(), " ") + "\x00" + string(src)))
	dir := filepath.Join(b.cache, "sample", hex.EncodeToString(key[:8]))
	out := filepath.Join(dir, name)
	if _, err := os.Stat(out); err != nil {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
		for file, text := range map[string]string{"go.mod": "module " + name + "\n\ngo 1.18\n", "main.go": string(src)} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666); err != nil {
				return nil, err
			}
		}
		if err := b.build(ctx, dir, out, "main.go"); err != nil {
			return nil, fmt.Errorf("build sample %s: %w", name, err)
		}
	}
	file, err := os.ReadFile(out)
	if err != nil {
		return nil, err
	}
	return &Program{Name: name, Path: guestPath(name), File: file, GOROOT: b.goroot}, nil
}
