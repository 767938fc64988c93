package jupyter

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/patience"
)

// TestLeftBehind runs a command that leaves a process behind with its streams, as jupyter does with a kernel that is about to
// end: what it has printed comes whole, and nothing waits for that process.
func TestLeftBehind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is a shell script")
	}
	file := filepath.Join(t.TempDir(), "end")
	defer os.WriteFile(file, nil, 0o600)
	script := "while ! test -e " + file + "; do sleep 0.1; done & sed s/a/b/; echo said >&2; exit $1"
	p := &Place{Env: os.Environ()}
	long := strings.Repeat("a line\n", 100_000)
	out, err := p.RunInput(patience.Limit, long, "/bin/sh", "-c", script, "sh", "0")
	if want := strings.ReplaceAll(long, "a", "b") + "said\n"; err != nil || string(out) != want {
		t.Errorf("%v, %d bytes; want %d", err, len(out), len(want))
	}
	if out, err := p.Output(patience.Limit, "/bin/sh", "-c", script, "sh", "3"); err == nil || !strings.Contains(err.Error(), "exit status 3\nsaid\n") || len(out) != 0 {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := p.Run(patience.Limit, "/bin/sh", "-c", script, "sh", "3"); err == nil || string(out) != "said\n" {
		t.Errorf("%q, %v", out, err)
	}
}
