package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons/exercise"
)

func show(list []Prose) string {
	b := strings.Builder{}
	for _, p := range list {
		if p.Tag == "" {
			b.WriteString(p.Text)
			continue
		}
		b.WriteString("<" + p.Tag)
		if p.Href != "" {
			b.WriteString(" " + p.Href)
		}
		b.WriteString(">" + show(p.Children) + "</>")
	}
	return b.String()
}

func TestProse(t *testing.T) {
	for _, c := range []struct{ markdown, want string }{
		{"# A `b` *c* **d**", "<h1>A <code>b</> <em>c</> <strong>d</></>"},
		{"one\ntwo", "<p>one two</>"},
		{"一行，\n二行", "<p>一行，二行</>"},
		{"中文。\nEnglish\n（一）", "<p>中文。English（一）</>"},
		{"中文\nEnglish", "<p>中文 English</>"},
		{"`a\nb`", "<p><code>a b</></>"},
		{"- a\n- b", "<ul><li>a</><li>b</></>"},
		{"1. a\n\n2. b", "<ol><li><p>a</></><li><p>b</></></>"},
		{"a <b>&amp; \\*</b>", "<p>a <b>& *</b></>"}, // the text of a text node, not elements
		{"<script>alert(1)</script>", "<pre><script>alert(1)</script></>"},
		{"[a](https://go.dev/)", "<p><a https://go.dev/>a</></>"},
		{"```go\nx := 1\n```", "<pre>x := 1\n</>"},
		{"|a|\n|-|\n|b|", "<table><tr><th>a</></><tr><td>b</></></>"},
	} {
		got, err := renderProse(c.markdown)
		if s := show(got); err != nil || s != c.want {
			t.Errorf("%q: %q, %v, want %q", c.markdown, s, err, c.want)
		}
	}
	for _, bad := range []string{"[a](javascript:alert(1))", "<javascript:alert(1)>", "![a](https://go.dev/x.png)"} {
		if p, err := renderProse(bad); err == nil {
			t.Errorf("%s is shown: %s", bad, show(p))
		}
	}
}

func TestCourse(t *testing.T) {
	c, err := course()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Exercises) != len(exercise.All) {
		t.Errorf("%d exercises, want %d", len(c.Exercises), len(exercise.All))
	}
	where := map[string]string{}
	cells := 0
	for _, l := range c.Lessons {
		for _, p := range l.Parts {
			switch {
			case p.Exercise != "":
				where[p.Exercise] = l.Name
			case p.Code != "":
				cells++
			default:
				for _, lang := range []string{"en", "zh"} {
					if len(p.Prose[lang]) == 0 {
						t.Errorf("%s: no prose in %s", l.Name, lang)
					}
					left(t, l.Name, p.Prose[lang])
				}
			}
		}
	}
	if cells < 60 {
		t.Errorf("only %d cells", cells)
	}
	for _, e := range c.Exercises {
		if where[e.ID] != e.Lesson || e.Lesson == "" {
			t.Errorf("exercise %s: in lesson %q, and says %q", e.ID, where[e.ID], e.Lesson)
		}
	}
	if where["argc-slot"] != "alignment" || where["who-wrote-pidle"] != "pidle" || where["wirep"] != "acquirep" {
		t.Errorf("exercises are in %v", where)
	}
	if v := lessonVersions(c); !slices.Contains(v, "1.16.15") || !slices.Contains(v, "1.25.0") {
		t.Errorf("versions that the cells boot: %v", v)
	}
	b, err := json.Marshal(c)
	if strings.Contains(string(b), ".Check(") || !strings.Contains(string(b), "Your turn") {
		t.Error("the page tells how to answer an exercise in a cell")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exercise.All {
		s, _ := json.Marshal(strings.TrimSpace(e.Solution))
		if len(s) > 40 && strings.Contains(string(b), string(s)) {
			t.Errorf("the page holds the answer to %s", e.ID)
		}
	}
}

// left finds Markdown that was meant as such and was not understood.
func left(t *testing.T, lesson string, list []Prose) {
	for _, p := range list {
		if p.Tag == "code" || p.Tag == "pre" {
			continue
		}
		if strings.ContainsAny(p.Text, "*`") {
			t.Errorf("%s: Markdown is left in %q", lesson, p.Text)
		}
		left(t, lesson, p.Children)
	}
}

// TestBuildTimeOnly: the modules of the page do not carry the Markdown parser.
func TestBuildTimeOnly(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "../worker", "../session")
	cmd.Env = append(cmd.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if strings.Contains(string(out), "goldmark") {
		t.Error("a wasm module links goldmark")
	}
}
