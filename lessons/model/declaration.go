package model

import (
	"go/ast"
	"go/token"
	"strconv"
)

// A declaration is a piece of Go source that declares names together.
type declaration struct {
	// names are what it declares; a method is "p.init".
	names []string
	text  string
}

// declarations takes a file apart. What is declared in parentheses stays together if it is constants, which may count up;
// else each line of it is a declaration of its own.
func declarations(fset *token.FileSet, f *ast.File, src string) (decls []declaration, imports []string) {
	text := func(from, to token.Pos) string { return src[fset.Position(from).Offset:fset.Position(to).Offset] }
	start := func(doc *ast.CommentGroup, at token.Pos) token.Pos {
		if doc != nil {
			return doc.Pos()
		}
		return at
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			decls = append(decls, declaration{[]string{funcName(d)}, text(start(d.Doc, d.Pos()), d.End())})
		case *ast.GenDecl:
			switch {
			case d.Tok == token.IMPORT:
				for _, s := range d.Specs {
					path, err := strconv.Unquote(s.(*ast.ImportSpec).Path.Value)
					if err == nil {
						imports = append(imports, path)
					}
				}
			case d.Tok == token.CONST || !d.Lparen.IsValid():
				one := declaration{text: text(start(d.Doc, d.Pos()), d.End())}
				for _, s := range d.Specs {
					one.names = append(one.names, specNames(s)...)
				}
				decls = append(decls, one)
			default:
				for _, s := range d.Specs {
					decls = append(decls, declaration{specNames(s), d.Tok.String() + " " + text(s.Pos(), s.End())})
				}
			}
		}
	}
	return decls, imports
}

func specNames(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return []string{s.Name.Name}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// funcName returns a function's name, for a method with its type's in front.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + d.Name.Name
	}
	return d.Name.Name
}
