// Package conformance runs the Go standard library's own test binaries, unmodified, inside the machine. The list of
// packages is packages.txt; what is excluded is listed there with its reason.
//
//	go test ./internal/conformance            the quick ones
//	go test ./internal/conformance -v -full   all of them (make conformance)
package conformance

import (
	"bufio"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed packages.txt
var packages string

// A Package is a line of the list.
type Package struct {
	// Path is the import path.
	Path string
	// Quick says that it runs in every `make test`.
	Quick bool
	// Flags are flags for the test binary, such as -test.short.
	Flags []string
	// Excluded are the tests that are left out.
	Excluded []Exclusion
}

// An Exclusion is a test that is not run, and why.
type Exclusion struct{ Test, Reason string }

// Name is the package's name as a name of a test.
func (p *Package) Name() string { return strings.ReplaceAll(p.Path, "/", "_") }

// Args returns the arguments of the test binary.
func (p *Package) Args() []string {
	args := append([]string{p.Name() + ".test"}, p.Flags...)
	if len(p.Excluded) > 0 {
		names := make([]string, len(p.Excluded))
		for i, e := range p.Excluded {
			names[i] = regexp.QuoteMeta(e.Test)
		}
		args = append(args, "-test.skip=^("+strings.Join(names, "|")+")$")
	}
	return args
}

// Packages reads the list.
func Packages() ([]*Package, error) { return parse(packages) }

// parse reads lines "path quick|full [flag...]", each followed by indented lines "Test: reason".
func parse(text string) (list []*Package, err error) {
	s := bufio.NewScanner(strings.NewReader(text))
	for n := 1; s.Scan(); n++ {
		line := s.Text()
		indented := strings.HasPrefix(line, "\t")
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case indented:
			test, reason, ok := strings.Cut(line, ": ")
			if !ok || reason == "" || len(list) == 0 {
				return nil, fmt.Errorf("packages.txt:%d: want \"Test: reason\" under a package", n)
			}
			p := list[len(list)-1]
			p.Excluded = append(p.Excluded, Exclusion{test, reason})
		default:
			f := strings.Fields(line)
			if len(f) < 2 || f[1] != "quick" && f[1] != "full" {
				return nil, fmt.Errorf("packages.txt:%d: want \"path quick|full [flag...]\"", n)
			}
			list = append(list, &Package{Path: f[0], Quick: f[1] == "quick", Flags: f[2:]})
		}
	}
	return list, s.Err()
}
