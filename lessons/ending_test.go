package lessons

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
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

// inChinese gives what a text says in English as the Chinese one has it.
var inChinese = strings.NewReplacer("in main", "main", "in runtime", "runtime", "by an access to ", "", "at the instruction ", "",
	"within 2000000 instructions", "执行 2000000 条指令", "at tick 2000000", "时刻 2000000", "within 100000 instructions", "执行 100000 条指令", "allow the program more with", "请用")

// TestEnding: of a program that ends before main.main every format tells, in both languages, how and where, what it wrote and
// what to do; and no stage says that main.main was reached without it.
func TestEnding(t *testing.T) {
	local := testprog.Versions[len(testprog.Versions)-1]
	until := func(n uint64) func(*emulator.Config) { return func(c *emulator.Config) { c.MaxTicks = n } }
	for _, c := range []struct {
		name    string
		program []byte
		edit    func(*emulator.Config)
		stage   string // the first that was not reached
		what    []string
		stderr  string
		advice  string
	}{
		{"GOAMD64=v3", testprog.BuildLevel(t, "v3", testprog.Hello), nil, "args",
			[]string{"exit status 1", "in runtime.exit (runtime/sys_linux_amd64.s:", " ← runtime.rt0_go"},
			"This program can only be run on AMD64 processors with v3 microarchitecture support.\n", "GOAMD64=v1 go build"},
		{"GOAMD64=v3, not linked by the go command", bytes.ReplaceAll(testprog.BuildLevel(t, "v3", testprog.Hello), []byte("build\tGOAMD64"), []byte("build\tnothing")), nil, "args",
			[]string{"exit status 1"}, "with v3 microarchitecture support.\n", "GOAMD64=v1 go build"},
		{"an instruction that is none", patched(t, "runtime.schedinit", 0x0f, 0x0b), nil, "schedinit",
			[]string{"killed by signal 4 (SIGILL)", "at the instruction UD2 (0f 0b)", "in runtime.schedinit (runtime/proc.go:", "← runtime.rt0_go"}, "", "rt0 trace -calls -from "},
		{"a store to 0x1000", patched(t, "runtime.schedinit", 0x89, 0x04, 0x25, 0, 0x10, 0, 0), nil, "schedinit",
			[]string{"killed by signal 11 (SIGSEGV)", "by an access to 0x1000", "(89 04 25 00 10 00 00)", "in runtime.schedinit"}, "", "rt0 trace -calls -from "},
		{"os.Exit in init", testprog.Build(t, local, "package main\n\nimport \"os\"\n\nfunc init() { println(\"no\\x1b[2J\"); os.Exit(3) }\n\nfunc main() {}\n"), nil, "main",
			[]string{"exit status 3", "← os.Exit", "← main.init.0"}, "no\x1b[2J\n", "rt0 trace -calls -from "},
		{"an endless loop in a package variable", testprog.Build(t, local, "package main\n\nfunc f() (n int) {\n\tfor n >= 0 {\n\t\tn = n*5&0xffff + 1\n\t}\n\treturn n\n}\n\nvar x = f()\n\nfunc main() { println(x) }\n"), until(2_000_000), "main",
			[]string{"within 2000000 instructions", "at tick 2000000", "in main.f (main.go:", " ← main.init ← runtime.doInit"}, "", "allow the program more with -max-ticks N"},
		{"an endless loop in init, beside the runtime's own thread", testprog.Build(t, local, "package main\n\nimport \"time\"\n\nfunc init() {\n\tgo time.Sleep(time.Hour)\n\tfor n := 1; ; n = n*5&0xffff + 1 {\n\t}\n}\n\nfunc main() {}\n"), until(2_000_000), "main",
			[]string{"within 2000000 instructions", "at tick 2000000", "in main.init.0 (main.go:"}, "", "allow the program more with -max-ticks N"},
		{"an endless loop in the runtime", patched(t, "runtime.schedinit", 0xeb, 0xfe), until(100_000), "schedinit",
			[]string{"within 100000 instructions", "in runtime.schedinit (runtime/proc.go:", "← runtime.rt0_go"}, "", "allow the program more with -max-ticks N"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := emulator.Config{Program: c.program, Path: "/bin/hello", Args: []string{"hello"}, CPUs: 1}
			if c.edit != nil {
				c.edit(&cfg)
			}
			m, err := emulator.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			moments, err := Boot(context.Background(), m)
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
				if lang == "en" && strings.Count(text.String(), "\n   tick ") != reached || strings.Count(page.String(), `class="where"`) != reached {
					t.Errorf("text or page in %s have places for other than %d stages", lang, reached)
				}
				texts := map[string]string{"error": ended.In(lang).Error()}
				texts["text"], texts["html"] = text.String(), page.String()
				for name, s := range texts {
					for _, w := range append(wanted, visibly) {
						if lang == "zh" {
							w = inChinese.Replace(w)
						}
						if !strings.Contains(s, w) {
							t.Errorf("%s in %s does not say %q:\n%s", name, lang, w, s)
						}
					}
					if strings.Contains(s, "reaches main.main without") || strings.Contains(s, "不经过它就到达了") || strings.Contains(s, "\x1b") {
						t.Errorf("%s in %s says what is not so:\n%s", name, lang, s)
					}
				}
				if e := ended.In(lang).Error(); strings.Contains(e, "\n") || lang == "zh" && !strings.Contains(e, "到达 main.main") {
					t.Errorf("the error in %s: %s", lang, e)
				}
			}
			var out bytes.Buffer
			if err := WriteJSON(&out, moments); err != nil {
				t.Fatal(err)
			}
			var stages []struct {
				ID, Missing string
				Tick        *uint64
				PC, Symbol  string
				Facts       map[string]any
				Ended       *struct {
					Tick, Limit          uint64
					Symbol, Stderr, What string
					Status, Line         int
				}
			}
			if err := json.Unmarshal(out.Bytes(), &stages); err != nil {
				t.Fatal(err)
			}
			if len(stages) != len(Stages) {
				t.Errorf("%d stages", len(stages))
			}
			for i, s := range stages {
				if there := i < reached; (s.Tick != nil) != there || (s.PC+s.Symbol != "") != there || (s.Facts != nil) != there {
					t.Errorf("JSON of stage %d has the place of another: %+v", i, s)
				}
				if s.ID != Stages[i].ID || (s.Ended != nil) != (i >= reached) || (s.Missing != "") != (i >= reached) {
					t.Errorf("JSON of stage %d: %+v", i, s)
				} else if s.Ended != nil && (s.Ended.Tick != ended.Tick || s.Ended.Limit != ended.Limit || s.Ended.Status != ended.Status.Status() || s.Ended.Symbol == "" || s.Ended.Stderr != ended.Stderr) {
					t.Errorf("JSON of stage %s: %+v", s.ID, s.Ended)
				}
			}
		})
	}
}

// TestPassedOver: of a program that passes over a stage and ends later, the stage is not said to lie beyond the end.
func TestPassedOver(t *testing.T) {
	moments, err := Boot(context.Background(), machine(t, patched(t, "runtime.args", 0xc3), 1)) // RET: no argc, no argv
	ended, ok := errors.AsType[*EndedError](err)
	if !ok || stageIndex(ended.Stage) <= stageIndex("schedinit") {
		t.Fatalf("%v", err)
	}
	for i, m := range moments {
		switch want := "not seen: this program reaches osinit without it"; {
		case m.Stage.ID == "args":
			if m.Missing.En != want || m.Ended != nil {
				t.Errorf("args: %q, want %q", m.Missing.En, want)
			}
		case (m.Ended != nil) != (i >= stageIndex(ended.Stage)) || m.Missing.Empty() != (m.Ended == nil):
			t.Errorf("%s: %q, and the error is of stage %s", m.Stage.ID, m.Missing.En, ended.Stage)
		}
	}
}
