package lessons

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/internal/testprog"
)

func machine(t testing.TB, program []byte, cpus int) *emulator.Machine {
	t.Helper()
	m, err := emulator.New(emulator.Config{Program: program, Path: "/bin/hello", Args: []string{"hello", "world"}, Env: []string{"LANG=C"}, CPUs: cpus, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func bootHello(t testing.TB, version string, cpus int, flags ...string) (*emulator.Machine, []*Moment) {
	t.Helper()
	m := machine(t, testprog.Build(t, version, testprog.Hello, flags...), cpus)
	moments, err := Boot(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return m, moments
}

func TestBoot(t *testing.T) {
	for _, version := range testprog.Versions {
		for _, cpus := range []int{1, 2, 8, 64} {
			t.Run(fmt.Sprintf("%s/%d", version, cpus), func(t *testing.T) {
				for _, m := range checkBoot(t, version, cpus) {
					if len(m.Absent) > 0 {
						t.Errorf("%s: absent %v", m.Stage.ID, m.Absent)
					}
				}
			})
		}
	}
}

// TestOldBoot: older Gos lack some facts, and say so; the stages are the same.
func TestOldBoot(t *testing.T) {
	for version, absent := range map[string]string{
		"go1.4.3":   "&m0.tls[1] m0.tls[0] physPageSize allp[0].runnext.goid",
		"go1.9.7":   "",
		"go1.12.17": "",
		"go1.16.15": "",
	} {
		t.Run(version, func(t *testing.T) {
			var names []string
			for _, m := range checkBoot(t, version, 4) {
				for _, a := range m.Absent {
					if !slices.Contains(names, a.Name) {
						names = append(names, a.Name)
					}
					if !strings.Contains(a.Why.En, version) || !strings.Contains(a.Why.Zh, version) {
						t.Errorf("%s is absent because %q", a.Name, a.Why)
					}
				}
			}
			if got := strings.Join(names, " "); got != absent {
				t.Errorf("absent are %s, want %s", got, absent)
			}
		})
	}
}

// checkBoot boots hello and holds each moment to the truths.
func checkBoot(t *testing.T, version string, cpus int) []*Moment {
	_, moments := bootHello(t, version, cpus)
	if len(moments) != len(Stages) {
		t.Fatalf("%d moments", len(moments))
	}
	procs := cpus
	if minor(version) < 5 {
		procs = 1 // where nobody asks for more
	}
	last := uint64(0)
	for i, m := range moments {
		if m.Stage.ID != Stages[i].ID || !m.Missing.Empty() || m.Tick < last || m.Go != version || m.Line == 0 {
			t.Errorf("moment %d: %s, missing %q, tick %d after %d, %s, line %d", i, m.Stage.ID, m.Missing.En, m.Tick, last, m.Go, m.Line)
		}
		last = m.Tick
	}
	for _, c := range truths {
		if r := (reader{t, moments[stageIndex(c.stage)]}); minor(version) >= c.since && !c.holds(r, procs) {
			t.Errorf("%s: not so: %s\nfacts %v", c.stage, c.what, r.m.Facts)
		}
	}
	return moments
}

// TestSeek: the machine is at a moment's tick exactly what the moment says.
func TestSeek(t *testing.T) {
	for _, version := range testprog.Versions {
		m, moments := bootHello(t, version, 4)
		b, err := newBoot(m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range moments {
			i = len(moments) - 1 - i*5%len(moments) // to and fro
			want := moments[i]
			if err := m.Seek(want.Tick); err != nil {
				t.Fatal(err)
			}
			got := &Moment{}
			b.tid = want.TID
			b.readFacts(got, i)
			if !reflect.DeepEqual(got.Facts, want.Facts) || b.registers() != want.Registers {
				t.Errorf("%s: %s: after Seek(%d)\n%v\n%v", version, want.Stage.ID, want.Tick, got.Facts, want.Facts)
			}
		}
	}
}

// TestStripped: what needs layouts says so, the rest is seen.
func TestStripped(t *testing.T) {
	for _, c := range []struct{ flags, seen string }{
		{"-ldflags=-s", "osstack entry alignment tls schedule main"},
		{"-ldflags=-w", "osstack entry alignment tls args osinit mcommoninit schedule main"},
	} {
		for _, version := range testprog.Versions {
			_, moments := bootHello(t, version, 2, c.flags)
			var seen []string
			for _, m := range moments {
				if m.Missing.Empty() {
					seen = append(seen, m.Stage.ID)
				} else if !strings.Contains(m.Missing.En, "build without -ldflags=-s") || m.Missing.Zh == "" {
					t.Errorf("%s %s: %s: %q", version, c.flags, m.Stage.ID, m.Missing)
				}
			}
			if got := strings.Join(seen, " "); got != c.seen {
				t.Errorf("%s %s: seen are %s, want %s", version, c.flags, got, c.seen)
			}
			tls := moments[4]
			if f, ok := tls.Fact("fsbase"); !ok || f.Value.Word == 0 {
				t.Errorf("%s %s: no fsbase at tls", version, c.flags)
			}
		}
	}
}

// TestC: a C library runs before the Go runtime, at addresses known only at run time, and owns the thread-local storage.
func TestC(t *testing.T) {
	program := testprog.BuildC(t, "package main\n\n// int f(void) { return 42; }\nimport \"C\"\n\nfunc main() { println(C.f()) }\n",
		"-buildmode=pie", "-ldflags=-linkmode=external -extldflags=-static-pie")
	moments, err := Boot(context.Background(), machine(t, program, 2))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range moments {
		if missing := m.Stage.ID == "tls"; missing == m.Missing.Empty() || missing && !strings.Contains(m.Missing.En, "C library") {
			t.Errorf("%s: missing: %q", m.Stage.ID, m.Missing.En)
		}
	}
	at := func(id string) reader { return reader{t, moments[stageIndex(id)]} }
	if r := at("entry"); r.m.Tick < 1000 || r.register(emulator.RSI) != r.word("argv") || r.word("sp") >= r.word("argv") {
		t.Errorf("entry: %v", r.m.Facts)
	}
	if r := at("alignment"); r.word("sp")%16 != 0 || r.word("sp") >= at("entry").word("sp") {
		t.Errorf("alignment: %v", r.m.Facts)
	}
	if r := at("bind"); r.word("m0.g0") != r.word("&g0") || r.word("g0.m") != r.word("&m0") || r.word("&g0") < 0x10000000 {
		t.Errorf("bind: %v", r.m.Facts)
	}
	if r := at("pidle"); !slices.Equal(r.list("sched.pidle"), []int64{1}) || !r.in("runtime.rt0_go") {
		t.Errorf("pidle: %v", r.m.Facts)
	}
}

// TestShort: programs that never come to main.main.
func TestShort(t *testing.T) {
	local := testprog.Versions[len(testprog.Versions)-1]
	program := testprog.Build(t, local, "package main\n\nimport \"os\"\n\nfunc init() { os.Exit(3) }\n\nfunc main() {}\n")
	moments, err := Boot(context.Background(), machine(t, program, 1))
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || len(moments) != len(Stages) || moments[len(moments)-1].Ended == nil {
		t.Errorf("os.Exit in init: %d moments, %v", len(moments), err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if moments, err := Boot(ctx, machine(t, program, 1)); !errors.Is(err, context.Canceled) || len(moments) != 1 {
		t.Errorf("canceled: %d moments, %v", len(moments), err)
	}

	wrong := errors.New("seen enough")
	n := 0
	err = EachStage(context.Background(), machine(t, program, 1), func(*Moment) error {
		if n++; n == 3 {
			return wrong
		}
		return nil
	})
	if err != wrong || n != 3 {
		t.Errorf("yield's error: %v after %d moments", err, n)
	}
}

// TestJSON holds the output to its contract.
func TestJSON(t *testing.T) {
	_, moments := bootHello(t, testprog.Versions[len(testprog.Versions)-1], 4)
	var out bytes.Buffer
	if err := WriteJSON(&out, moments); err != nil {
		t.Fatal(err)
	}
	var stages []struct {
		ID, Title, Go, PC, Symbol, File string
		Tick                            uint64
		Line                            int
		Registers                       map[string]string
		Facts                           map[string]any
	}
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	if err := d.Decode(&stages); err != nil {
		t.Fatal(err)
	}
	for i, s := range stages {
		if s.ID != Stages[i].ID || s.Title == "" || s.Go == "" || s.Symbol == "" || s.File == "" || s.Line == 0 {
			t.Errorf("stage %d: %+v", i, s)
		}
		if len(s.Registers) != 19 || s.Registers["rip"] != s.PC || !strings.HasPrefix(s.PC, "0x") {
			t.Errorf("%s: registers %v, pc %s", s.ID, s.Registers, s.PC)
		}
	}
	at := func(id, fact string) string { return fmt.Sprint(stages[stageIndex(id)].Facts[fact]) }
	for _, c := range []struct{ stage, fact, want string }{
		{"osstack", "argc", "2"},
		{"osinit", "ncpu", "4"},
		{"tls", "m0.tls[0]", "0x123"},
		{"mcommoninit", "allm", "[0]"},
		{"acquirep", "allp.status", "[_Prunning _Pgcstop _Pgcstop _Pgcstop]"},
		{"pidle", "sched.npidle", "3"},
		{"schedule", "m0.curg.goid", "1"},
	} {
		if got := at(c.stage, c.fact); got != c.want {
			t.Errorf("%s: %s is %s, want %s", c.stage, c.fact, got, c.want)
		}
	}
	if _, ok := stages[0].Facts["g0.stack.lo"]; ok {
		t.Error("g0.stack.lo is told before there is one")
	}
}

// TestText: the text has all its parts, in both languages, with no place left unfilled.
func TestText(t *testing.T) {
	_, moments := bootHello(t, testprog.Versions[len(testprog.Versions)-1], 4)
	for _, lang := range []string{"en", "zh"} {
		var out bytes.Buffer
		if err := WriteText(&out, moments, Options{Lang: lang}); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, s := range Stages {
			if !strings.Contains(text, "/17 "+s.ID+" — "+s.Title.In(lang)) {
				t.Errorf("%s: no %s", lang, s.ID)
			}
		}
		for _, want := range []string{"→ 0x", "SP►", "argv[1] → \"world\"", "runtime/proc.go:", "CALL runtime.schedinit(SB)"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q", lang, want)
			}
		}
		for _, bad := range []string{"[[", "]]", "\x1b", "%!"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s: %q in the text", lang, bad)
			}
		}
		for _, m := range moments {
			if story := fill(m.Stage.Story.In(lang), m); strings.ContainsAny(story, "?{}") || strings.Contains(story, "[[") {
				t.Errorf("%s: %s: %s", lang, m.Stage.ID, story)
			}
		}
	}
}

func BenchmarkBoot(b *testing.B) {
	program := testprog.Build(b, testprog.Versions[len(testprog.Versions)-1], testprog.Hello, "-ldflags=-compressdwarf=false")
	for b.Loop() {
		m := machine(b, program, 4)
		if _, err := Boot(context.Background(), m); err != nil {
			b.Fatal(err)
		}
	}
}
