// Package race is what tests have to know of the race detector.
package race

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// interpreted are tests in which two goroutines of interpreted code touch the same variable without a lock: both stacks of the
// race lie in the interpreter. Such cells must not harm the kernel, so they are tested, but not under the race detector. Each
// entry is a package and a test. What the detector finds in our own code is mended, not put here: the list only gets shorter.
var interpreted = []string{
	// The countdown to the next turn is one variable of all goroutines. In a page, the only place of such code, they share a thread.
	"kernel/cells TestCellsThatGiveWay/cells/goroutine_of_func",
	"kernel/cells TestCellsThatGiveWay/cells/goroutine_result",
	// A goroutine that waits in the standard library has read the interpreter's global frame, which the next cell makes larger.
	"kernel/cells TestGivenUp",
	// The cells' own races.
	"kernel/zeromq TestFatal/concurrent_map_writes",
	"kernel/zeromq TestRacyCell",
}

// Skip skips a test under the race detector if it is among those in which interpreted code races.
func Skip(t testing.TB) {
	t.Helper()
	if Enabled && slices.Contains(interpreted, packageDir()+" "+t.Name()) {
		t.Skip("its interpreted code races; see package internal/race")
	}
}

// TooMuch skips a test that the race detector's own cost breaks: why says what it measures, or how long it takes. Only tests of
// what one goroutine does may be skipped for their length.
func TooMuch(t testing.TB, why string) {
	t.Helper()
	if Enabled {
		t.Skip("under the race detector: " + why)
	}
}

// packageDir returns the folder of the package whose test runs, relative to the root of the module.
func packageDir() string {
	dir, err := os.Getwd() // the go command runs a test in its package's folder
	if err != nil {
		return ""
	}
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(dir, root), string(filepath.Separator)))
		}
		if root == filepath.Dir(root) {
			return ""
		}
	}
}
