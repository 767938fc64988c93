package main

import (
	"fmt"
	"io"
)

const (
	ms  = 1e-3
	mib = 1 << 20
)

// boots is after how many boots a kernel's memory is measured: it must not keep what no cell can reach.
const boots = 200

// rows of the table. budget is what rt0 may take, in units.
var rows = []struct {
	name   string
	unit   string
	size   float64 // of the unit
	budget float64
	of     func(sample) []float64
}{
	{"start to kernel_info_reply", "ms", ms, 60, func(s sample) []float64 { return []float64{s.Start} }},
	{"1+1", "ms", ms, 3, func(s sample) []float64 { return s.Plus }},
	{"%boot with its picture", "ms", ms, 100, func(s sample) []float64 { return some(s.Boot) }},
	{"%stage with its picture", "ms", ms, 100, func(s sample) []float64 { return s.Stages }},
	{"memory, idle", "MiB", mib, 80, func(s sample) []float64 { return []float64{s.Idle.PSS} }},
	{"memory, machine booted", "MiB", mib, 80, func(s sample) []float64 { return some(s.Booted.PSS) }},
	{fmt.Sprintf("memory, %d machines booted", boots), "MiB", mib, 150, func(s sample) []float64 { return some(s.Many.PSS) }},
}

// some leaves out what was not measured.
func some(v float64) []float64 {
	if v == 0 {
		return nil
	}
	return []float64{v}
}

// table prints the medians and says whether all budgets are kept.
func table(w io.Writer, ours, theirs []sample) bool {
	kept := true
	fmt.Fprint(w, "| | rt0 | ipykernel | ipykernel ÷ rt0 | budget | |\n|---|--:|--:|--:|--:|---|\n")
	for _, r := range rows {
		us, them := median(ours, r.of)/r.size, median(theirs, r.of)/r.size
		other, ratio, mark := "–", "–", "✓"
		if them > 0 {
			other, ratio = fmt.Sprintf("%.1f %s", them, r.unit), fmt.Sprintf("%.1f", them/us)
		}
		if us >= r.budget {
			mark, kept = "✗", false
		}
		fmt.Fprintf(w, "| %s | %.1f %s | %s | %s | %.0f %s | %s |\n", r.name, us, r.unit, other, ratio, r.budget, r.unit, mark)
	}
	return kept
}
