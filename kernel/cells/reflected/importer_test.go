package reflected

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/traefik/yaegi/stdlib"
)

// TestCheck checks programs against packages of which only values are known.
func TestCheck(t *testing.T) {
	im := NewImporter(stdlib.Symbols)
	for _, k := range []struct{ src, fault string }{
		{`import "strings"; var x int = strings.Index("a", "b")`, ""},
		{`import "strings"; var x int = strings.ToUpper("a")`, "cannot use"},
		{`import ("os"; "io"); var w io.Writer = os.Stdout`, ""},
		{`import ("bytes"; "io"); var w io.Writer = bytes.Buffer{}`, "pointer receiver"},
		{`import ("bytes"; "io"); var w io.Writer = &bytes.Buffer{}`, ""},
		{`import "time"; var d time.Duration = 3 * time.Second; var m = time.Now().Month() == time.March`, ""},
		{`import "math"; var a [math.MaxInt8]int; var n int = len(a)`, ""},
		{`import "sort"; func f(s []int) { sort.Slice(s, func(i, j int) bool { return s[i] < s[j] }) }`, ""},
		{`import "net/http"; func f(w http.ResponseWriter, r *http.Request) { w.Header().Set(r.URL.Path, http.MethodGet) }; var h http.Handler = http.HandlerFunc(f)`, ""},
		{`import ("go/ast"); var e ast.Expr = &ast.Ident{Name: "x"}`, ""},
		{`import ("errors"; "fmt"); var e error = fmt.Errorf("%w", errors.New("x"))`, ""},
		{`import "context"; func f(ctx context.Context) { <-ctx.Done() }; func g() { f(context.Background()) }`, ""},
		{`import "nowhere"`, "no package nowhere"},
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package p; "+k.src, 0)
		if err != nil {
			t.Fatal(err)
		}
		conf := types.Config{Importer: im}
		_, err = conf.Check("p", fset, []*ast.File{f}, nil)
		if got := ""; err != nil {
			got = err.Error()
			if k.fault == "" || !strings.Contains(got, k.fault) {
				t.Errorf("%s: %s, want %q", k.src, got, k.fault)
			}
		} else if k.fault != "" {
			t.Errorf("%s: no fault, want %q", k.src, k.fault)
		}
	}
}

// TestAll imports every package that the interpreter has.
func TestAll(t *testing.T) {
	im := NewImporter(stdlib.Symbols)
	for key := range stdlib.Symbols {
		if i := strings.LastIndexByte(key, '/'); i > 0 {
			if _, err := im.Import(key[:i]); err != nil {
				t.Error(err)
			}
		}
	}
}
