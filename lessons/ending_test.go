package lessons

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/symbols"
	"github.com/rt0lab/rt0/internal/testprog"
)

// patched is hello with other code at the beginning of a function.
func patched(t *testing.T, function string, code ...byte) []byte {
	t.Helper()
	program := slices.Clone(testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], testprog.Hello))
	table, err := symbols.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	f, ok := table.FuncNamed(function)
	if !ok {
		t.Fatalf("no %s", function)
	}
	old := make([]byte, f.End-f.Entry)
	if err := table.Image().ReadMemory(old, f.Entry); err != nil {
		t.Fatal(err)
	}
	copy(program[bytes.Index(program, old):], code)
	return program
}

// TestEnding: of a program that ends before main.main every format tells, in both languages, how and where, what it wrote and
// what to do; and no stage says that main.main was reached without it.
func TestEnding(t *testing.T) {
	local := testprog.Versions[len(testprog.Versions)-1]
	for _, c := range []struct {
		name    string
		program []byte
		stage   string // the first that was not reached
		what    []string
		stderr  string
		advice  string
	}{
		{"GOAMD64=v3", testprog.BuildLevel(t, "v3", testprog.Hello), "args",
			[]string{"exit status 1", "in runtime.exit (runtime/sys_linux_amd64.s:", " ← runtime.rt0_go"},
			"This program can only be run on AMD64 processors with v3 microarchitecture support.\n", "GOAMD64=v1 go build"},
		{"GOAMD64=v3, not linked by the go command", bytes.ReplaceAll(testprog.BuildLevel(t, "v3", testprog.Hello), []byte("build\tGOAMD64"), []byte("build\tnothing")), "args",
			[]string{"exit status 1"}, "with v3 microarchitecture support.\n", "GOAMD64=v1 go build"},
		{"an instruction that is none", patched(t, "runtime.schedinit", 0x0f, 0x0b), "schedinit",
			[]string{"killed by signal 4 (SIGILL)", "at the instruction UD2 (0f 0b)", "in runtime.schedinit (runtime/proc.go:", "← runtime.rt0_go"}, "", "rt0 trace -calls -from "},
		{"a store to 0x1000", patched(t, "runtime.schedinit", 0x89, 0x04, 0x25, 0, 0x10, 0, 0), "schedinit",
			[]string{"killed by signal 11 (SIGSEGV)", "by an access to 0x1000", "(89 04 25 00 10 00 00)", "in runtime.schedinit"}, "", "rt0 trace -calls -from "},
		{"os.Exit in init", testprog.Build(t, local, "package main\n\nimport \"os\"\n\nfunc init() { println(\"no\\x1b[2J\"); os.Exit(3) }\n\nfunc main() {}\n"), "main",
			[]string{"exit status 3", "← os.Exit", "← main.init.0"}, "no\x1b[2J\n", "rt0 trace -calls -from "},
	} {
		t.Run(c.name, func(t *testing.T) {
			moments, err := Boot(context.Background(), machine(t, c.program, 1))
			ended, ok := errors.AsType[*EndedError](err)
			if !ok {
				t.Fatalf("the error is %v", err)
			}
			if ended.Stage != c.stage || !strings.HasSuffix(ended.Stderr, c.stderr) {
				t.Errorf("stage %s, stderr %q", ended.Stage, ended.Stderr)
			}
			if ended.Tick <= moments[stageIndex(c.stage)-1].Tick {
				t.Errorf("tick %d", ended.Tick)
			}
			reached := stageIndex(c.stage)
			wanted := append(c.what, c.advice)
			visibly := strings.ReplaceAll(strings.TrimSuffix(c.stderr, "\n"), "\x1b", "␛")
			for _, lang := range []string{"en", "zh"} {
				var text, page bytes.Buffer
				if err := errors.Join(WriteText(&text, moments, Options{Lang: lang}), WriteHTML(&page, moments, lang, "")); err != nil {
					t.Fatal(err)
				}
				texts := map[string]string{"error": ended.In(lang).Error()}
				if reached < len(moments) { // os.Exit in init: all stages that are told were reached
					texts["text"], texts["html"] = text.String(), page.String()
				}
				for name, s := range texts {
					for _, w := range append(wanted, visibly) {
						if lang == "zh" {
							w = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(w, "in "), "by an access to "), "at the instruction ")
						}
						if !strings.Contains(s, w) {
							t.Errorf("%s in %s does not say %q:\n%s", name, lang, w, s)
						}
					}
					if strings.Contains(s, "reaches main.main without") || strings.Contains(s, "不经过它就到达了") || strings.Contains(s, "\x1b") {
						t.Errorf("%s in %s says what is not so:\n%s", name, lang, s)
					}
				}
				if e := ended.In(lang).Error(); strings.Contains(e, "\n") || lang == "zh" && !strings.Contains(e, "程序在到达 main.main 之前") {
					t.Errorf("the error in %s: %s", lang, e)
				}
			}
			var out bytes.Buffer
			if err := WriteJSON(&out, moments); err != nil {
				t.Fatal(err)
			}
			var stages []struct {
				ID, Missing string
				Ended       *struct {
					Tick                 uint64
					Symbol, Stderr, What string
					Status, Line         int
				}
			}
			if err := json.Unmarshal(out.Bytes(), &stages); err != nil {
				t.Fatal(err)
			}
			for i, s := range stages {
				if s.ID != Stages[i].ID || (s.Ended != nil) != (i >= reached) || (s.Missing != "") != (i >= reached) {
					t.Errorf("JSON of stage %d: %+v", i, s)
				} else if s.Ended != nil && (s.Ended.Tick != ended.Tick || s.Ended.Status != ended.Status.Status() || s.Ended.Symbol == "" || s.Ended.Stderr != ended.Stderr) {
					t.Errorf("JSON of stage %s: %+v", s.ID, s.Ended)
				}
			}
		})
	}
}
