package cells

import (
	"context"
	"strings"
	"testing"
)

// TestUnstored runs cells that are not stored in the history, as extensions of front ends do: they all have the number of the
// last cell that was.
func TestUnstored(t *testing.T) {
	n := newNotebook(t)
	unstored := func(code string) result {
		t.Helper()
		n.request(map[string]any{"code": code, "store_history": false})
		return n.wait()
	}
	for _, k := range []struct {
		run        func(string) result
		code, want string
	}{
		{unstored, "import \"fmt\"\nfmt.Sprint(1)", "1"},
		{unstored, "fmt.Sprint(2)", "2"},
		{unstored, "import \"fmt\"\nfmt.Sprint(3)", "3"},
		{n.run, "func f() string { return fmt.Sprint(4) }\nf()", "4"},
		{n.run, "fmt.Sprint(5)", "5"},
		{unstored, "fmt.Sprint(6)", "6"},
		{unstored, "%help\nfmt.Sprint(7)\n%help\nfmt.Sprint(f())", "4"},
		{unstored, "fmt.Sprint(_, Out[1])", "54"}, // only what is stored is recalled
	} {
		if r := k.run(k.code); r.failure != "" || r.value != k.want {
			t.Errorf("%s: %q, %s; want %q", k.code, r.value, r.failure, k.want)
		}
	}
	r := unstored("x := 1\nfmt.Sprint(x +)")
	if want := "cell[2]:2:15: "; !strings.Contains(r.failure, want) || !strings.Contains(r.traceback, "fmt.Sprint(x +)\n") {
		t.Errorf("%q\n%s\nwant %q and the line", r.failure, r.traceback, want)
	}
	unstored("func g(a []int) int { return a[3] }")
	if r = unstored("\ng(nil)"); !strings.Contains(r.traceback, "at cell[2]:2:1") || strings.Contains(r.traceback, prime) {
		t.Errorf("%s", r.traceback)
	}

	other := newNotebook(t) // a session that takes over has the same files
	if err := other.s.Restore(context.Background(), n.s.Journal().Parts); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if r := other.run("fmt.Sprint(f())"); r.value != "4" {
			t.Errorf("%+v", r)
		}
	}
}
