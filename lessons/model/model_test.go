package model

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
	"github.com/rt0lab/rt0/lessons/turns"
)

func tour(t *testing.T, version string, cpus int, env ...string) *lessons.Tour {
	t.Helper()
	p, err := program.Find(context.Background(), program.Default, program.Options{Go: version})
	if err != nil {
		t.Fatal(err)
	}
	m, err := emulator.New(emulator.Config{Program: p.File, Path: p.Path, Args: []string{p.Name}, CPUs: cpus, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	tour, err := lessons.NewTour(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return tour
}

// TestModel holds the model to real boots: no field differs at any stage.
func TestModel(t *testing.T) {
	for _, c := range []struct {
		version string
		cpus    int
		env     []string
	}{
		{"", 1, nil},
		{"", 2, nil},
		{"", 4, nil},
		{"", 8, nil},
		{"", 4, []string{"GOMAXPROCS=3"}},
		{"", 2, []string{"GOMAXPROCS=5", "GOMAXPROCS=7"}},
		{"", 2, []string{"GOMAXPROCS=many"}},
		{"1.25.0", 4, nil},
		{"1.21.13", 2, nil},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			d, err := Compare(context.Background(), "", tour(t, c.version, c.cpus, c.env...))
			if err != nil {
				t.Fatal(err)
			}
			if d != nil {
				t.Fatal(d.Text().En)
			}
		})
	}
}

// TestCompiled runs the model compiled by Go as well: it does the same as interpreted.
func TestCompiled(t *testing.T) {
	const head = `package main; import "fmt"; func main() { for _, l := range Run(0x7ffc00001230, 4, "3") { fmt.Println(l) } }; `
	for _, version := range []string{"1.25", "1.26"} {
		src, err := Source(version)
		if err != nil {
			t.Fatal(err)
		}
		_, src, _ = strings.Cut(src, "package boot; ")
		dir := t.TempDir()
		for name, text := range map[string]string{"boot.go": "package main; " + src, "main.go": head, "go.mod": "module boot\ngo 1.26\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("go", "run", ".")
		cmd.Dir = dir
		compiled, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, compiled)
		}
		stages, err := Run(context.Background(), version, "", Input{SP: 0x7ffc00001230, CPUs: 4, GOMAXPROCS: "3"})
		if err != nil {
			t.Fatal(err)
		}
		var interpreted strings.Builder
		for _, s := range stages {
			fmt.Fprintln(&interpreted, "@"+s.Stage)
			for _, f := range s.Fields {
				fmt.Fprintln(&interpreted, f.Path, f.Value)
			}
		}
		if interpreted.String() != string(compiled) {
			t.Errorf("Go %s: interpreted:\n%s\ncompiled:\n%s", version, &interpreted, compiled)
		}
	}
}

// TestDifference changes the model and looks at what is said of it.
func TestDifference(t *testing.T) {
	machine := tour(t, "", 4)
	old, err := Declaration("1.25.0", "procresize")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, cell, path, want string }{
		{"order", old, "sched.pidle", "P1 → P2 → P3 → nil in your model, P3 → P2 → P1 → nil in the machine"},
		{"half a bond", "func wirep(pp *p) {\n\tpp.m.set(getg().m)\n\tpp.status = _Prunning\n}", "m0.p", "m0.p is nil in your model and allp[0] in the machine"},
		{"status", "func (pp *p) init(id int32) {\n\tpp.id = id\n}", "allp[0].status", "_Pidle in your model and _Pgcstop in the machine"},
		{"limit", "package main\n\nimport \"fmt\"\n\nfunc mReserveID() int64 { fmt.Sprint(); return 7 }", "m0.id", "stage mcommoninit: m0.id is 7 in your model and 0 in the machine. One more field differs: sched.mnext."},
		{"circle", "func pidleput(pp *p) {\n\tsched.pidle.set(pp)\n\tpp.link = sched.pidle\n\tsched.npidle.Add(1)\n}", "allp[1].link", "The list sched.pidle: P3 → P3 again, in a circle in your model"},
		{"stack", "func rt0_go(sp uintptr, cpus int32, env string) {\n\tg0.stack.lo = sp - 64*1024 + 104\n\treached(\"bind\")\n\treached(\"pidle\")\n}", "g0.stack.lo", "g0.stack.lo is 0x7f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Compare(context.Background(), c.cell, machine)
			if err != nil {
				t.Fatal(err)
			}
			if d == nil {
				t.Fatal("no difference found")
			}
			if text := d.Text().En; d.Path != c.path || !strings.Contains(text, c.want) {
				t.Errorf("%s: %s\nwant %s: …%s…", d.Path, text, c.path, c.want)
			}
			if zh := d.Text().Zh; zh == "" || !strings.Contains(zh, d.Path) {
				t.Errorf("in Chinese: %q", zh)
			}
			_, field := object(d.Path)
			if err := xml.Unmarshal([]byte(d.Draw("zh").SVG()), new(struct{})); err != nil {
				t.Errorf("the figure as SVG: %v", err)
			}
			if figure := d.Draw("en").Render(picture.TextOptions{}); !marked(figure, field) {
				t.Errorf("%s is not marked:\n%s", d.Path, figure)
			}
		})
	}
}

// marked says whether a line of the figure shows the field and the mark of a difference.
func marked(figure, field string) bool {
	for l := range strings.Lines(figure) {
		if strings.Contains(l, field) && strings.Contains(l, "*") {
			return true
		}
	}
	return false
}

// TestFailure runs models that do not come to their end.
func TestFailure(t *testing.T) {
	machine := tour(t, "", 2)
	for _, c := range []struct{ name, cell, want string }{
		{"not Go", "func wirep(pp *p) {\n\tpp.id = = 1\n}", "this is not Go: line 2: "},
		{"undefined", "func wirep(pp *p) {\n\n\tpp.mm.set(nil)\n}", "line 3: "},
		{"dialect", "func runqempty(pp *p) bool {\n\tfor i := range 3 {\n\t\t_ = i\n\t}\n\treturn true\n}", "range over an integer"},
		{"throws", "func procresize(n int32) *p {\n\tallp = []*p{new(p)}\n\tacquirep(allp[0])\n\tacquirep(allp[0])\n\treturn nil\n}", "already in go"},
		{"nil", "func wirep(pp *p) {\n\tvar mp *m\n\tmp.id = 1\n}", "panic: "},
		{"stops", "func reached(stage string) {}", `does not come to reached("pidle")`},
		{"no such package", "import \"os\"\n\nfunc osinit(cpus int32) { os.Exit(1) }", `"os"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compare(context.Background(), c.cell, machine)
			var own *Error
			if !errors.As(err, &own) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want …%s…", err, c.want)
			}
		})
	}
}

// TestTurns runs the model as a web page does, where it counts its turns: the snapshots are those of the model without turns.
// So does a program of package main.
func TestTurns(t *testing.T) {
	in := Input{SP: 0x7ffc00001230, CPUs: 2}
	want, err := Run(t.Context(), "", "", in)
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	turns.Take = func() int { taken++; return 10 }
	defer func() { turns.Take = nil }()
	got, err := Run(t.Context(), "", "", in)
	if err != nil || !reflect.DeepEqual(got, want) || taken == 0 {
		t.Errorf("%v; the same: %v; %d turns", err, reflect.DeepEqual(got, want), taken)
	}
	if v, err := Eval(t.Context(), "var names = []string{\"a\", \"b\"}\nfunc count() int { return len(names) }", "count()"); err != nil || v != 2 {
		t.Errorf("%v, %v", v, err)
	}
}

// TestEndless runs a model that hangs: it is ended.
func TestEndless(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	go cancel(ErrEndless) // as if the time were up
	_, err := Run(ctx, "", "func osinit(cpus int32) { for { } }", Input{CPUs: 1})
	if !errors.Is(err, ErrEndless) {
		t.Errorf("%v, want ErrEndless", err)
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		version string
		old, ok bool
	}{
		{"", false, true}, {"go1.26.8", false, true}, {"go1.26rc1", false, true}, {"1.25.0", true, true},
		{"go1.21.13 X:noregabi", true, true}, {"go1.20.3", false, false}, {"yesterday", false, false},
	} {
		if old, err := before126(c.version); old != c.old || (err == nil) != c.ok {
			t.Errorf("%s: %v, %v", c.version, old, err)
		}
	}
}
