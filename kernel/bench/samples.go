package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/rt0lab/rt0/internal/jupyter"
	"github.com/rt0lab/rt0/lessons/lab"
)

// stageCells boot a machine and go through the whole boot, a picture a cell.
func stageCells() []string {
	list := []string{"%boot"}
	for _, s := range lab.Stages() {
		list = append(list, "%stage "+s)
	}
	return list
}

// manyBoots boots that many machines, by command and by hand; each takes the place of one before it. All cells but the
// first draw a picture.
func manyBoots(n int) []string {
	list := []string{"import \"github.com/rt0lab/rt0/lessons/lab\""}
	for i := range n {
		list = append(list, []string{"%boot", "m := lab.Boot()\nm.To(\"pidle\").Draw(\"allp\")"}[i%2])
	}
	return list
}

// A sample is what measure.py saw of one kernel: seconds and bytes.
type sample struct {
	Start  float64   `json:"start"`
	Plus   []float64 `json:"plus"`   // 1+1, over and over
	Boot   float64   `json:"boot"`   // the cell that boots the machine
	Stages []float64 `json:"stages"` // the cells that go to a stage and draw it
	Idle   memory    `json:"idle"`
	Booted memory    `json:"booted"` // after the stage cells
	Many   memory    `json:"-"`      // after many boots, in a kernel of its own
}

// memory is that of some processes, in bytes.
type memory struct {
	RSS       float64 `json:"rss"` // a page that two share counts twice
	PSS       float64 `json:"pss"` // it counts once
	Processes int     `json:"processes"`
}

// measure starts a kernel. cells, if any, are one that boots a machine and those that draw pictures of it.
func measure(p *jupyter.Place, kernel string, cells ...string) (s sample, err error) {
	script := filepath.Join(p.Source, "kernel", "bench", "measure.py")
	out, err := p.Output(2*time.Minute, jupyter.Python, append([]string{script, kernel}, cells...)...)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return s, fmt.Errorf("measure.py printed %q: %w", out, err)
	}
	return s, nil
}

// median returns the median of what of returns of all samples.
func median(samples []sample, of func(sample) []float64) float64 {
	var all []float64
	for _, s := range samples {
		all = append(all, of(s)...)
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
