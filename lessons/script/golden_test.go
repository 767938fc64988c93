package script

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden compares all that a lesson shows, pictures included, with what it showed when somebody looked at it last. The
// files are those of one version of Go, named by their folder: other versions boot in other ways. Addresses and ticks, which
// depend on where the sample was built, are masked; the shape of every picture stays.
func TestGolden(t *testing.T) {
	dir := filepath.Join("testdata", "golden", runtime.Version())
	if _, err := os.Stat(dir); err != nil && !*update {
		t.Skipf("NOT COMPARED: no golden files of %s; go test ./lessons/script -run TestGolden -update makes them", runtime.Version())
	}
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for _, lang := range Langs {
			t.Run(l.Name+"/"+lang, func(t *testing.T) {
				var out bytes.Buffer
				if err := Run(context.Background(), &out, l, Options{Lang: lang, CodeOnly: true}); err != nil {
					t.Fatal(err)
				}
				got := masked(out.String())
				file := filepath.Join(dir, l.Name+"."+lang+".txt")
				if *update {
					if err := os.MkdirAll(dir, 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s differs: %s", file, firstDifference(got, string(want)))
				}
			})
		}
	}
}

// varying is what depends on the build: hexadecimal numbers, numbers of more than four digits, source lines of the sample.
var varying = regexp.MustCompile(`0x[0-9a-f]+|\b[0-9a-f]{8,}\b|\b\d{1,3}(,\d{3})+\b|\b\d{5,}\b`)

// masked replaces what varies, blanks around it included, because columns are as wide as what stands in them.
func masked(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if varying.MatchString(l) {
			l = varying.ReplaceAllString(l, "#")
			l = strings.Join(strings.Fields(l), " ")
		}
		lines[i] = ruler.ReplaceAllString(l, "─")
	}
	return strings.Join(lines, "\n")
}

// ruler is a stretch of a frame, as long as the numbers in it are wide.
var ruler = regexp.MustCompile(`─+`)

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := 0; i < len(g) && i < len(w); i++ {
		if g[i] != w[i] {
			return "line " + strings.TrimSpace(g[i]) + ", was " + strings.TrimSpace(w[i])
		}
	}
	return "one is longer"
}
