// Package testprog builds Go programs for tests, with this or another version of Go, and keeps what it built.
package testprog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Hello is the smallest program that says anything.
const Hello = `package main

func main() { println("hello") }
`

// Versions are the Go versions that tests build with, oldest first; the last is the one that runs the test.
var Versions = []string{"go1.18.10", "go1.21.13", "go1.24.9", "go1.25.0", runtime.Version()}

// OldVersions are versions whose runtimes differ more, oldest first.
var OldVersions = []string{"go1.4.3", "go1.9.7", "go1.12.17", "go1.16.15"}

// Build compiles source, one file of package main, for linux/amd64 without cgo. flags are further flags of go build, such
// as "-ldflags=-s". A toolchain that is neither at hand nor to be had skips the test.
func Build(t testing.TB, version, source string, flags ...string) []byte {
	t.Helper()
	return build(t, version, source, "CGO_ENABLED=0", flags)
}

// BuildLevel is Build with this version of Go for a level of x86-64, such as "v3".
func BuildLevel(t testing.TB, level, source string, flags ...string) []byte {
	t.Helper()
	return build(t, runtime.Version(), source, "CGO_ENABLED=0", flags, "GOAMD64="+level)
}

// BuildC compiles source with this version of Go and links it statically with the C library. It skips the test where
// there is no C compiler for amd64 Linux.
func BuildC(t testing.TB, source string, flags ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil || runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("no gcc for amd64 Linux here")
	}
	return build(t, runtime.Version(), source, "CGO_ENABLED=1", flags)
}

func build(t testing.TB, version, source, cgo string, flags []string, env ...string) []byte {
	t.Helper()
	key := sha256.Sum256([]byte(strings.Join(slices.Concat([]string{version, source, cgo}, flags, env), "\x00")))
	kept := filepath.Join(os.TempDir(), "rt0-testprog", version+"-"+hex.EncodeToString(key[:8]))
	if b, err := os.ReadFile(kept); err == nil {
		return b
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"main.go": source, "go.mod": "module program\n\ngo 1.18\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "program")
	cmd := exec.Command("go", append(append([]string{"build", "-o", out}, flags...), "main.go")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", cgo, "GOENV=off", "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN="+toolchain(version))
	cmd.Env = append(cmd.Env, env...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		if version != runtime.Version() && strings.Contains(string(msg), "toolchain") {
			t.Skipf("no %s: %s", version, msg)
		}
		t.Fatalf("build with %s: %v\n%s", version, err, msg)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := keep(kept, b); err != nil {
		t.Logf("not kept: %v", err)
	}
	return b
}

// toolchain spells a version for GOTOOLCHAIN: the one at hand needs no download.
func toolchain(version string) string {
	if version == runtime.Version() {
		return "local"
	}
	return version
}

// keep writes the file so that another test at work at the same time sees it whole or not at all.
func keep(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(temp, b, 0o666); err != nil {
		return err
	}
	return os.Rename(temp, path)
}
