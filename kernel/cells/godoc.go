//go:build !js

package cells

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// goroot returns where the Go distribution lies, or "" if there is none here.
var goroot = sync.OnceValue(func() string {
	if dir := os.Getenv("GOROOT"); dir != "" {
		return dir
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
})

// godoc returns the declaration and the documentation of a name in a package of the standard library, from its source; of
// the package itself if name is "". With detail 1 the documentation is whole.
func godoc(pkg, name string, detail int) string {
	dir := filepath.Join(goroot(), "src", filepath.FromSlash(pkg))
	if goroot() == "" {
		return ""
	}
	fset := token.NewFileSet()
	list, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return ""
	}
	var files []*ast.File
	for _, file := range list {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := fs.ReadFile(os.DirFS(filepath.Dir(file)), filepath.Base(file))
		if err != nil {
			continue
		}
		if f, err := parser.ParseFile(fset, file, src, parser.ParseComments); err == nil && f.Name.Name != "main" {
			files = append(files, f)
		}
	}
	p, err := doc.NewFromFiles(fset, files, pkg)
	if err != nil {
		return ""
	}
	if name == "" {
		return "package " + p.Name + " // import \"" + pkg + "\"\n\n" + brief(p.Doc, detail)
	}
	show := func(decl ast.Node, text string) string {
		if f, ok := decl.(*ast.FuncDecl); ok {
			f.Body = nil
		}
		var b bytes.Buffer
		printer.Fprint(&b, fset, decl)
		return b.String() + "\n\n" + brief(text, detail)
	}
	funcs := p.Funcs
	for _, t := range p.Types {
		if t.Name == name {
			return show(t.Decl, t.Doc)
		}
		funcs = append(funcs, t.Funcs...)
		p.Consts, p.Vars = append(p.Consts, t.Consts...), append(p.Vars, t.Vars...)
	}
	for _, f := range funcs {
		if f.Name == name {
			return show(f.Decl, f.Doc)
		}
	}
	for _, v := range append(p.Consts, p.Vars...) {
		for _, n := range v.Names {
			if n == name {
				return show(v.Decl, v.Doc)
			}
		}
	}
	return ""
}

// brief returns the first paragraphs of a doc comment, or all of it.
func brief(text string, detail int) string {
	text = docText(text)
	if detail > 0 {
		return text
	}
	paragraphs := strings.SplitN(text, "\n\n", 3)
	return strings.Join(paragraphs[:min(2, len(paragraphs))], "\n\n")
}
