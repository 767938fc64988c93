package script

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/program"
	"github.com/rt0lab/rt0/lessons/lab"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden compares all that a lesson shows, pictures included, with what it showed when somebody looked at it last. The
// files are those of one version of Go, named by their folder: other versions boot in other ways. So the sample is built by
// that version, whichever runs the test. Addresses and ticks, which depend on where the sample was built, are masked; the shape
// of every picture stays. A version that cannot be fetched is replaced by the local one, whose source lines are masked as well.
func TestGolden(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "golden", "go*"))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		dirs = []string{filepath.Join("testdata", "golden", runtime.Version())}
	}
	if len(dirs) == 0 {
		t.Fatal("no golden files; go test ./lessons/script -run TestGolden -update makes them")
	}
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		mask, local := sampleOf(t, filepath.Base(dir))
		for _, l := range all {
			for _, lang := range Langs {
				t.Run(filepath.Base(dir)+"/"+l.Name+"/"+lang, func(t *testing.T) {
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
					if got, want := mask(got), mask(string(want)); got != want {
						t.Errorf("%s differs%s: %s", file, local, firstDifference(got, want))
					}
				})
			}
		}
	}
}

// sampleOf makes lessons boot samples built by that version of Go until the test ends. If the version cannot be fetched they
// boot those of the local Go: then mask is to be applied to both sides of a comparison, and local says what was compared.
func sampleOf(t *testing.T, version string) (mask func(string) string, local string) {
	old := lab.Program
	t.Cleanup(func() { lab.Program = old })
	mask = func(s string) string { return s }
	find := func(version string) (err error) {
		var messages bytes.Buffer
		if _, err = program.Find(t.Context(), program.Default, program.Options{Go: version, Messages: &messages}); err != nil {
			return fmt.Errorf("%w\n%s", err, messages.Bytes())
		}
		return nil
	}
	if err := find(version); err != nil {
		t.Logf("NOT COMPARED AS A WHOLE: %s cannot be fetched (%v); %s builds the sample, and source lines are masked", version, err, runtime.Version())
		version, mask, local = "", maskedLines, fmt.Sprintf(" (its sample was built by %s, for %s cannot be fetched)", runtime.Version(), version)
	}
	lab.Program = func(ctx context.Context, name, asked string) (*program.Program, error) {
		if asked == "" {
			asked = version
		}
		return program.Find(ctx, name, program.Options{Go: asked, Messages: os.Stderr})
	}
	return mask, local
}

// sourceLine is a place in a source file, which moves with every release.
var sourceLine = regexp.MustCompile(`(\.(?:go|s)):\d+`)

// maskedLines replaces the lines of source files, blanks around them included, and the version of Go.
func maskedLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if m := goVersion.ReplaceAllString(sourceLine.ReplaceAllString(l, "$1:#"), "go#"); m != l {
			lines[i] = strings.Join(strings.Fields(m), " ")
		}
	}
	return strings.Join(lines, "\n")
}

var goVersion = regexp.MustCompile(`\bgo1\.\d+(\.\d+)?\b`)

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

// TestGoldenWithoutItsGo compares a lesson whose version of Go is not to be had: it is compared all the same.
func TestGoldenWithoutItsGo(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	mask, local := sampleOf(t, "go1.26.9999")
	if local == "" {
		t.Fatal("go1.26.9999 was found")
	}
	if _, err := lab.Program(t.Context(), program.Default, ""); err != nil {
		t.Fatalf("the local Go's sample: %v", err)
	}
	const was, is = "  at proc.go:12   of go1.26.8\nat runtime.g\n", "  at proc.go:1300 of go1.26.10\nat runtime.g\n"
	if got, want := mask(is), mask(was); got != want || !strings.Contains(got, "proc.go:# of go#\nat runtime.g\n") {
		t.Errorf("%q and %q, want them equal", got, want)
	}
}
