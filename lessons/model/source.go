// Package model runs a small model of the runtime's initialisation (package boot, below), or a reader's version of it, in the
// interpreter, and compares what it leaves, field by field, with the memory of a real program at the same moments.
package model

import (
	"embed"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/version"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed boot/*.go
var files embed.FS

// tag is the build tag of what Go 1.25 and earlier do otherwise.
const tag = "rt0_go125"

// Source returns the model for a version of Go, such as "go1.26.8", as one Go file.
func Source(goVersion string) (string, error) { return Merge(goVersion, "") }

// Declaration returns the declaration of a name of the model's, such as "wirep" or "p.init", with its comment.
func Declaration(goVersion, name string) (string, error) {
	decls, _, err := model(goVersion)
	if err != nil {
		return "", err
	}
	for _, d := range decls {
		if slices.Contains(d.names, name) {
			return d.text + "\n", nil
		}
	}
	return "", fmt.Errorf("the model declares no %s", name)
}

// Merge returns the model for a version of Go as one Go file, with the declarations of a cell in the place of those of the
// model that have the same name. Lines of the cell keep their numbers.
func Merge(goVersion, cell string) (string, error) {
	decls, imports, err := model(goVersion)
	if err != nil {
		return "", err
	}
	body, own, more, err := parseCell(cell)
	if err != nil {
		return "", err
	}
	for _, i := range more {
		if !slices.Contains(imports, i) {
			imports = append(imports, i)
		}
	}
	var b strings.Builder
	b.WriteString("package boot; import (")
	for i, path := range imports {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(strconv.Quote(path))
	}
	b.WriteString("); " + body + "\n")
	for _, d := range decls {
		replaced := func(name string) bool { return slices.Contains(own, name) }
		if !slices.ContainsFunc(d.names, replaced) {
			b.WriteString("\n" + d.text + "\n")
		}
	}
	return b.String(), nil
}

// parseCell takes a reader's code apart: its text with package clause and imports blanked out, so that lines keep their
// numbers, the names that it declares, and the paths that it imports.
func parseCell(cell string) (body string, names, imports []string, err error) {
	shift := 0
	src := cell
	if !strings.HasPrefix(strings.TrimSpace(stripComments(src)), "package ") {
		const head = "package boot;"
		src, shift = head+cell, len(head)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		var list scanner.ErrorList
		if errors.As(err, &list) && len(list) > 0 {
			err = fmt.Errorf("line %d: %s", list[0].Pos.Line, list[0].Msg)
		}
		return "", nil, nil, fmt.Errorf("this is not Go: %w", err)
	}
	decls, imports := declarations(fset, f, src)
	for _, d := range decls {
		names = append(names, d.names...)
	}
	text := []byte(src)
	blank := func(from, to token.Pos) {
		for i := fset.Position(from).Offset; i < fset.Position(to).Offset; i++ {
			if text[i] != '\n' {
				text[i] = ' '
			}
		}
	}
	blank(f.Package, f.Name.End())
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			blank(g.Pos(), g.End())
		}
	}
	if shift > 0 {
		text = text[shift:]
	}
	return string(text), names, imports, nil
}

// stripComments returns the source without leading line comments.
func stripComments(src string) string {
	for {
		src = strings.TrimLeft(src, " \t\r\n")
		if !strings.HasPrefix(src, "//") {
			return src
		}
		_, src, _ = strings.Cut(src, "\n")
	}
}

// model returns the declarations of the model for a version of Go, in the order of the files' names, and what they import.
func model(goVersion string) (decls []declaration, imports []string, err error) {
	old, err := before126(goVersion)
	if err != nil {
		return nil, nil, err
	}
	names, err := fs.Glob(files, "boot/*.go")
	if err != nil {
		return nil, nil, err
	}
	for _, name := range names {
		src, err := files.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		if strings.HasSuffix(name, "_test.go") || !built(string(src), old) {
			continue
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil, err
		}
		d, i := declarations(fset, f, string(src))
		decls = append(decls, d...)
		for _, path := range i {
			if !slices.Contains(imports, path) {
				imports = append(imports, path)
			}
		}
	}
	return decls, imports, nil
}

// before126 says whether the version is Go 1.25 or earlier; "" is the latest. The model begins with Go 1.21, when g0's stack
// became what it is.
func before126(v string) (bool, error) {
	if v == "" {
		return false, nil
	}
	v, _, _ = strings.Cut(v, " ") // experiments follow
	v = version.Lang("go" + strings.TrimPrefix(v, "go"))
	switch {
	case v == "":
		return false, errors.New("the model does not know this version of Go")
	case version.Compare(v, "go1.21") < 0:
		return false, fmt.Errorf("the model is of Go 1.21 and later, not of %s", v)
	}
	return version.Compare(v, "go1.26") < 0, nil
}

// built says whether a file belongs to the model, by its build constraint.
func built(src string, old bool) bool {
	line, _, _ := strings.Cut(src, "\n")
	if !constraint.IsGoBuild(line) {
		return true
	}
	expr, err := constraint.Parse(line)
	return err == nil && expr.Eval(func(t string) bool { return t == tag && old })
}
