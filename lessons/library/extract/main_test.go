package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// made is the Go whose packages the committed files list.
const made = "go1.26"

func TestFilesAreThoseThatGenerateWrites(t *testing.T) {
	if !strings.HasPrefix(runtime.Version(), made) {
		t.Skipf("NOT COMPARED: the files were made with %s, and this is %s, whose packages export other names", made, runtime.Version())
	}
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		have, err := os.ReadFile(filepath.Join("..", name))
		if err != nil || !bytes.Equal(have, text) {
			t.Errorf("%s differs from what go generate writes: run it in lessons/library (%v)", name, err)
		}
	}
	have, err := filepath.Glob("../std_*.go")
	if err != nil || len(have) != len(want) {
		t.Errorf("%d files, and go generate writes %d (%v)", len(have), len(want), err)
	}
}
