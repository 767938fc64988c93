package main

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPrecompress(t *testing.T) {
	dir := t.TempDir()
	long, noise := strings.Repeat("a line of a script\n", 200), make([]byte, 2*minPacked)
	rand.Read(noise)
	for _, c := range []struct {
		name, text string
		packed     bool
	}{
		{"index.html", "short", false},
		{"assets/main-1234.js", long, true},
		{"machine-1234.wasm.gz", long, false},
		{"assets/icons-1234.woff2", long, false},
		{"assets/noise.txt", string(noise), false},
	} {
		file := filepath.Join(dir, filepath.FromSlash(c.name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		if c.name != "assets/noise.txt" {
			continue
		}
		if err := os.WriteFile(file+packedExt, []byte("an earlier build's"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the copies have no copies
		if err := precompress(dir); err != nil {
			t.Fatal(err)
		}
	}
	var copies []string
	filepath.Walk(dir, func(name string, _ os.FileInfo, err error) error {
		if rel, _ := filepath.Rel(dir, name); strings.HasSuffix(name, packedExt) {
			copies = append(copies, filepath.ToSlash(rel))
		}
		return err
	})
	if got := strings.Join(copies, " "); got != "assets/main-1234.js.gz machine-1234.wasm.gz" {
		t.Errorf("packed: %s", got)
	}
	b, err := os.ReadFile(filepath.Join(dir, "assets", "main-1234.js.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(z); err != nil || string(got) != long {
		t.Errorf("the copy holds %d bytes, %v", len(got), err)
	}
	if err := precompress(filepath.Join(dir, "missing")); err == nil {
		t.Error("no folder: no error")
	}
}
