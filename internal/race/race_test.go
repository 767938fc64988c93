package race

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mostInterpreted is how many tests the list has. Whoever mends one makes it smaller; nobody makes it larger.
const mostInterpreted = 5

func TestList(t *testing.T) {
	if n := len(interpreted); n != mostInterpreted {
		t.Errorf("the list has %d tests, want %d", n, mostInterpreted)
	}
	seen := map[string]bool{}
	for _, entry := range interpreted {
		if seen[entry] {
			t.Errorf("%s stands there twice", entry)
		}
		seen[entry] = true
		dir, name, _ := strings.Cut(entry, " ")
		functions, texts := testsOf(t, filepath.Join("../..", filepath.FromSlash(dir)))
		test, subtests, _ := strings.Cut(name, "/")
		if !functions[test] {
			t.Errorf("%s: there is no such test", entry)
		}
		for sub := range strings.SplitSeq(subtests, "/") {
			if sub != "" && !texts[sub] {
				t.Errorf("%s: no subtest has the name %s", entry, sub)
			}
		}
	}
}

// testsOf returns the names of the test functions in a folder, and the texts in its tests as names of subtests.
func testsOf(t *testing.T, dir string) (functions, texts map[string]bool) {
	t.Helper()
	functions, texts = map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil {
					functions[n.Name.Name] = true
				}
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					text, _ := strconv.Unquote(n.Value)
					texts[strings.ReplaceAll(text, " ", "_")] = true
				}
			}
			return true
		})
	}
	return functions, texts
}

func TestPackageDir(t *testing.T) {
	if got := packageDir(); got != "internal/race" {
		t.Errorf("%q", got)
	}
}
