//go:build !js

package cells

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRedeclaredInPage runs TestRedeclared as in a web page, where there is no type checker.
func TestRedeclaredInPage(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("NOT TESTED: what variables keep in a web page: no node")
	}
	file := filepath.Join(t.TempDir(), "cells.wasm")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", file, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec_node.js")
	run := exec.CommandContext(t.Context(), node, "--stack-size=8192", script, file, "-test.run=^TestRedeclared$", "-test.v")
	run.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()} // the script's room for it is small
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestRedeclared ") {
		t.Errorf("%v\n%s", err, out)
	}
}
