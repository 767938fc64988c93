package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServeNotBuilt(t *testing.T) {
	_, stderr, status := rt0(t, "serve", "-dir", t.TempDir())
	if status == 0 || !strings.Contains(stderr, "make web") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("rt0 serve of an empty folder: status %d, %q; want one line that says make web", status, stderr)
	}
}

// builtPage returns a folder that rt0 serve takes for one that make web has built.
func builtPage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"index.html": "<!doctype html>", "index.json": "{}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
