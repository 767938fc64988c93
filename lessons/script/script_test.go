package script

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLessons runs every lesson in both languages in the interpreter, and compiled by Go: the cells print the same.
func TestLessons(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for _, lang := range Langs {
			t.Run(l.Name+"/"+lang, func(t *testing.T) {
				var out bytes.Buffer
				if err := Run(context.Background(), &out, l, Options{Lang: lang, CodeOnly: true}); err != nil {
					t.Fatalf("%v\n%s", err, out.String())
				}
				if testing.Short() {
					return
				}
				file := filepath.Join(t.TempDir(), "main.go")
				src := strings.Replace(l.Source, "//go:build ignore\n", "", 1)
				src = strings.Replace(src, "func main() {\n", "func main() {\n\tlab.Lang = \""+lang+"\"\n", 1)
				if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
					t.Fatal(err)
				}
				compiled, err := exec.Command("go", "run", file).CombinedOutput()
				if err != nil {
					t.Fatalf("compiled: %v\n%s", err, compiled)
				}
				if out.String() != string(compiled) {
					t.Errorf("interpreted:\n%s\ncompiled:\n%s", out.String(), compiled)
				}
			})
		}
	}
}

func TestCheckDialect(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"for i := range 10 { _ = i }", "range over an integer"},
		{"x := []int{}\nfor i := range len(x) { _ = i }", "range over an integer"},
		{"x := min(1, 2)\n_ = x", "built-in min"},
		{"min := func(a, b int) int { return a }\n_ = min(1, 2)", ""},
		{"m := map[int]int{}\nclear(m)", "built-in clear"},
		{"import \"slices\"", "package slices"},
		{"for i := 0; i < 3; i++ {}", ""},
		{"this does not parse", ""},
	} {
		err := CheckDialect(c.code)
		var d *DialectError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.code, err)
		case c.want != "" && (!errors.As(err, &d) || d.What != c.want || d.Instead == ""):
			t.Errorf("%q: %v, want %q", c.code, err, c.want)
		}
	}
}
