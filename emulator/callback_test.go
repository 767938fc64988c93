package emulator

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/linux"
)

var errOfCallback = errors.New("the callback's own mistake")

// clumsy is a callback with a bug.
func clumsy() { panic(errOfCallback) }

type clumsyStream struct{}

func (clumsyStream) Read([]byte) (int, error)  { clumsy(); return 0, nil }
func (clumsyStream) Write([]byte) (int, error) { clumsy(); return 0, nil }

// TestCallbackPanics: a panic in the embedder's code is reported as the embedder's, with its value and its stack, and the
// machine goes on from there to the end that it has without the callback.
func TestCallbackPanics(t *testing.T) {
	m, _, _ := files(t)
	finish(t, m)
	end, hash := m.Tick(), m.Hash()
	for _, c := range []struct {
		callback string
		with     func(*Config)
		arm      func(*Machine)
		same     bool // the guest does not notice
	}{
		{"OnSyscall", func(*Config) {}, func(m *Machine) { m.OnSyscall(func(Syscall) { clumsy() }) }, true},
		{"Stdin", func(c *Config) { c.Stdin = clumsyStream{} }, func(*Machine) {}, false},
		{"Stdout", func(c *Config) { c.Stdout = clumsyStream{} }, func(*Machine) {}, false},
		{"Stderr", func(c *Config) { c.Stderr = clumsyStream{} }, func(*Machine) {}, false},
	} {
		m, _, _ := files(t, c.with)
		c.arm(m)
		_, err := m.Run(context.Background(), math.MaxUint64)
		var fault *CallbackError
		if !errors.As(err, &fault) || !errors.Is(err, errOfCallback) {
			t.Errorf("%s: %v", c.callback, err)
			continue
		}
		if fault.Callback != c.callback || fault.Tick == 0 || !strings.Contains(string(fault.Stack), "emulator.clumsy(") {
			t.Errorf("%s: %+v", c.callback, fault)
		}
		if text := err.Error(); strings.Contains(text, "rt0 has a bug") || !strings.Contains(text, "program's own "+c.callback) {
			t.Errorf("%s: %s", c.callback, text)
		}
		m.OnSyscall(nil)
		m.Config()
		if !c.same {
			continue
		}
		finish(t, m)
		if m.Tick() != end || m.Hash() != hash {
			t.Errorf("%s: the machine ends at tick %d, want %d; same state: %v", c.callback, m.Tick(), end, m.Hash() == hash)
		}
	}
}

// TestReportPanics does so for OnReport: the program makes a call that no Linux has.
func TestReportPanics(t *testing.T) {
	m, _, _ := files(t)
	m.OnReport(func(string) { clumsy() })
	m.kernel.Report("something is missing")
	var fault *CallbackError
	if _, err := m.Step(); !errors.As(err, &fault) || fault.Callback != "OnReport" {
		t.Errorf("%v", err)
	}
	if _, err := m.Step(); err != nil {
		t.Errorf("reported twice: %v", err)
	}
}

// TestBugIsOurs: what the machine itself panics with is still called a bug of rt0's.
func TestBugIsOurs(t *testing.T) {
	m, _, _ := files(t)
	m.kernel.OnSyscall = func(*linux.SyscallEvent) { panic("the machine's own mistake") }
	if _, err := m.Run(t.Context(), math.MaxUint64); err == nil || !strings.Contains(err.Error(), "rt0 has a bug") {
		t.Errorf("%v", err)
	}
}

var _ io.ReadWriter = clumsyStream{}
