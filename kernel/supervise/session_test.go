package supervise

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/kernel"
)

// nowhere is a Front that nobody looks at.
type nowhere struct{}

func (nowhere) Stream(string, string)             {}
func (nowhere) Show(*kernel.Bundle, string, bool) {}
func (nowhere) Clear(bool)                        {}
func (nowhere) Page(*kernel.Bundle)               {}
func (nowhere) SetNextInput(string, bool)         {}
func (nowhere) Input(context.Context, string, bool) (string, error) {
	return "", kernel.ErrNoStdin
}

// TestNoProcess tries programs that never begin to run cells: each cell says why, nothing waits, nothing is started for ever.
func TestNoProcess(t *testing.T) {
	for _, k := range []struct{ program, want string }{
		{"/nowhere/rt0", "no process to run cells: "},
		{"false", "exit status 1"},
	} {
		starts := 0
		s := New(Options{Command: func() *exec.Cmd { starts++; return exec.Command(k.program) }, Stderr: io.Discard})
		for range 3 {
			done := make(chan error, 1)
			go func() {
				_, err := s.Execute(context.Background(), kernel.NewCell("1", false, 1, nowhere{}))
				done <- err
			}()
			select {
			case err := <-done:
				if err == nil || !strings.Contains(err.Error(), k.want) {
					t.Errorf("%s: %v, want %q", k.program, err, k.want)
				}
			case <-time.After(patience.Limit):
				t.Fatalf("%s: the cell does not end", k.program)
			}
		}
		if c := s.Complete("x", 1); len(c.Matches) != 0 {
			t.Errorf("%+v", c)
		}
		time.Sleep(100 * time.Millisecond)
		s.Close()
		if starts > 20 {
			t.Errorf("%s was started %d times", k.program, starts)
		}
	}
}

// TestExplain reads last words as the Go runtime writes them.
func TestExplain(t *testing.T) {
	for _, k := range []struct{ words, name, value string }{
		{"fatal error: concurrent map writes\n\ngoroutine 7 [running]:\n", "fatal error", "concurrent map writes"},
		{"runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n", "fatal error", "stack overflow"},
		{"runtime: out of memory: cannot allocate 4194304-byte block (1 in use)\nfatal error: out of memory\n", "fatal error", "out of memory"},
		{"said before\npanic: runtime error: index out of range [recovered, repanicked]\n\ngoroutine 9", "panic", "runtime error: index out of range [in a goroutine]"},
		{"SIGTRAP: trace trap\nPC=0x4\n", "fatal error", "SIGTRAP: trace trap"},
		{"", "ended", "nobody knows why"},
	} {
		if c := explain(k.words, nil, "", 1<<30); c.name != k.name || c.value != k.value {
			t.Errorf("%q: %+v", k.words, c)
		}
	}
	if c := explain("panic: x\n", (*os.ProcessState)(nil), "ours", 0); c.value != "ours" {
		t.Errorf("%+v", c)
	}
}

// TestTail keeps both ends of a flood of words.
func TestTail(t *testing.T) {
	var words tail
	io.WriteString(&words, "first")
	for range 100 {
		words.Write(make([]byte, 10<<10))
	}
	io.WriteString(&words, "last")
	if s := words.String(); !strings.HasPrefix(s, "first") || !strings.HasSuffix(s, "last") || len(s) > 2*maxTail {
		t.Errorf("%d bytes", len(s))
	}
}
