// Package clocks guards a rule: no test fails because a computer is busy. Times are measured by benchmarks.
package clocks

import (
	"bufio"
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the repository.
const root = "../.."

// clocks are the functions and methods that look at a clock, or let one decide. Sleeps are among them: what happens meanwhile
// depends on the computer.
var clocks = map[string]bool{
	"time.Now": true, "time.Since": true, "time.Until": true, "time.Sleep": true, "time.After": true, "time.AfterFunc": true,
	"time.NewTimer": true, "time.NewTicker": true, "time.Tick": true,
	"context.WithTimeout": true, "context.WithTimeoutCause": true, "context.WithDeadline": true, "context.WithDeadlineCause": true,
	".SetDeadline": true, ".SetReadDeadline": true, ".SetWriteDeadline": true, ".Elapsed": true,
}

// generous marks a call whose time is the bound that all tests share: what exceeds it does not come.
const generous = "patience.Limit"

// allowed are the functions that may look at a clock all the same, and why that fails nobody whose computer is busy.
var allowed = map[string]string{
	"dap/dap_test.go:TestRunning":                          "a pause: no event tells that the search has executed its first instruction",
	"emulator/gdbserver/session_test.go:TestInterrupt":     "a pause: the interrupt of what has not begun is answered the same",
	"emulator/gdbserver/session_test.go:TestReconnect":     "a pause before a connection is dropped, which may happen at any time",
	"internal/conformance/conformance_test.go:runPackage":  "it reports how long a package ran; the deadline is that of -timeout",
	"internal/site/site_test.go:TestETag":                  "it gives files times of change, in the past or the future by an hour",
	"internal/site/site_test.go:open":                      "it gives a file a time of change that has been over for an hour",
	"kernel/cells/turn_test.go:TestExerciseThatDoesNotEnd": "a pause: an exercise prints nothing before it is interrupted",
	"kernel/supervise/session_test.go:TestNoProcess":       "a pause in which too many starts would show; with fewer nothing fails",
	"kernel/zeromq/client_test.go:connect":                 "it asks again until a subscription has reached the publisher",
	"kernel/zeromq/peers_test.go:TestMemory":               "it samples memory while strangers send",
	"kernel/zeromq/process_test.go:run":                    "a pause after a test has failed already, for the kernel to print its stacks",
	"kernel/zeromq/proc_linux_test.go:TestFloodOfCells":    "it samples memory while output comes",
	"kernel/zeromq/server_test.go:TestTakenPort":           "a pause before the port is given back; the kernel tries for as long as all tests wait",
}

func TestNoTestLooksAtAClock(t *testing.T) {
	used := map[string]bool{}
	walk(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }, func(name string, text []byte) {
		for _, found := range goClocks(t, name, text) {
			key := name + ":" + found.function
			if used[key] = true; allowed[key] == "" {
				t.Errorf("%s:%d: %s in %s: wait for an event (internal/patience); measure times in a Benchmark (internal/budget)", name, found.line, found.what, found.function)
			}
		}
	})
	for _, key := range slices.Sorted(maps.Keys(allowed)) {
		if !used[key] {
			t.Errorf("%s looks at no clock: take it off the list", key)
		}
	}
}

type finding struct {
	function, what string
	line           int
}

// goClocks returns where a file's tests look at a clock. Benchmarks may.
func goClocks(t *testing.T, name string, text []byte) (found []finding) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		function := "a variable"
		if f, ok := d.(*ast.FuncDecl); ok {
			if function = f.Name.Name; strings.HasPrefix(function, "Benchmark") {
				continue
			}
		}
		ast.Inspect(d, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if call, isCall := n.(*ast.CallExpr); isCall {
				if f, isName := call.Fun.(*ast.SelectorExpr); isName && f.Sel.Name != "Now" && slices.ContainsFunc(call.Args, isGenerous(set, text)) {
					return false
				}
			}
			if !ok {
				return true
			}
			what := "." + s.Sel.Name
			if x, ok := s.X.(*ast.Ident); ok && !clocks[what] {
				what = x.Name + what
			}
			if clocks[what] {
				found = append(found, finding{function, what, set.Position(s.Pos()).Line})
			}
			return true
		})
	}
	return found
}

// isGenerous returns a function that says whether an argument is made of the bound that all tests share.
func isGenerous(set *token.FileSet, text []byte) func(ast.Expr) bool {
	return func(e ast.Expr) bool {
		_, code := e.(*ast.FuncLit)
		return !code && bytes.Contains(text[set.Position(e.Pos()).Offset:set.Position(e.End()).Offset], []byte(generous))
	}
}

// scriptClocks are what JavaScript and Python measure with, or let decide.
var scriptClocks = regexp.MustCompile(`performance\.now|Date\.now|waitForTimeout|setTimeout\(|timeout\w*\s*[:=]\s*[\d.]+|time\.(time|monotonic|perf_counter)\(`)

// scripts are the files of JavaScript and Python that tests are written in, benchmarks left out.
var scripts = regexp.MustCompile(`^(wasm/(web|lite)/test/.*\.js|kernel/(spec|classroom)/testdata/.*\.(py|mjs))$`)

// allowedLines are lines of these that may name a clock all the same.
var allowedLines = map[string]string{
	"deadline = time.monotonic() + PATIENCE": "the bound that all tests share",
	"if time.monotonic() > deadline:":        "the bound that all tests share",
	"while time.monotonic() < deadline:":     "the bound that all tests share",
	"end = time.time() + PATIENCE":           "the bound that all tests share",
	"self.assertLess(time.time(), end)":      "the bound that all tests share",
}

func TestNoScriptLooksAtAClock(t *testing.T) {
	n := 0
	walk(t, scripts.MatchString, func(name string, text []byte) {
		n++
		if strings.HasSuffix(name, "/bench.js") {
			return
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for at := 1; lines.Scan(); at++ {
			if line := strings.TrimSpace(lines.Text()); scriptClocks.MatchString(line) && allowedLines[line] == "" {
				t.Errorf("%s:%d: %s: wait for an event; measure times in wasm/web/bench or kernel/bench", name, at, line)
			}
		}
	})
	if n < 10 {
		t.Errorf("%d files of tests in JavaScript and Python: they have moved", n)
	}
}

// walk calls f with the files of the repository that are wanted, by their path with slashes.
func walk(t *testing.T, wanted func(name string) bool, f func(name string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "build" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		name, err := filepath.Rel(root, path)
		if name = filepath.ToSlash(name); err != nil || d.IsDir() || !wanted(name) {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			f(name, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestGoClocks sees what is to be found.
func TestGoClocks(t *testing.T) {
	for _, k := range []struct{ code, want string }{
		{"func TestX(t *testing.T) { if time.Since(start) > 1 { t.Fail() } }", "time.Since"},
		{"func helper() { time.Sleep(1) }", "time.Sleep"},
		{"func TestX(t *testing.T) { f := time.Now; f() }", "time.Now"},
		{"func TestX(t *testing.T) { conn.SetDeadline(time.Now().Add(time.Second)) }", ".SetDeadline"},
		{"func TestX(t *testing.T) { conn.SetDeadline(time.Now().Add(patience.Limit)) }", ""},
		{"func TestX(t *testing.T) { select { case <-c: case <-time.After(patience.Limit): } }", ""},
		{"func TestX(t *testing.T) { context.WithTimeout(t.Context(), time.Minute) }", "context.WithTimeout"},
		{"func TestX(t *testing.T) { run(`time.Sleep(1)`, 3*time.Second) }", ""},
		{"func BenchmarkX(b *testing.B) { time.Now() }", ""},
	} {
		var what string
		if found := goClocks(t, "x_test.go", []byte("package x\n"+k.code)); len(found) > 0 {
			what = found[0].what
		}
		if what != k.want {
			t.Errorf("%s: %q, want %q", k.code, what, k.want)
		}
	}
}
