package emulator

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestStaticBuild builds programs that want a dynamic linker, and then as the error says: each runs.
func TestStaticBuild(t *testing.T) {
	if _, err := exec.LookPath("gcc"); err != nil || runtime.GOARCH != "amd64" {
		t.Skip("NOT TESTED: no gcc for amd64 Linux here")
	}
	const (
		pure = "package main\n\nfunc main() { print(42) }\n"
		cgo  = "package main\n\n// static int answer(void) { return 42; }\nimport \"C\"\n\nfunc main() { print(C.answer()) }\n"
		net  = "package main\n\nimport \"net\"\n\nfunc main() {\n\tif _, err := net.LookupHost(\"localhost\"); err == nil {\n\t\tprint(42)\n\t}\n}\n"
	)
	for _, c := range []struct{ name, source, build string }{
		{"cgo", cgo, "CGO_ENABLED=1 go build"},
		{"cgo, position-independent", cgo, "CGO_ENABLED=1 go build -buildmode=pie"},
		{"net", net, "CGO_ENABLED=1 go build"},
		{"net, position-independent", net, "CGO_ENABLED=1 go build -buildmode=pie"},
		{"race", pure, "CGO_ENABLED=1 go build -race"},
		{"position-independent", pure, "CGO_ENABLED=0 go build -buildmode=pie"},
		{"C", "#include <stdio.h>\nint main(void) { fputs(\"42\", stderr); return 0; }\n", "gcc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			source := filepath.Join(dir, "main.go")
			if c.build == "gcc" {
				source = filepath.Join(dir, "main.c")
			}
			for name, text := range map[string]string{source: c.source, filepath.Join(dir, "go.mod"): "module program\n\ngo 1.21\n"} {
				if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			build := func(command string) []byte {
				cmd := exec.Command("sh", "-c", command+" -o program "+filepath.Base(source))
				cmd.Dir = dir
				cmd.Env = append(os.Environ(), "GOENV=off", "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", command, err, out)
				}
				file, err := os.ReadFile(filepath.Join(dir, "program"))
				if err != nil {
					t.Fatal(err)
				}
				return file
			}
			_, err := New(Config{Program: build(c.build)})
			if err == nil {
				t.Skipf("%s makes a static program here", c.build)
			}
			_, cure, ok := strings.Cut(err.Error(), "build it statically: ")
			if !ok {
				t.Fatal(err)
			}
			if _, needsCgo, ok := strings.Cut(cure, "or, if it needs cgo, "); ok && c.build != "gcc" {
				cure = needsCgo
			}
			cure, _, _ = strings.Cut(cure, ";")
			var out bytes.Buffer
			m, err := New(Config{Program: build(cure), Stderr: &out})
			if err != nil {
				t.Fatalf("built as it says, by %s: %v", cure, err)
			}
			finish(t, m)
			if status, _ := m.Exited(); status.Status() != 0 || out.String() != "42" {
				t.Errorf("built by %s it ends with %v and says %q", cure, status, &out)
			}
		})
	}
}
