//go:build !js

package cells

import (
	"bytes"
	"go/ast"
	"go/doc/comment"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// godoc returns the declaration and the documentation of a name in a package of the standard library, from its source: of a
// method or a field if it is "T.M", of the package itself if name is "". With detail 1 the documentation is whole. Only files
// that seem to declare it are parsed, for somebody waits.
func godoc(pkg, name string, detail int) string {
	if goroot() == "" {
		return ""
	}
	list, err := filepath.Glob(filepath.Join(goroot(), "src", filepath.FromSlash(pkg), "*.go"))
	if err != nil {
		return ""
	}
	typ, member, _ := strings.Cut(name, ".")
	declares := regexp.MustCompile(`(?m)(^func |^type |^var |^const |^\t)` + regexp.QuoteMeta(typ) + `\b`)
	if member != "" {
		declares = regexp.MustCompile(`(?m)(^type |^\t)` + typ + `\b|^func \(.*\b` + typ + `\b.*\) ` + member + `\(`)
	}
	for _, file := range list {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil || !declares.Match(src) || !bytes.Contains(src, []byte(member)) {
			continue
		}
		fset := token.NewFileSet()
		if name == "" {
			f, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.PackageClauseOnly)
			if err == nil && f.Doc != nil && f.Name.Name != "main" {
				return "package " + f.Name.Name + " // import \"" + pkg + "\"\n\n" + brief(f.Doc.Text(), detail)
			}
			continue
		}
		f, err := parser.ParseFile(fset, file, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, d := range f.Decls {
			if text := aboutDecl(fset, d, typ, member, detail); text != "" {
				return text
			}
		}
	}
	return ""
}

// aboutDecl returns what a declaration says of a name, "" if it does not declare it.
func aboutDecl(fset *token.FileSet, d ast.Decl, typ, member string, detail int) string {
	show := func(n any, doc *ast.CommentGroup) string {
		var b bytes.Buffer
		printer.Fprint(&b, fset, n)
		return b.String() + "\n\n" + brief(doc.Text(), detail)
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name == typ && member == "" || d.Recv != nil && d.Name.Name == member && funcName(d) == typ+"."+member {
			doc := d.Doc
			d.Body, d.Doc = nil, nil
			return show(d, doc)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			doc := d.Doc
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Doc != nil {
					doc = s.Doc
				}
				if s.Name.Name == typ && member == "" {
					return show(&ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{&ast.TypeSpec{Name: s.Name, TypeParams: s.TypeParams, Assign: s.Assign, Type: s.Type}}}, doc)
				}
				if s.Name.Name == typ {
					return aboutMember(fset, s.Type, member, detail)
				}
			case *ast.ValueSpec:
				if s.Doc != nil {
					doc = s.Doc
				}
				for _, n := range s.Names {
					if n.Name == typ && member == "" {
						return show(&ast.GenDecl{Tok: d.Tok, Specs: []ast.Spec{&ast.ValueSpec{Names: s.Names, Type: s.Type, Values: s.Values}}}, doc)
					}
				}
			}
		}
	}
	return ""
}

// aboutMember returns what a type's declaration says of a field, or of an interface's method.
func aboutMember(fset *token.FileSet, t ast.Expr, member string, detail int) string {
	var list *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return ""
	}
	for _, f := range list.List {
		for _, n := range f.Names {
			if n.Name == member {
				var b bytes.Buffer
				printer.Fprint(&b, fset, f.Type)
				return n.Name + " " + b.String() + "\n\n" + brief(f.Doc.Text()+f.Comment.Text(), detail)
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

// docText turns a doc comment into plain text.
func docText(doc string) string {
	var p comment.Parser
	var pr comment.Printer
	return string(pr.Text(p.Parse(doc)))
}
