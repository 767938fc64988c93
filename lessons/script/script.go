// Package script reads lessons and runs them. A lesson is a Go program whose main function alternates prose and code: prose
// in block comments that begin with the language, /*en …*/ and /*zh …*/, as Markdown; code between them, one cell each. So
// the same file is compiled by Go, run cell by cell in the interpreter, and turned into notebooks.
package script

import (
	"embed"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"
)

//go:embed scripts/*.go
var files embed.FS

// A Lesson is a script, taken apart.
type Lesson struct {
	// Name is the file's name without its ending and without the number in front, such as "alignment".
	Name string
	// Number is where the lesson stands in the course.
	Number int
	// Title is the first heading, by language.
	Title map[string]string
	// Imports are the paths that the code needs.
	Imports []string
	Parts   []Part
	// Source is the whole file.
	Source string
}

// A Part is prose, or code if Code is not empty.
type Part struct {
	// Prose is Markdown by language.
	Prose map[string]string
	Code  string
	// Line is where the code begins in the file.
	Line int
}

// Langs are the languages of every lesson.
var Langs = []string{"en", "zh"}

// All returns the lessons in the order of the course.
func All() ([]*Lesson, error) {
	names, err := fs.Glob(files, "scripts/*.go")
	if err != nil {
		return nil, err
	}
	var all []*Lesson
	for _, n := range names {
		src, err := files.ReadFile(n)
		if err != nil {
			return nil, err
		}
		l, err := Parse(path.Base(n), src)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Number < all[j].Number })
	return all, nil
}

// Named returns the lesson of that name.
func Named(name string) (*Lesson, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, l := range all {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return nil, fmt.Errorf("there is no lesson %q; there are %s", name, strings.Join(names, ", "))
}

// Parse takes a script apart. The file's name is its number in two digits, "_" and the lesson's name.
func Parse(name string, src []byte) (*Lesson, error) {
	l := &Lesson{Source: string(src), Title: map[string]string{}}
	if _, err := fmt.Sscanf(name, "%d_", &l.Number); err != nil {
		return nil, fmt.Errorf("%s: the name of a lesson begins with its number and _", name)
	}
	_, l.Name, _ = strings.Cut(strings.TrimSuffix(name, ".go"), "_")
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, i := range f.Imports {
		l.Imports = append(l.Imports, strings.Trim(i.Path.Value, `"`))
	}
	var body *ast.BlockStmt
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "main" {
				body = d.Body
				continue
			}
			return nil, fmt.Errorf("%s: func %s: a lesson has no functions but main; assign a function to a variable", name, d.Name.Name)
		case *ast.GenDecl:
			if d.Tok != token.IMPORT {
				return nil, fmt.Errorf("%s: a lesson declares everything in main", name)
			}
		}
	}
	if body == nil {
		return nil, fmt.Errorf("%s: no func main", name)
	}
	file := fset.File(f.Pos())
	at := file.Offset(body.Lbrace) + 1
	end := file.Offset(body.Rbrace)
	code := func(to int) {
		text := string(src[at:to])
		if strings.TrimSpace(text) == "" {
			return
		}
		line := file.Line(file.Pos(at + len(text) - len(strings.TrimLeft(text, " \t\n"))))
		l.Parts = append(l.Parts, Part{Code: dedent(text), Line: line})
	}
	for _, g := range f.Comments {
		for _, c := range g.List {
			start := file.Offset(c.Pos())
			if start < at || start > end || !strings.HasPrefix(c.Text, "/*") {
				continue
			}
			lang, prose, ok := strings.Cut(strings.TrimSuffix(c.Text[2:], "*/"), "\n")
			lang = strings.TrimSpace(lang)
			if !ok || !slices.Contains(Langs, lang) {
				continue
			}
			code(start)
			at = file.Offset(c.End())
			l.addProse(lang, unindent(prose))
		}
	}
	code(end)
	return l, l.check(name)
}

// addProse adds prose: to the part before if that lacks the language.
func (l *Lesson) addProse(lang, text string) {
	if l.Title[lang] == "" {
		if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "# ") {
			l.Title[lang] = strings.TrimPrefix(first, "# ")
		}
	}
	if n := len(l.Parts); n > 0 && l.Parts[n-1].Code == "" && l.Parts[n-1].Prose[lang] == "" {
		l.Parts[n-1].Prose[lang] = text
		return
	}
	l.Parts = append(l.Parts, Part{Prose: map[string]string{lang: text}})
}

// check finds what is incomplete.
func (l *Lesson) check(name string) error {
	var errs []error
	for _, lang := range Langs {
		if l.Title[lang] == "" {
			errs = append(errs, fmt.Errorf("%s: no title in %s: the first prose begins with a line \"# …\"", name, lang))
		}
		for i, p := range l.Parts {
			if p.Code == "" && p.Prose[lang] == "" {
				errs = append(errs, fmt.Errorf("%s: part %d is missing in %s", name, i+1, lang))
			}
		}
	}
	return errors.Join(errs...)
}

// unindent takes the indentation of the first line from all lines.
func unindent(s string) string {
	lines := strings.Split(strings.TrimRight(s, " \t\n"), "\n")
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return ""
	}
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], " \t"))]
	for i := range lines {
		lines[i] = strings.TrimRight(strings.TrimPrefix(lines[i], indent), " \t")
	}
	return strings.Join(lines, "\n")
}

// dedent returns a piece of a function's body as it stands on its own. Lessons are formatted by gofmt, so that nothing but the
// indentation has to go.
func dedent(code string) string { return strings.TrimSpace(unindent(code)) + "\n" }
