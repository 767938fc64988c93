package model

import (
	"slices"
	"strings"

	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/picture"
)

var (
	figureTitle = lessons.Text{En: "the model and the machine", Zh: "模型与机器"}
	figureDesc  = lessons.Text{
		En: "The same structures twice: above in the model, below in the machine's memory. Fields that differ are marked.",
		Zh: "同样的结构画两遍：上面是模型，下面是机器内存。不同的字段做了标记。",
	}
	inModel   = lessons.Text{En: "in your model", Zh: "你的模型"}
	inMachine = lessons.Text{En: "in the machine", Zh: "机器"}
)

// maxPs is how many Ps a figure shows.
const maxPs = 4

// Draw draws the model above the machine, with the fields that differ marked.
func (d *Difference) Draw(lang string) *picture.Canvas {
	c := &picture.Canvas{Title: figureTitle.In(lang), Desc: figureDesc.In(lang), Stamp: d.Stamp}
	shown := d.shown()
	y := 0
	for _, side := range []struct {
		title    lessons.Text
		snapshot Snapshot
	}{{inModel, d.Model}, {inMachine, d.Machine}} {
		c.Text(0, y, side.title.In(lang), picture.Title)
		y = c.Graph(0, y+1, d.objects(&side.snapshot, shown)) + 1
	}
	return c
}

// shown returns the Ps to draw: those that differ first, then from the start, as many as fit.
func (d *Difference) shown() (ps []string) {
	add := func(path string) {
		o, _ := object(path)
		if strings.HasPrefix(o, "allp[") && !slices.Contains(ps, o) && len(ps) < maxPs {
			ps = append(ps, o)
		}
	}
	for _, p := range d.Paths {
		for _, s := range []*Snapshot{&d.Model, &d.Machine} {
			add(p)
			add(s.Value(p))
		}
	}
	for _, f := range d.Model.Fields {
		add(f.Path)
	}
	return ps
}

// object splits a path into what the figure draws as a box and the field in it.
func object(path string) (box, field string) {
	if strings.HasPrefix(path, "allp[") && !strings.Contains(path, ".") {
		return path, "" // a P as a value
	}
	box, field, ok := strings.Cut(path, ".")
	if !ok {
		return "", path
	}
	return box, field
}

// columns are where objects stand; Ps stand in the last.
var columns = map[string]int{"": 0, "g0": 0, "m0": 1, "sched": 1}

func (d *Difference) objects(s *Snapshot, ps []string) (objects []picture.Object) {
	at := map[string]int{}
	for _, f := range s.Fields {
		box, field := object(f.Path)
		isP := strings.HasPrefix(box, "allp[")
		if isP && !slices.Contains(ps, box) {
			continue
		}
		differs := slices.Contains(d.Paths, f.Path)
		if strings.HasPrefix(field, "runq") && !differs {
			continue // the queues are empty during the boot
		}
		i, ok := at[box]
		if !ok {
			o := picture.Object{ID: box, Title: box, Column: 2}
			if !isP {
				o.Column = columns[box]
			}
			if box == "" {
				o.ID, o.Title = "variables", "runtime"
			}
			i = len(objects)
			at[box] = i
			objects = append(objects, o)
		}
		to, _, _ := strings.Cut(strings.TrimPrefix(f.Value, "&"), ".")
		row := picture.Field{Name: field, Value: show(f.Path, f.Value), To: to}
		if differs {
			row.Mark = picture.Changed
		}
		objects[i].Fields = append(objects[i].Fields, row)
	}
	return objects
}
