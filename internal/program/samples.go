package program

import (
	"embed"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
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

func sampleSource(name string) ([]byte, error) {
	if strings.ContainsAny(name, `/\.`) {
		return nil, fmt.Errorf("%s: %w", name, ErrNoProgram)
	}
	return samples.ReadFile("samples/" + name + "/main.go")
}
