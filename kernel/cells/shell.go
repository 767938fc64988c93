//go:build !js

package cells

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"

	"github.com/rt0lab/rt0/lessons/interpret"
)

// shell runs a command of the system's.
func (s *Session) shell(ctx context.Context, line string) error {
	name, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		name, flag = "cmd", "/c"
	}
	cmd := exec.CommandContext(ctx, name, flag, line)
	cmd.WaitDelay = interpret.Grace
	own(cmd)
	cmd.Stdout, cmd.Stderr = output{s, false}, shellErr{s}
	err := cmd.Run()
	if canceled(ctx, err) || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) { // that one: what it left behind with & goes on, unheard
		return fmt.Errorf("$ %s: %w", line, err)
	}
	return nil
}

// shellErr is standard error without a look for the interpreter's traces.
type shellErr struct{ s *Session }

func (w shellErr) Write(p []byte) (int, error) {
	if c := w.s.current(); c != nil {
		return c.Stderr().Write(p)
	}
	return len(p), nil
}
