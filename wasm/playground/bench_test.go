package playground

import (
	"os"
	"testing"

	"github.com/rt0lab/rt0/internal/program"
)

// benchConfig is the machine that the page shows first.
var benchConfig = Config{Name: "hello", CPUs: 4}

func benchProgram(b *testing.B) []byte {
	if name := os.Getenv("RT0_BENCH_PROGRAM"); name != "" { // in a browser's engine no go command can be run
		file, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		return file
	}
	p, err := program.Find(b.Context(), "hello", program.Options{})
	if err != nil {
		b.Skip("NOT MEASURED: ", err)
	}
	return p.File
}

func BenchmarkBoot(b *testing.B) {
	file := benchProgram(b)
	for b.Loop() {
		if _, err := Boot(b.Context(), file, benchConfig); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkScrub is a slider dragged across the boot: a seek and a view with three figures each.
func BenchmarkScrub(b *testing.B) {
	p, err := Boot(b.Context(), benchProgram(b), benchConfig)
	if err != nil {
		b.Fatal(err)
	}
	for i := uint64(0); b.Loop(); i++ {
		if err := p.seek(b.Context(), i*79_190%p.furthest); err != nil {
			b.Fatal(err)
		}
		p.View([]string{"stack", "bind", "allp"}, "en")
	}
}
