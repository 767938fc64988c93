package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rt0lab/rt0/internal/jupyter"
)

// A crowd is what came of many kernels at once, each of which ran the notebook of the whole boot.
type crowd struct {
	Seconds  []float64 `json:"seconds"` // from start to last cell, of each that did not fail
	Failures []string  `json:"failures"`
	Memory   memory    `json:"memory"` // when all have run their last cell
	Total    float64   `json:"total"`  // seconds until all have ended
}

// gather runs that many kernels.
func gather(p *jupyter.Place, kernel string, size int) (c crowd, err error) {
	script := filepath.Join(p.Source, "kernel", "bench", "crowd.py")
	notebook := filepath.Join(p.Source, "notebooks", "00_overview.en.ipynb")
	out, err := p.Output(5*time.Minute, jupyter.Python, script, kernel, strconv.Itoa(size), notebook)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(out, &c); err != nil {
		return c, fmt.Errorf("crowd.py printed %q: %w", out, err)
	}
	return c, nil
}

func (c crowd) String() string {
	text := fmt.Sprintf("%d kernels at once, each with the notebook 00_overview: %d failed, %.1f s for all, %.0f MiB a kernel (%d processes)",
		len(c.Seconds)+len(c.Failures), len(c.Failures), c.Total, c.Memory.PSS/mib/float64(max(1, len(c.Seconds))), c.Memory.Processes)
	for _, f := range c.Failures {
		text += "\n" + f
	}
	return text
}
