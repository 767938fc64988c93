package spec_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/patience"
)

// TestConsole types into jupyter console.
func TestConsole(t *testing.T) {
	p := place(t, "jupyter_console", "/usr/bin/jupyter-console")
	input := "import \"fmt\"\nfor i := 0; i < 3; i++ { fmt.Println(\"line\", i) }\n6*7\n%stage pidle\npanic(\"oh\")\n"
	out, err := p.RunInput(patience.Limit, input, "/usr/bin/jupyter", "console", "--kernel", "rt0", "--simple-prompt", "--JupyterConsoleApp.confirm_exit=False")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"rt0 ", "line 2\n", "Out[3]: 42\n", "sched.pidle ───►│ P3 * │", "oh"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("jupyter console does not print %q:\n%s", want, out)
		}
	}
}

// TestRun runs a file, and standard input, with jupyter run: that appends its own arguments to the kernel's.
func TestRun(t *testing.T) {
	p := place(t, "/usr/bin/jupyter-run")
	file := filepath.Join(p.Dir, "cell.go")
	code := "import \"fmt\"\nfmt.Println(\"seven\", 6+1)\n"
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		input string
		args  []string
	}{
		{"", []string{"run", "--kernel=rt0", file}},
		{code, []string{"run", "--kernel=rt0"}},
	} {
		out, err := p.RunInput(patience.Limit, c.input, "/usr/bin/jupyter", c.args...)
		if err != nil || !strings.Contains(string(out), "seven 7\n") {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if out, err := p.RunInput(patience.Limit, "panic(\"oh\")\n", "/usr/bin/jupyter", "run", "--kernel=rt0"); err == nil {
		t.Errorf("a panic is no failure of jupyter run:\n%s", out)
	}
}

// TestReadme runs the cells that the kernel's README shows.
func TestReadme(t *testing.T) {
	p := place(t, "/usr/bin/jupyter-run")
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(text), "```go\n")[1:]
	if len(blocks) < 2 {
		t.Fatalf("the README shows %d cells", len(blocks))
	}
	for _, b := range blocks {
		cell, _, _ := strings.Cut(b, "```")
		out, err := p.RunInput(patience.Limit, cell, "/usr/bin/jupyter", "run", "--kernel=rt0")
		_, want, shown := strings.Cut(cell, "// Out: ")
		if err != nil || shown && !strings.HasSuffix(strings.TrimSpace(string(out)), strings.TrimSpace(want)) {
			t.Errorf("%s: %v\n%s", cell, err, out)
		}
	}
}
