package model

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/lessons"
)

// A Difference is the first field in which a model and a machine differ.
type Difference struct {
	// Go and Input are what both were started with; Stamp says where the machine was.
	Go    string
	Input Input
	Stamp string
	// Model and Machine are all fields at the end of the stage where the two part.
	Model, Machine Snapshot
	// Path is the first field that differs; Paths are all of that stage.
	Path  string
	Paths []string
}

// An Error is what ended a model before its last stage.
type Error struct {
	Input Input
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("with %s: %v", cpus(e.Input), e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// Compare runs the model, changed by a cell's declarations, for each machine and compares the two stage by stage, field by
// field. It returns the first difference, or nil. An *Error says that the model did not run to its end.
func Compare(ctx context.Context, cell string, machines ...*lessons.Tour) (*Difference, error) {
	for _, t := range machines {
		d, err := compare(ctx, cell, t)
		if d != nil || err != nil {
			return d, err
		}
	}
	return nil, nil
}

// lastStage is where the model ends: a model that does not reach it leaves nothing to compare with.
const lastStage = "pidle"

func compare(ctx context.Context, cell string, t *lessons.Tour) (*Difference, error) {
	in, version := InputOf(t), t.Moments[0].Go
	stages, err := Run(ctx, version, cell, in)
	if err != nil {
		return nil, &Error{in, err}
	}
	if n := len(stages); n == 0 || stages[n-1].Stage != lastStage {
		return nil, &Error{in, fmt.Errorf("the model does not come to reached(%q)", lastStage)}
	}
	for _, model := range stages {
		var paths []string
		for _, f := range model.Fields {
			paths = append(paths, f.Path)
		}
		machine, err := Look(ctx, t, model.Stage, paths)
		if err != nil {
			return nil, err
		}
		d := &Difference{Go: version, Input: in, Model: model, Machine: machine}
		for i, f := range model.Fields {
			if f.Value != machine.Fields[i].Value {
				d.Paths = append(d.Paths, f.Path)
			}
		}
		if len(d.Paths) > 0 {
			d.Path = d.Paths[0]
			mo, err := t.Moment(model.Stage)
			if err != nil {
				return nil, err
			}
			d.Stamp = mo.Stamp()
			return d, nil
		}
	}
	return nil, nil
}

// Text says what differs, in words.
func (d *Difference) Text() lessons.Text {
	where := lessons.Text{
		En: fmt.Sprintf("%s with %s, at the end of stage %s", d.Go, cpus(d.Input), d.Model.Stage),
		Zh: fmt.Sprintf("%s，%d 个 CPU，阶段 %s 结束时", d.Go, d.Input.CPUs, d.Model.Stage),
	}
	model, machine := show(d.Path, d.Model.Value(d.Path)), show(d.Path, d.Machine.Value(d.Path))
	t := lessons.Text{
		En: fmt.Sprintf("%s: %s is %s in your model and %s in the machine.", where.En, d.Path, model, machine),
		Zh: fmt.Sprintf("%s：%s 在你的模型里是 %s，在机器里是 %s。", where.Zh, d.Path, model, machine),
	}
	if ours, theirs := d.Model.Pidle(), d.Machine.Pidle(); ours != theirs {
		t.En += fmt.Sprintf(" The list sched.pidle: %s in your model, %s in the machine.", ours, theirs)
		t.Zh += fmt.Sprintf("链表 sched.pidle：你的模型里是 %s，机器里是 %s。", ours, theirs)
	}
	switch n := len(d.Paths) - 1; {
	case n == 1:
		t.En += " One more field differs: " + d.Paths[1] + "."
		t.Zh += "还有一个字段不同：" + d.Paths[1] + "。"
	case n > 1:
		t.En += fmt.Sprintf(" %d more fields differ.", n)
		t.Zh += fmt.Sprintf("另有 %d 个字段不同。", n)
	}
	return t
}

func cpus(in Input) string {
	s := fmt.Sprintf("%d CPUs", in.CPUs)
	if in.CPUs == 1 {
		s = "1 CPU"
	}
	if in.GOMAXPROCS != "" {
		s += " and GOMAXPROCS=" + in.GOMAXPROCS
	}
	return s
}

// statuses are the names of p.status (runtime2.go).
var statuses = []string{"_Pidle", "_Prunning", "_Psyscall", "_Pgcstop", "_Pdead"}

// show renders a field's value for reading: statuses by name, addresses in base 16.
func show(path, value string) string {
	n, err := strconv.ParseUint(value, 10, 64)
	switch {
	case err != nil:
		return value
	case strings.HasSuffix(path, ".status") && n < uint64(len(statuses)):
		return statuses[n]
	case strings.Contains(path, ".stack"):
		return fmt.Sprintf("%#x", n)
	}
	return value
}

// Pidle returns the list sched.pidle, the head first: "P3 → P2 → P1 → nil".
func (s *Snapshot) Pidle() string {
	list := ""
	seen := map[string]bool{}
	for at := s.Value("sched.pidle"); ; at = s.Value(at + ".link") {
		i, ok := strings.CutPrefix(at, "allp[")
		if !ok {
			return list + at
		}
		i = strings.TrimSuffix(i, "]")
		if seen[at] {
			return list + "P" + i + " again, in a circle"
		}
		seen[at] = true
		list += "P" + i + " → "
	}
}
