package lab

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rt0lab/rt0/internal/hostile"
	"github.com/rt0lab/rt0/internal/testprog"
)

// bigWrites writes 8 MiB with one system call, again and again.
const bigWrites = `package main

import "os"

func main() {
	b := make([]byte, 8<<20)
	for {
		if err := os.WriteFile("/tmp/big", b, 0o600); err != nil {
			panic(err)
		}
	}
}
`

// TestStopped: whatever moves a machine says where it was stopped.
func TestStopped(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "writes")
	if err := os.WriteFile(exe, testprog.Build(t, testprog.Versions[len(testprog.Versions)-1], bigWrites), 0o755); err != nil {
		t.Fatal(err)
	}
	defer func(old context.Context) { Context = old }(Context)
	m := Boot(Sample(exe), CPUs(1))
	// fails calls move and returns the error that it ends with.
	fails := func(move func()) (err error) {
		defer func() {
			if e, ok := recover().(Error); ok {
				err = e.Err
			}
		}()
		move()
		return nil
	}
	inside := regexp.MustCompile(`^interrupted at tick \d+, inside system call write at 0x[0-9a-f]+$`)
	for _, c := range []struct {
		name string
		move func()
	}{
		{"Seek", func() { m.Seek(1 << 60) }},
		{"Step", func() { m.Step(1 << 40) }},
		{"RunTo", func() { m.RunTo("main.main") }},
		{"Finish", func() { m.Finish() }},
		{"Syscalls", func() { m.Syscalls(1 << 60) }},
		{"Enter", func() { to := m.Moment(); to.Tick = 1 << 60; Enter(to, m) }},
	} {
		Context = context.Background()
		m.To("main")
		Context = hostile.InsideContext{Context: Context, Machine: m.tour.Machine}
		err := fails(c.move)
		stopped, ok := errors.AsType[*Stopped](err)
		if !ok || !errors.Is(err, context.Canceled) || !inside.MatchString(err.Error()) || "interrupted at "+stopped.Where != err.Error() {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	// A limit ends the run inside the call, too.
	Context = context.Background()
	beyond := regexp.MustCompile(`^there is no tick \d+: the limit of ticks is reached at tick \d+, inside system call write at 0x[0-9a-f]+$`)
	limited := Boot(Sample(exe), CPUs(1), MaxTicks(8_000_000))
	if err := fails(func() { limited.Seek(1 << 60) }); err == nil || !beyond.MatchString(err.Error()) {
		t.Errorf("beyond the limit: %v", err)
	}
}
