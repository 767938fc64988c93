package cells

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"path"
	"strconv"

	"github.com/traefik/yaegi/stdlib"

	"github.com/rt0lab/rt0/lessons/script/symbols"
)

func itoa(n int) string { return strconv.Itoa(n) }

// importName returns the name by which a file knows an import, and its path.
func importName(i *ast.ImportSpec) (name, importPath string) {
	importPath, _ = strconv.Unquote(i.Path.Value)
	if i.Name != nil {
		return i.Name.Name, importPath
	}
	if name := packageName(importPath); name != "" {
		return name, importPath
	}
	return path.Base(importPath), importPath
}

// packageName returns the name of a package that the interpreter has, or "".
func packageName(importPath string) string {
	for key := range stdlib.Symbols { // at most one matches
		if path.Dir(key) == importPath {
			return path.Base(key)
		}
	}
	for key := range symbols.Symbols {
		if path.Dir(key) == importPath {
			return path.Base(key)
		}
	}
	return ""
}

// available says whether cells can import a package.
func (s *Session) available(importPath string) bool {
	return importPath == displayPath || importPath == "unsafe" || packageName(importPath) != "" || generic[importPath]
}

// generic are packages that the interpreter has as source.
var generic = map[string]bool{"slices": true, "maps": true, "cmp": true, "sync/atomic": true, "sync": true}

// usedNames returns the identifiers of a text.
func usedNames(code string) map[string]bool {
	names := map[string]bool{}
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", -1, len(code)), []byte(code), func(token.Position, string) {}, 0)
	for {
		_, tok, lit := sc.Scan()
		switch tok {
		case token.EOF:
			return names
		case token.IDENT:
			names[lit] = true
		}
	}
}

func statementsOf(code string) []item {
	return filter(code, func(k token.Token) bool { return k == token.ILLEGAL })
}

func declarationsOf(code string) []item {
	return filter(code, func(k token.Token) bool { return k != token.ILLEGAL })
}

func filter(code string, want func(token.Token) bool) (out []item) {
	for _, it := range split(code) {
		if want(it.kind) {
			out = append(out, it)
		}
	}
	return out
}
