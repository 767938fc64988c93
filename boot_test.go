package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/lessons"
)

// stage is what scripts read of rt0 boot -format json.
type stage struct {
	ID, Title, Go, PC, Symbol, File, Missing string
	Tick                                     uint64
	Line                                     int
	Registers                                map[string]string
	Facts                                    map[string]any
}

// bootJSON runs rt0 boot -format json and returns its arrays.
func bootJSON(t *testing.T, args ...string) (boots [][]stage) {
	t.Helper()
	stdout, stderr, status := rt0(t, append([]string{"boot", "-format", "json"}, args...)...)
	if status != 0 {
		if strings.Contains(stderr, "no toolchain") {
			t.Skipf("NOT TESTED: %s", stderr)
		}
		t.Fatalf("rt0 boot %q: status %d, %s", args, status, stderr)
	}
	for d := json.NewDecoder(strings.NewReader(stdout)); d.More(); {
		var b []stage
		if err := d.Decode(&b); err != nil {
			t.Fatal(err)
		}
		boots = append(boots, b)
	}
	return boots
}

func TestBootStages(t *testing.T) {
	const list = "1,2,8,64"
	boots := bootJSON(t, "-cpus", list)
	counts := []int{1, 2, 8, 64}
	if len(boots) != len(counts) {
		t.Fatalf("%d arrays for -cpus %s", len(boots), list)
	}
	for i, n := range counts {
		boot := boots[i]
		if len(boot) != len(lessons.Stages) {
			t.Fatalf("%d CPUs: %d stages; want %d", n, len(boot), len(lessons.Stages))
		}
		var tick uint64
		for j, s := range boot {
			if s.ID != lessons.Stages[j].ID || s.Missing != "" || s.Tick < tick || s.PC != s.Registers["rip"] || s.Symbol == "" {
				t.Errorf("%d CPUs: stage %d is %+v", n, j, s)
			}
			tick = s.Tick
		}
		last := boot[len(boot)-1]
		if last.Symbol != "main.main" || !strings.HasSuffix(last.File, "main.go") {
			t.Errorf("%d CPUs: the boot ends in %s, %s:%d", n, last.Symbol, last.File, last.Line)
		}
		for _, s := range boot {
			if s.ID != "pidle" {
				continue
			}
			want := map[string]any{"ncpu": float64(n), "len(allp)": float64(n), "sched.npidle": float64(n - 1)}
			for name, v := range want {
				if s.Facts[name] != v {
					t.Errorf("%d CPUs: %s = %v; want %v", n, name, s.Facts[name], v)
				}
			}
			if idle, ok := s.Facts["sched.pidle"].([]any); !ok || len(idle) != n-1 {
				t.Errorf("%d CPUs: sched.pidle = %v; want %d Ps", n, s.Facts["sched.pidle"], n-1)
			}
		}
	}
}

// TestBootIsRepeatable checks that a boot is a function of its command line.
func TestBootIsRepeatable(t *testing.T) {
	first, _, _ := rt0(t, "boot", "-format", "json")
	second, _, _ := rt0(t, "boot", "-format", "json")
	other, _, _ := rt0(t, "boot", "-format", "json", "-seed", "1")
	if first != second || first == other || first == "" {
		t.Errorf("the same twice: %v; the same with another seed: %v", first == second, first == other)
	}
}

func TestBootOneStage(t *testing.T) {
	boots := bootJSON(t, "-stage", "g0stack", "hello", "an argument", "-stage", "x")
	if len(boots) != 1 || len(boots[0]) != 1 || boots[0][0].ID != "g0stack" || boots[0][0].Facts["argc"] != 4.0 {
		t.Errorf("-stage g0stack with three arguments: %+v", boots)
	}
}

// TestBootVersions boots programs of older Gos.
func TestBootVersions(t *testing.T) {
	for _, version := range []string{"1.18.10", "1.21.13", "1.25.0"} {
		t.Run(version, func(t *testing.T) {
			boot := bootJSON(t, "-go", version)[0]
			if len(boot) != len(lessons.Stages) {
				t.Fatalf("%d stages", len(boot))
			}
			for _, s := range boot {
				if s.Go != "go"+version {
					t.Errorf("stage %s was built by %s", s.ID, s.Go)
				}
				if s.Missing != "" {
					t.Logf("stage %s: %s", s.ID, s.Missing)
				}
			}
		})
	}
}

// TestBootText checks the text in both languages: all stages, no colour where there is no terminal.
func TestBootText(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		stdout, stderr, status := rt0(t, "boot", "-lang", lang)
		if status != 0 || strings.Contains(stdout, "\x1b") {
			t.Fatalf("-lang %s: status %d, %s", lang, status, stderr)
		}
		for _, s := range lessons.Stages {
			if title := s.Title.In(lang); !strings.Contains(stdout, s.ID) || !strings.Contains(stdout, title) {
				t.Errorf("-lang %s: no stage %s, %q", lang, s.ID, title)
			}
		}
	}
}
