package exercise

import (
	"bytes"
	"context"
	"errors"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
)

var bench = &Bench{Program: func(ctx context.Context, name, version string) (*program.Program, error) {
	return program.Find(ctx, name, program.Options{Go: version})
}}

// TestSolutions checks the reference solutions, and that where one starts is not yet right.
func TestSolutions(t *testing.T) {
	for _, e := range All {
		t.Run(e.ID, func(t *testing.T) {
			if err := e.Check(context.Background(), bench, e.Solution); err != nil {
				t.Errorf("the solution: %v", err)
			}
			if err := e.Check(context.Background(), bench, e.Start); !errors.Is(err, ErrWrong) {
				t.Errorf("the start: %v, want ErrWrong", err)
			}
			for name, text := range map[string]struct{ en, zh string }{
				"title": {e.Title.En, e.Title.Zh}, "text": {e.Text.En, e.Text.Zh}, "hint": {e.Hint.En, e.Hint.Zh}, "after": {e.After.En, e.After.Zh},
			} {
				if text.en == "" || text.zh == "" || text.en == text.zh {
					t.Errorf("%s: %q, %q: want both languages", name, text.en, text.zh)
				}
			}
		})
	}
}

// TestWrong gives wrong answers, those that readers are likely to give above all.
func TestWrong(t *testing.T) {
	solution := func(id, old, new string) string {
		e, err := Named(id)
		if err != nil {
			t.Fatal(err)
		}
		s := strings.Replace(e.Solution, old, new, 1)
		if s == e.Solution {
			t.Fatalf("%s: the solution has no %q", id, old)
		}
		return s
	}
	for _, c := range []struct{ id, code, want string }{
		{"sp-moves", "const moved = 40", "ANDQ moves SP further"},
		{"sp-moves", "const moved = 32", "rounded up"},
		{"sp-moves", "const moved = -48", "positive"},
		{"sp-moves", "const moved = 5", "Subtract 40"},
		{"sp-moves", "const moved = \"48\"", "moved must be an integer"},
		{"sp-moves", "const move = 48", "does not run"},
		{"argc-slot", "const offset = 120", "386"},
		{"argc-slot", "const offset = 16", "Go 1.17"},
		{"argc-slot", "const offset = 32", "argv"},
		{"argc-slot", "const offset = 48", "as Linux left it"},
		{"argc-slot", "const offset = 0", "no copy of argc"},
		{"g0-stack", "func lo(sp uint64) uint64 { return sp - 64*1024 }", "SP at entry"},
		{"g0-stack", "func lo(sp uint64) uint64 { return sp - 64*1024 + 104 }", "Go 1.20"},
		{"g0-stack", "func lo(sp uint64) uint64 { return sp - 48 - 64*1024 + 104 }", "Go 1.20"},
		{"g0-stack", "func lo(sp uint64) uint64 { return sp - 48 }", "g0.stack.hi"},
		{"g0-stack", "func lo(sp uint64) uint64 { return 0x7fffffff0000 }", "but g0.stack.lo is 0x7ff"},
		{"g0-stack", "func lo(sp uint64) string { return \"\" }", "must be an integer"},
		{"g-register", "const register = \"fs\"\nconst stage = \"tls\"", "points behind"},
		{"g-register", "const register = \"r14\"\nconst stage = \"bind\"", "still 0"},
		{"g-register", "const register = \"r14\"\nconst stage = \"main\"", "the stage is not main"},
		{"g-register", "const register = \"r16\"\nconst stage = \"main\"", "no general register"},
		{"g-register", "const register = \"r14\"\nconst stage = \"soon\"", "no stage"},
		{"g-register", "const register = \"rcx\"\nconst stage = \"bind\"", "rcx holds g for a while"},
		{"mcommoninit", solution("mcommoninit", "mp.id = mReserveID()", "mp.id = id"), "asks for the next one"},
		{"mcommoninit", solution("mcommoninit", "mp.alllink = allm\n\tallm = mp", "allm = mp\n\tmp.alllink = allm"), "points to itself"},
		{"mcommoninit", solution("mcommoninit", "allm = mp", ""), "allm must begin"},
		{"wirep", solution("wirep", "gp.m.p.set(pp)", ""), "does not know its p"},
		{"wirep", solution("wirep", "pp.m.set(gp.m)", ""), "two directions"},
		{"wirep", solution("wirep", "pp.status = _Prunning", ""), "is running"},
		{"wirep", solution("wirep", "gp.m.p != 0", "gp.m.p == 0"), "already in go"},
		{"wirep", "func wirep(pp *p) {", "not Go"},
		{"wirep", "", "no func wirep"},
		{"wirep", "func acquirep(pp *p) {}", "no func wirep"},
		{"allm-order", "var order = []int{0}", "no func order"},
		{"pidleput", solution("pidleput", "sched.npidle.Add(1)", ""), "is counted"},
		{"pidleput", solution("pidleput", "pp.link = sched.pidle\n\tsched.pidle.set(pp)", "sched.pidle.set(pp)\n\tpp.link = sched.pidle"), "Keep the old head"},
		{"pidleput", solution("pidleput", "sched.pidle.set(pp)", ""), "must be the head"},
		{"pidle-order", solution("pidle-order-125", "", " "), "Go 1.25 and before"},
		{"pidle-order", solution("pidle-order", "pidleput(pp)", "sched.pidle.set(pp)"), "goes through pidleput"},
		{"pidle-order-125", solution("pidle-order", "", " "), "Go 1.26"},
		{"who-wrote-pidle", "const function = \"runtime.procresize\"", "that it has called"},
		{"who-wrote-pidle", "const function = \"pidleput\"", "full name"},
		{"who-wrote-pidle", "const function = \"runtime.mstart\"", "elsewhere"},
		{"who-wrote-pidle", "const function = \"runtime.nobody\"", "no function"},
		{"gomaxprocs", "var cpus = 8\nvar env = []string{}", "change both"},
		{"gomaxprocs", "var cpus = 4\nvar env = []string{\"GOMAXPROCS=4\"}", "changes nothing"},
		{"gomaxprocs", "var cpus = 4\nvar env = []string{\"GOMAXPROCS=0\"}", "ignored"},
		{"gomaxprocs", "var cpus = 4\nvar env = []string{\"GOMAXPROCS\"}", "NAME=value"},
		{"gomaxprocs", "var cpus = 0\nvar env = []string{}", "from 1 to"},
		{"gomaxprocs", "var cpus = 4\nvar env = \"GOMAXPROCS=2\"", "[]string"},
		{"allm-order", "func order(n int) []int { return []int{0} }", "you return 1 ids"},
		{"allm-order", "func order(n int) []int {\n\tids := []int{}\n\tfor i := 0; i < n; i++ {\n\t\tids = append(ids, i)\n\t}\n\treturn ids\n}", "in which they were made"},
		{"allm-order", "func order(n int) []int { return make([]int, n) }", "but allm is"},
		{"allm-order", "func order(n int) int { return n }", "list of integers"},
	} {
		t.Run(c.id, func(t *testing.T) {
			e, err := Named(c.id)
			if err != nil {
				t.Fatal(err)
			}
			err = e.Check(context.Background(), bench, c.code)
			var w *Wrong
			if !errors.As(err, &w) || !errors.Is(err, ErrWrong) {
				t.Fatalf("%v, want a *Wrong", err)
			}
			if !strings.Contains(w.Text.En, c.want) {
				t.Errorf("%s\nsays: %s\nwant: …%s…", c.code, w.Text.En, c.want)
			}
			if w.Text.Zh == "" || w.Text.Zh == w.Text.En {
				t.Errorf("in Chinese: %q", w.Text.Zh)
			}
			if w.Figure != nil {
				if figure := w.Figure("zh").Render(picture.TextOptions{}); !strings.Contains(figure, "*") {
					t.Errorf("nothing is marked:\n%s", figure)
				}
			}
		})
	}
}

// TestOneRegister tries all registers: only R14 is right, whatever others hold by chance.
func TestOneRegister(t *testing.T) {
	for _, name := range emulator.GPRNames {
		for _, stage := range lessons.Stages {
			err := gRegister.Check(context.Background(), bench, "const register = \""+name+"\"; const stage = \""+stage.ID+"\"")
			if right := name == "r14" && stage.ID == "args"; (err == nil) != right {
				t.Errorf("%s since %s: %v", name, stage.ID, err)
			}
		}
	}
}

func TestCode(t *testing.T) {
	for _, c := range []struct {
		id     string
		values []any
		want   string
	}{
		{"sp-moves", []any{48}, "var moved = 48\n"},
		{"sp-moves", []any{"const moved = 48"}, "const moved = 48"},
		{"who-wrote-pidle", []any{"runtime.pidleput"}, "var function = \"runtime.pidleput\"\n"},
		{"gomaxprocs", []any{4, []string{"GOMAXPROCS=2"}}, "var cpus = 4\nvar env = []string{\"GOMAXPROCS=2\"}\n"},
		{"wirep", []any{"func wirep(pp *p) {}"}, "func wirep(pp *p) {}"},
		{"g-register", []any{"r14"}, ""},
		{"wirep", []any{7}, ""},
	} {
		e, err := Named(c.id)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Code(c.values...); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %v: %q, %v; want %q", c.id, c.values, got, err, c.want)
		}
	}
}

// TestMarkdown: a notebook shows the very text of each exercise.
func TestMarkdown(t *testing.T) {
	tags := regexp.MustCompile(`</?(h3|p|pre|code)[^>]*>`)
	for _, e := range All {
		for _, lang := range []string{"en", "zh"} {
			var b bytes.Buffer
			if err := goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(e.Markdown(lang)), &b); err != nil {
				t.Fatal(err)
			}
			got := strings.Fields("# " + html.UnescapeString(tags.ReplaceAllString(b.String(), "")))
			if want := strings.Fields(e.Question(lang)); !slices.Equal(got, want) {
				t.Errorf("%s, %s: %q; want %q", e.ID, lang, got, want)
			}
			prose, _, _ := strings.Cut(e.Markdown(lang), "```go")
			if strings.Count(prose, "$") != strings.Count(prose, `\$`) {
				t.Errorf("%s, %s: a dollar begins a formula: %s", e.ID, lang, prose)
			}
		}
	}
}
