package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/budget"
)

// BenchmarkBoot holds rt0 boot to a second once the program is built.
func BenchmarkBoot(b *testing.B) {
	boot := func() {
		if status := run(b.Context(), []string{"rt0", "boot"}, streams{strings.NewReader(""), io.Discard, io.Discard}); status != 0 {
			b.Fatalf("status %d", status)
		}
	}
	boot()
	for b.Loop() {
		boot()
	}
	budget.Each(b, time.Second)
}
