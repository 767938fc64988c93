package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v3"

	"github.com/rt0lab/rt0/internal/testprog"
)

// rt0 calls the command line as a shell would, and returns what came out.
func rt0(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(t.Context(), append([]string{"rt0"}, args...), streams{strings.NewReader(""), &out, &errs})
	return out.String(), errs.String(), status
}

// TestWrongUse checks that every mistake gives one line that names the cause and the next step, and status 125.
func TestWrongUse(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	script := write("script", "#!/bin/sh\n")
	empty := write("empty/readme", "")
	for _, tt := range []struct {
		args []string
		want []string // what the line says
	}{
		{[]string{"rum"}, []string{`no command "rum"`, "run", "see rt0 -h"}},
		{[]string{"boot", "-stage", "pidel"}, []string{"-stage pidel", "pidle"}},
		{[]string{"boot", "-lang", "de"}, []string{"-lang de", "en or zh"}},
		{[]string{"boot", "-format", "xml"}, []string{"-format xml", "text, json, html or svg"}},
		{[]string{"boot", "-cpus", "1,x"}, []string{"-cpus 1,x", "1,2,8"}},
		{[]string{"run"}, []string{"rt0 run: no PROGRAM", "rt0 run -h"}},
		{[]string{"run", "-fast", "hello"}, []string{"-fast", "see rt0 run -h"}},
		{[]string{"run", "-cpus", "x", "hello"}, []string{`"x"`, "-cpus", "see rt0 run -h"}},
		{[]string{"run", "-cpus", "0", "hello"}, []string{"-cpus 0"}},
		{[]string{"run", "-mem", "lots", "hello"}, []string{"-mem", `"lots"`, "256M"}},
		{[]string{"run", "-env", "A", "hello"}, []string{"-env A", "KEY=VALUE"}},
		{[]string{"run", "-mount", "here", "hello"}, []string{"-mount here", "HOSTDIR=GUESTDIR"}},
		{[]string{"run", "no/such/program"}, []string{"no/such/program", "give a path", "hello"}},
		{[]string{"run", filepath.Dir(empty)}, []string{"holds no Go files", "main package"}},
		{[]string{"run", script}, []string{"load " + script, "not an ELF file", `"#!/b"`, "give an executable"}},
	} {
		stdout, stderr, status := rt0(t, tt.args...)
		if status != statusFailure || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "rt0") {
			t.Errorf("rt0 %q: status %d, stdout %q, stderr %q; want status 125 and one line on stderr", tt.args, status, stdout, stderr)
		}
		for _, w := range tt.want {
			if !strings.Contains(stderr, w) {
				t.Errorf("rt0 %q says %q, and not %q", tt.args, stderr, w)
			}
		}
	}
}

// TestPrefixes: no error says its command, or anything else, twice over at its beginning.
func TestPrefixes(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("no program"), 0o666); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "other") // nothing of Go's to see
	hello := testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], testprog.Hello)
	if err := os.WriteFile(other, bytes.ReplaceAll(hello, []byte("runtime.rt0_go"), []byte("runtime.rt0_no")), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"boot -max-ticks 1000 hello", "boot -mem 1M hello", "boot -mem 16M hello", "boot -stage x", "boot -cpus x", "boot -go 1.x", "boot " + file, "boot " + dir, "boot no/such", "boot -diff 1.x",
		"boot " + other, "run", "run " + file, "run -mem 1M hello", "run -max-ticks 1000 hello", "run -mount x hello", "run -env x hello",
		"trace", "trace " + file, "trace -calls -from x hello", "trace -max-ticks 1000 hello", "trace -calls no/such", "trace -mem 1M hello",
		"gdb no/such", "gdb -listen x:y hello", "gdb -mem 1M hello", "gdb " + file, "dap -listen x:y", "dap -mem x",
		"serve -dir " + file, "serve -addr x:y", "serve x", "lesson run", "lesson run x", "lesson list -lang x", "lesson x", "lesson run -lang x pidle",
		"exercise x", "exercise run x", "exercise check x " + file, "exercise list -lang x",
		"kernel run no/such", "kernel run " + file, "kernel install -prefix " + file, "kernel uninstall -prefix " + file, "kernel x", "nothing",
	} {
		_, stderr, status := rt0(t, strings.Fields(line)...)
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		last := lines[len(lines)-1] // above may be what the go command says
		parts := strings.Split(last, ": ")
		command := strings.Fields(parts[0])
		if status == 0 || len(parts) < 2 || command[0] != "rt0" {
			t.Errorf("rt0 %s: status %d, %q; want an error", line, status, stderr)
			continue
		}
		own := command[len(command)-1]
		for i := 1; i < len(parts); i++ {
			if parts[i] == parts[i-1] || parts[i] == parts[0] || i == 1 && parts[i] == own {
				t.Errorf("rt0 %s: %s", line, last)
			}
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{nil, {"-h"}, {"--help"}} {
		stdout, _, status := rt0(t, args...)
		if status != 0 || !strings.Contains(stdout, "run a program to its end") || !strings.Contains(stdout, "125 when rt0 itself failed") {
			t.Errorf("rt0 %q: status %d, %q", args, status, stdout)
		}
	}
	stdout, _, status := rt0(t, "run", "-h")
	for _, want := range []string{"\n   -cpus N ", "\n   -mount HOSTDIR=GUESTDIR[:rw] ", "Flags come before PROGRAM", "hellofmt ", "(default: 4G)"} {
		if status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("rt0 run -h: status %d, %q is missing", status, want)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"-version"}, {"--version"}} {
		stdout, stderr, status := rt0(t, args...)
		if status != 0 || stderr != "" || stdout != "rt0 "+version()+"\n" {
			t.Errorf("rt0 %q: status %d, stdout %q, stderr %q", args, status, stdout, stderr)
		}
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "pwsh"} {
		if stdout, stderr, status := rt0(t, "completion", shell); status != 0 || !strings.Contains(strings.ToLower(stdout), "complet") {
			t.Errorf("rt0 completion %s: status %d, stdout %q, stderr %q", shell, status, stdout, stderr)
		}
	}
	if stdout, _, _ := rt0(t, "run", "-c", "--generate-shell-completion"); !strings.Contains(stdout, "-cpus") {
		t.Errorf("completions of -c: %q; want -cpus among them", stdout)
	}
}

// TestProgramArgs checks that all that follows PROGRAM is its own.
func TestProgramArgs(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"prog", "prog"},
		{"-cpus 2 prog a b", "prog a b"},
		{"--cpus=2 -env A=1 prog -cpus 3 --x -h", "prog -cpus 3 --x -h"},
		{"prog -- a", "prog -- a"},
		{"prog --", "prog --"},
		{"prog -- --", "prog -- --"},
		{"prog a -- b -- c", "prog a -- b -- c"},
		{"-- prog -x", "prog -x"},
		{"-- prog -- -x", "prog -- -x"},
		{"-stats prog run help version", "prog run help version"},
		{"", ""},
	} {
		all := append([]string{"rt0", "run"}, strings.Fields(tt.args)...)
		var got []string
		root := newRoot(all, streams{strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}})
		root.Command("run").Action = func(_ context.Context, c *cli.Command) error {
			got = programArgs(c, all)
			return nil
		}
		if err := root.Run(t.Context(), all); err != nil || !slices.Equal(got, strings.Fields(tt.want)) {
			t.Errorf("rt0 run %s: program and arguments %q, %v; want %q", tt.args, got, err, tt.want)
		}
	}
}
