package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testprog"
)

// TestBootDiff boots the sample built by two versions of Go and compares.
func TestBootDiff(t *testing.T) {
	stdout, stderr, status := rt0(t, "boot", "-go", "1.25.0", "-diff", "1.26.8", "-format", "json")
	if status != 0 {
		if strings.Contains(stderr, "no toolchain") {
			t.Skipf("NOT TESTED: %s", stderr)
		}
		t.Fatalf("status %d, %s", status, stderr)
	}
	var stages []struct {
		ID      string
		A, B    stage
		Differs []string
		Sizes   map[string]struct{ A, B string }
	}
	if err := json.Unmarshal([]byte(stdout), &stages); err != nil {
		t.Fatal(err)
	}
	for _, s := range stages {
		switch s.ID {
		case "osstack", "alignment", "g0stack", "bind", "procresize":
			if len(s.Differs) != 0 || s.A.Go != "go1.25.0" || s.B.Go != "go1.26.8" {
				t.Errorf("%s: %s and %s differ in %v; want nothing", s.ID, s.A.Go, s.B.Go, s.Differs)
			}
		case "pidle":
			if !slices.Equal(s.Differs, []string{"sched.pidle"}) {
				t.Errorf("pidle: differ in %v; want sched.pidle", s.Differs)
			}
		case "sizes":
			if g := s.Sizes["sizeof(g)"]; g.A != "440" || g.B != "456" {
				t.Errorf("sizeof(g) %+v; want 440 and 456", g)
			}
		}
	}
	if last := stages[len(stages)-1].ID; last != "sizes" {
		t.Errorf("the last object is %s; want sizes", last)
	}
	text, _, _ := rt0(t, "boot", "-go", "1.25.0", "-diff", "1.26.8", "-stage", "pidle")
	for _, want := range []string{"go1.25.0", "go1.26.8", "≠ sched.pidle", "~ &g0", "  sched.npidle"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestBootPictures: one picture, of the stage and figure that are asked for.
func TestBootPictures(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string // in the picture's text
	}{
		{nil, "the boot so far"},
		{[]string{"-stage", "pidle"}, "sched.pidle"},
		{[]string{"-stage", "pidle", "-figure", "registers"}, "rflags"},
		{[]string{"-figure", "allm"}, "sched.midle"},
		{[]string{"-stage", "pidle", "-lang", "zh"}, "所有的 P 与空闲链表"},
	} {
		svg, stderr, status := rt0(t, append([]string{"boot", "-format", "svg"}, c.args...)...)
		if status != 0 {
			t.Fatalf("%q: status %d, %s", c.args, status, stderr)
		}
		roots, depth := 0, 0
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v", c.args, err)
			}
			switch token.(type) {
			case xml.StartElement:
				if depth++; depth == 1 {
					roots++
				}
			case xml.EndElement:
				depth--
			}
		}
		if roots != 1 || !strings.HasPrefix(svg, "<svg ") || !strings.Contains(svg, c.want) {
			t.Errorf("%q: %d pictures, or no %q", c.args, roots, c.want)
		}
	}
	text, _, _ := rt0(t, "boot", "-stage", "pidle", "-figure", "allp")
	if !strings.Contains(text, "sched.pidle ─") || strings.Contains(text, "<svg") {
		t.Errorf("-figure as text:\n%s", text)
	}
}

// TestBootFlagsAgree: flags that do not go together are refused with what to do instead.
func TestBootFlagsAgree(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-figure allp -format json", "choose -format text, html or svg"},
		{"-figure nosuch", "choose one of entry"},
		{"-diff 1.25.0 -format svg", "choose -format text or json"},
		{"-diff 1.25.0 -figure allp", "leave one out"},
		{"-format html -cpus 1,2", "one number of -cpus"},
		{"-format pdf", "choose text, json, html or svg"},
	} {
		_, stderr, status := rt0(t, append([]string{"boot"}, strings.Fields(c.args)...)...)
		if status == 0 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: status %d, %q; want %q", c.args, status, stderr, c.want)
		}
	}
}

// TestBootEnds: the exit status and the error of a boot that dies.
func TestBootEnds(t *testing.T) {
	name := filepath.Join(t.TempDir(), "v3")
	if err := os.WriteFile(name, testprog.BuildLevel(t, "v3", testprog.Hello), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		stdout string // part of it
	}{
		{nil, 125, "no such moment: not reached: the program ended at tick "},
		{[]string{"-stage", "bind"}, 0, "m0.g0 = "},
		{[]string{"-stage", "newproc"}, 125, "what to do: it was built with GOAMD64=v3"},
		{[]string{"-stage", "main"}, 125, "what to do: it was built with GOAMD64=v3"},
		{[]string{"-format", "json"}, 125, `"ended":{"tick":`},
		{[]string{"-format", "html", "-lang", "zh"}, 125, "怎么办: 它是用 GOAMD64=v3 构建的"},
		{[]string{"-format", "svg"}, 125, "<svg"},
		{[]string{"-format", "svg", "-stage", "newproc"}, 125, ""},
		{[]string{"-figure", "bind", "-stage", "newproc"}, 125, ""},
	} {
		stdout, stderr, status := rt0(t, slices.Concat([]string{"boot"}, c.args, []string{name})...)
		if status != c.status || !strings.Contains(stdout, c.stdout) || c.stdout == "" && stdout != "" {
			t.Errorf("%v: status %d, stdout\n%s", c.args, status, stdout)
		}
		if want := "GOAMD64=v1 go build"; strings.Contains(stderr, want) != (c.status != 0) || strings.Count(stderr, "\n") > 1 {
			t.Errorf("%v: stderr %s", c.args, stderr)
		}
	}
}
