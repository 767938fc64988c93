package lab

import (
	"fmt"

	"github.com/rt0lab/rt0/lessons"
	"github.com/rt0lab/rt0/lessons/model"
)

// Model returns the source of the model of the boot: of the functions and types named, or all of it. It is that of Go 1.26;
// a machine's Model is that of its own version.
func Model(names ...string) string { return modelSource("", names) }

// Model returns the source of the model of the boot for the version of Go that built the program.
func (m *Machine) Model(names ...string) string { return modelSource(m.GoVersion(), names) }

func modelSource(version string, names []string) string {
	if len(names) == 0 {
		src, err := model.Source(version)
		must(err)
		return src
	}
	src := ""
	for i, n := range names {
		d, err := model.Declaration(version, n)
		must(err)
		if i > 0 {
			src += "\n"
		}
		src += d
	}
	return src
}

// modelCPUs are the CPU counts of the machines with which a model is compared if none are given.
var modelCPUs = []int{1, 2, 4, 8}

// CompareModel runs the model of the boot, changed by the declarations in code, once for each machine and compares the two
// stage by stage and field by field. Without machines there are four, of 1, 2, 4 and 8 CPUs. The first difference is told
// and drawn.
//
//	lab.CompareModel("func (pp *p) init(id int32) { pp.id = id }")
func CompareModel(code string, machines ...*Machine) {
	var tours []*lessons.Tour
	for _, m := range machines {
		tours = append(tours, m.tour)
	}
	if len(machines) == 0 {
		for _, n := range modelCPUs {
			tours = append(tours, boot(CPUs(n)).tour)
		}
	}
	d, err := model.Compare(Context, code, tours...)
	must(err)
	if d == nil {
		fmt.Fprintln(Out, lessons.Text{
			En: "The model and the machine agree in every field, at every stage.",
			Zh: "模型与机器在每个阶段、每个字段上都一致。",
		}.In(Lang))
		return
	}
	fmt.Fprintln(Out, d.Text().In(Lang))
	Display(d.Draw(Lang))
}
