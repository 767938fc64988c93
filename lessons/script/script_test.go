package script

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// keyLines are what the cells of a lesson must print among other things, whatever the Go version that builds the sample.
var keyLines = map[string][]string{
	"overview":    {"osstack", "first act: ", " 1 CPUs: ", " 0] goroutines: "},
	"osstack":     {`argv[2] = "two"`, "at SP + 24\n", "at SP + 40\n", "SP % 16 = 0, 0", "AT_PAGESZ (6) = 4096"},
	"entry":       {"MOVQ 0(SP), DI", "SI - SP: 8", "SP moved by 0", `second word points to "hello"`, "argv == its address: true"},
	"alignment":   {"moved by 48 remainder by 16: 0", "argc at 24(SP), argv at 32(SP)", "go1.16.15: SP moved by 48; argc at 16(SP), argv at 24(SP)"},
	"g0stack":     {"hi - lo: 65536", "runtime.mstart0 (", "stackguard0 - stack.lo: 928", "65432 = 64 KiB - 104"},
	"tls":         {"arch_prctl(ARCH_SET_FS, 0x", "FS - &m0.tls[0]: 8", "m0.tls[0] = G1", "m0.tls[1] = nil", "0000000000000000 → 0000000000000123"},
	"bind":        {"-8(FS): true  R14: false  SP: true", "MOVQ FS:-0x8, R14", "-8(FS): true  R14: true  SP: true"},
	"args":        {"runtime.sysauxv (", `envp: "LESSON=args"`, "AT_RANDOM points to startupRand: true", "runtime.randinit ("},
	"osinit":      {"sched_getaffinity(0, 8192, ", "mask: [00111111]", "later gomaxprocs 2, 2 Ps", "go1.21.13: ncpu 6, numCPUStartup absent"},
	"schedinit":   {"len(allp)        0\n", "gomaxprocs       0\n", "runtime.rt0_go (", "the longest: "},
	"mcommoninit": {"runtime.mReserveID (", "runtime.mpreinit (", "allm: &m0  m0.alllink: nil", "1 CPUs: 1 Ps, allm ["},
	"procresize":  {"runtime.(*p).init (", "_Pgcstop", "ncpu 4 len(allp) 2\n", "GOMAXPROCS=many  ncpu 4, gomaxprocs 4"},
	"acquirep":    {"m0.p P0   allp[0].m nil  _Pidle", "m0.p P0   allp[0].m &m0  _Prunning", "1 CPUs: m0.p = P0"},
	"pidle":       {"go1.25.0 [1 2 3]", "  allp[1].link  = nil ", "idlepMask 1110, ", "1 CPUs: sched.pidle [], "},
	"newproc":     {"runtime.goexit+0x1 _Grunnable", "stack: 2048 bytes; sched.sp is 40 below", "runnext: G1", "go1.16.15 2 pushed"},
	"mstart":      {"0 bytes below its end", "g0.stackguard0 = g0.stack.lo + 0 ", "g0.stackguard0 = g0.stack.lo + 928 ", "m0.procid 1000 after "},
	"schedule":    {", equal: true", "returns to: runtime.goexit+0x1", "in g1's stack: true", "m0.tls[0] G1   R14 &g0  stack &g0  m0.curg G1"},
	"main":        {"goroutine 1 returns to runtime.main+", "goroutine 2   _Gwaiting   runtime.forcegchelper", "M1: p nil  starts with runtime.sysmon", "1 CPUs: Ms [2 1 0]"},
}

// TestLessons runs every lesson in both languages in the interpreter, and compiled by Go: the cells print the same.
func TestLessons(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	var binary string
	if !testing.Short() {
		binary = compile(t, all)
	}
	for _, l := range all {
		for _, lang := range Langs {
			t.Run(l.Name+"/"+lang, func(t *testing.T) {
				var out bytes.Buffer
				if err := Run(context.Background(), &out, l, Options{Lang: lang, CodeOnly: true}); err != nil {
					t.Fatalf("%v\n%s", err, out.String())
				}
				for _, want := range keyLines[l.Name] {
					if !strings.Contains(out.String(), want) {
						t.Errorf("no %q in\n%s", want, out.String())
					}
				}
				if binary == "" {
					return
				}
				var stderr strings.Builder
				cmd := exec.Command(binary, l.Name, lang)
				cmd.Stderr = &stderr
				compiled, err := cmd.Output()
				if err != nil {
					t.Fatalf("compiled: %v\n%s", err, stderr.String())
				}
				if out.String() != string(compiled) {
					t.Errorf("interpreted:\n%s\ncompiled:\n%s", out.String(), compiled)
				}
			})
		}
	}
}

// compile makes one program of all lessons, each of whose main functions gets a name of its own. Its arguments are the
// lesson's name and the language.
func compile(t *testing.T, all []*Lesson) string {
	dir := t.TempDir()
	args := []string{"build", "-o", filepath.Join(dir, "lessons")}
	write := func(name, src string) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	cases := ""
	for i, l := range all {
		src := strings.Replace(l.Source, "//go:build ignore\n", "", 1)
		write(fmt.Sprintf("lesson%d.go", i), strings.Replace(src, "func main() {\n", fmt.Sprintf("func lesson%d() {\n", i), 1))
		cases += fmt.Sprintf("\tcase %q:\n\t\tlesson%d()\n", l.Name, i)
	}
	write("main.go", `package main

import (
	"os"

	"github.com/rt0lab/rt0/lessons/lab"
)

func main() {
	lab.Lang = os.Args[2]
	switch os.Args[1] {
`+cases+"\t}\n}\n")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return args[2]
}

// TestLessonsAreFormatted holds cells to what gofmt would make of them: they are shown as they stand in the script.
func TestLessonsAreFormatted(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for _, p := range l.Parts {
			if p.Code == "" {
				continue
			}
			out, err := format.Source([]byte(p.Code))
			if err != nil || string(out) != p.Code {
				t.Errorf("lesson %s, line %d: %v; gofmt would write\n%s", l.Name, p.Line, err, out)
			}
		}
	}
}
