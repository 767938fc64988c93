package main

import (
	"bytes"
	"os"
	"testing"
)

// TestFresh fails when package lab has changed since go generate.
func TestFresh(t *testing.T) {
	want, err := generate("../../../lessons/lab")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../docs_lab.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("kernel/cells/docs_lab.go is stale: run go generate ./kernel/cells")
	}
}
