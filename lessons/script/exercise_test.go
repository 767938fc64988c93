package script

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons/lab"
)

// TestCells answers exercises and changes the model in cells, as a reader would.
func TestCells(t *testing.T) {
	var out bytes.Buffer
	old := lab.Out
	lab.Out = &out
	defer func() { lab.Out = old }()
	in, err := NewInterpreter(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Eval(t.Context(), `import ("fmt"; "strings"; "github.com/rt0lab/rt0/lessons/lab")`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cell, want, not string }{
		{`lab.Exercise("wirep").Show()`, "# fill in wirep", "不"},
		{`lab.Exercise("wirep").Hint()`, "Three assignments", "wirep("},
		{`lab.Exercise("wirep").Check("func wirep(pp *p) { getg().m.p.set(pp); pp.m.set(getg().m); pp.status = _Prunning }")`, "Right.", "Not yet"},
		{`lab.Exercise("wirep").Check("func wirep(pp *p) { pp.status = _Prunning }")`, "in the machine\n", "Right."},
		{`lab.Exercise("sp-moves").Check(48)`, "Right.", "Not yet"},
		{`fmt.Println(lab.Exercise("sp-moves").Solved())`, "true", ""},
		{`lab.Exercise("sp-moves").Check(40)`, "ANDQ moves SP further", "Right."},
		{`fmt.Println(lab.Exercise("sp-moves").Solved())`, "false", ""},
		{`lab.Exercise("gomaxprocs").Check(lab.CPUs(2), lab.Env("GOMAXPROCS=3"))`, "Right.", "Not yet"},
		{`lab.Exercise("gomaxprocs").Check(lab.CPUs(2))`, "There are 2 CPUs", "Right."},
		{`fmt.Println(len(lab.Exercises()))`, "12", ""},
		{`lab.CompareModel("")`, "agree in every field", "differ"},
		{`edited := strings.Replace(lab.Model("pidleput"), "sched.npidle.Add(1)", "", 1); lab.CompareModel(edited, lab.Boot())`, "sched.npidle is 0 in your model and 3 in the machine", "agree"},
	} {
		out.Reset()
		if err := EvalCell(context.Background(), in, c.cell); err != nil {
			t.Errorf("%s: %v", c.cell, err)
		}
		if s := out.String(); !strings.Contains(s, c.want) || c.not != "" && strings.Contains(s, c.not) {
			t.Errorf("%s\nprints: %s\nwant %q, and not %q", c.cell, s, c.want, c.not)
		}
	}
	out.Reset()
	lab.Lang = "zh"
	defer func() { lab.Lang = "en" }()
	if err := EvalCell(context.Background(), in, `lab.Exercise("sp-moves").Check(40)`); err != nil || !strings.HasPrefix(out.String(), "还不对") {
		t.Errorf("in Chinese: %s, %v", out.String(), err)
	}
	for _, c := range []struct{ cell, want string }{
		{`lab.Exercise("nothing")`, "there is no exercise"},
		{`lab.Exercise("wirep").Check(7)`, "code, as a string"},
		{`lab.Exercise("g-register").Check("r14")`, "give 2 values"},
		{`lab.Model("nobody")`, "declares no nobody"},
		{`lab.CompareModel("func wirep(")`, "not Go"},
	} {
		if err := EvalCell(context.Background(), in, c.cell); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want …%s…", c.cell, err, c.want)
		}
	}
}
