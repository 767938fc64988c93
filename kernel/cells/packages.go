package cells

import (
	"go/ast"
	"go/scanner"
	"go/token"
	"path"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/script/symbols"
)

func itoa(n int) string { return strconv.Itoa(n) }

// A library is what cells can import.
type library struct {
	// std are the packages of Go's standard library, all of them or some.
	std interp.Exports
	// own are those that the session makes itself.
	own interp.Exports
}

// full is how many packages a table must have to be called the standard library.
const full = 100

// find returns a package's name and what it exports; "" if the interpreter does not have it.
func (l library) find(importPath string) (name string, members map[string]reflect.Value) {
	for _, all := range []interp.Exports{l.std, symbols.Symbols, l.own} {
		for key, members := range all { // at most one matches
			if path.Dir(key) == importPath {
				return path.Base(key), members
			}
		}
	}
	return "", nil
}

func (l library) exports(importPath string) map[string]reflect.Value {
	_, members := l.find(importPath)
	return members
}

// paths returns the import paths of all packages.
func (l library) paths() (list []string) {
	for _, all := range []interp.Exports{l.std, symbols.Symbols} {
		for key := range all {
			if key != "." {
				list = append(list, path.Dir(key))
			}
		}
	}
	return list
}

// importName returns the name by which a file knows an import, and its path.
func (l library) importName(i *ast.ImportSpec) (name, importPath string) {
	importPath, _ = strconv.Unquote(i.Path.Value)
	if i.Name != nil {
		return i.Name.Name, importPath
	}
	if name, _ := l.find(importPath); name != "" {
		return name, importPath
	}
	return path.Base(importPath), importPath
}

// list tells what can be imported.
func (l library) list() string {
	const lab = "github.com/rt0lab/rt0/lessons/lab"
	if len(l.std) >= full {
		return "the standard library of Go 1.22 and " + lab
	}
	var names []string
	for key := range l.std {
		if key != "." {
			names = append(names, path.Dir(key))
		}
	}
	sort.Strings(names)
	return strings.Join(names, ", ") + " and " + lab
}

// available says whether cells can import a package.
func (s *Session) available(importPath string) bool {
	name, _ := s.library.find(importPath)
	return importPath == displayPath || importPath == "unsafe" || name != "" || generic[importPath]
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
