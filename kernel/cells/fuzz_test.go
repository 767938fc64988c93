package cells

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTyped: whatever stands in a cell while it is typed, questions about it are answered within the cell, and taking it
// apart loses none of it.
func FuzzTyped(f *testing.F) {
	for _, code := range []string{"m := lab.Boot()\nm.To(\"pidle\")\nm.", "%stage pi", "%%boot\npackage main\n", "$ ls /t", "import \"fm", "func f() {\n\tfor i := 0; i < 3; i++ {\n",
		"x := `%raw\n$`\n%who-wrote sched.", "type T[K comparable] struct{ a, b K }\nfunc (t *T[K]) f", "\"\\u2028", "/* ", "语言.", "if x := f(); x", "%\r\n$\r", "func(a", "//\x00", "x := `a\r\nb`\ny"} {
		for _, pos := range []uint{0, uint(len(code)) / 2, uint(len(code))} {
			f.Add(code, pos)
		}
	}
	s, err := New(options)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, code string, at uint) {
		if !utf8.ValidString(code) { // messages are JSON
			return
		}
		pos := int(at % (uint(len(code)) + 1))
		for pos < len(code) && !utf8.RuneStart(code[pos]) { // front ends count characters
			pos++
		}
		if c := s.Complete(code, pos); c.Start < 0 || c.Start > c.End || c.End > len(code) {
			t.Errorf("completion of %q at %d replaces %d:%d", code, pos, c.Start, c.End)
		}
		s.Inspect(code, pos, 0)
		s.IsComplete(code)
		lines := 0
		for _, p := range parts(code) {
			if p.command {
				if got := strings.TrimRight(strings.Split(code, "\n")[p.line-1], " \t\r"); got != p.text || p.line <= lines {
					t.Errorf("%q: command %q on line %d, which is %q", code, p.text, p.line, got)
				}
				lines = p.line
				continue
			}
			end := 0
			for _, it := range split(p.text) {
				if it.start < end || it.end < it.start || it.end > len(p.text) {
					t.Fatalf("%q: item %d:%d after %d", p.text, it.start, it.end, end)
				}
				end = it.end
			}
		}
	})
}
