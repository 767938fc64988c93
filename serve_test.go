package main

import (
	"strings"
	"testing"
)

func TestServeNotBuilt(t *testing.T) {
	_, stderr, status := rt0(t, "serve", "-dir", t.TempDir())
	if status == 0 || !strings.Contains(stderr, "make web") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("rt0 serve of an empty folder: status %d, %q; want one line that says make web", status, stderr)
	}
}
