package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons/exercise"
)

// TestExercise lists, shows and checks exercises on the command line.
func TestExercise(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "answer.go")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	right := file("package main\n\nconst moved = 48\n")
	wrong := file("const moved = 40\n")
	half := file("func wirep(pp *p) {\n\tpp.status = _Prunning\n}\n")
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"list"}, 0, "fill in wirep"},
		{[]string{"list", "-lang", "zh"}, 0, "补全 wirep"},
		{[]string{"show", "wirep"}, 0, "func wirep(pp *p) {"},
		{[]string{"show", "-hint", "-lang", "zh", "wirep"}, 0, "三个赋值"},
		{[]string{"check", "sp-moves", right}, 0, "Right."},
		{[]string{"check", "sp-moves", wrong}, 1, "Not yet. 40 is what SUBQ takes away"},
		{[]string{"check", "-lang", "zh", "wirep", half}, 1, "还不对。go1."},
		{[]string{"check", "wirep", half}, 1, "the model and the machine"},
		{[]string{"check", "wirep"}, statusFailure, "want the NAME of an exercise and the FILE.go"},
		{[]string{"check", "nobody", right}, statusFailure, "there is no exercise"},
		{[]string{"check", "wirep", "no/such/file.go"}, statusFailure, "no/such/file.go"},
		{[]string{"show"}, statusFailure, "want the NAME"},
		{[]string{"list", "-lang", "de"}, statusFailure, "want en or zh"},
	} {
		stdout, stderr, status := rt0(t, append([]string{"exercise"}, c.args...)...)
		if status != c.status || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("rt0 exercise %q: status %d, stdout %q, stderr %q; want %d and %q", c.args, status, stdout, stderr, c.status, c.want)
		}
	}
	if stdout, _, _ := rt0(t, "exercise", "list"); strings.Count(stdout, "\n") != len(exercise.All) {
		t.Errorf("rt0 exercise list:\n%s\nwant %d lines", stdout, len(exercise.All))
	}
}
