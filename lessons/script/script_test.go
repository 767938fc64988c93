package script

import (
	"bytes"
	"context"
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
