package cells

import (
	"context"
	"errors"
	"os"
	"reflect"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/traefik/yaegi/interp"
)

// maxStack is how much memory, in bytes, the stacks of a cell may take. The Go runtime ends the process above its own limit
// (runtime/debug.SetMaxStack, half of which a growing stack can use), so ours must be met first. Where code gives way it is
// maxShared.
const maxStack = 192 << 20

var errStack = errors.New("stack overflow: a function calls itself without end")

func init() { debug.SetMaxStack(4 << 30) }

// A stackUse is how much memory the stacks of a cell take.
type stackUse struct {
	before uint64 // in bytes, of cells before, not yet given back
	turns  atomic.Uint64
}

func newStackUse() *stackUse { return &stackUse{before: stackMemory()} }

// over says whether the stacks take more than most.
func (u *stackUse) over(most uint64) bool { return stackMemory() > u.before+most }

// watchStack ends the cell when its stacks grow too large. The function that it returns ends the watch.
func (s *Session) watchStack(ctx context.Context) (stop func()) {
	over := make(chan struct{})
	go func() {
		use := newStackUse()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
				if use.over(maxStack) {
					s.end(errStack)
					return
				}
			}
		}
	}()
	return func() { close(over) }
}

// end ends the cell that runs.
func (s *Session) end(why error) {
	s.mu.Lock()
	cancel := s.cancel
	s.mu.Unlock()
	cancel(why)
}

// stopped is what functions of ours panic with when the cell is interrupted while they wait.
type stopped struct{ cause error }

func (s stopped) Error() string { return s.cause.Error() }

// safeExports replaces functions of the standard library that would take the process down, or could not be interrupted.
func (s *Session) safeExports(out interp.Exports) {
	put := func(pkg, name string, v any) {
		if out[pkg] == nil {
			out[pkg] = map[string]reflect.Value{}
		}
		out[pkg][name] = reflect.ValueOf(v)
	}
	put("time/time", "Sleep", func(d time.Duration) {
		s.mu.Lock()
		ctx := s.ctx
		s.mu.Unlock()
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
				panic(stopped{err})
			}
			<-t.C // a goroutine that outlives its cell
		}
	})
	put("time/time", "AfterFunc", func(d time.Duration, f func()) *time.Timer { return time.AfterFunc(d, s.recovering(f)) })
	put("context/context", "AfterFunc", func(ctx context.Context, f func()) func() bool { return context.AfterFunc(ctx, s.recovering(f)) })
	put("os/os", "Exit", func(code int) { panic(&exitError{code}) })
	s.out.exports(out["os/os"])
	put("os/os", "Getenv", os.Getenv)
	put("os/os", "LookupEnv", os.LookupEnv)
	put("os/os", "Environ", os.Environ)
	put("os/os", "Setenv", os.Setenv)
	put("os/os", "Unsetenv", os.Unsetenv)
	put("os/os", "ExpandEnv", os.ExpandEnv)
}

// recovering returns f for a goroutine that is not the cell's own.
func (s *Session) recovering(f func()) func() {
	return func() {
		defer func() {
			if p := recover(); p != nil {
				s.goroutinePanicked(p)
			}
		}()
		f()
	}
}

// An exitError is what os.Exit means in a cell.
type exitError struct{ code int }

func (e *exitError) Error() string {
	return "os.Exit(" + itoa(e.code) + "): a cell cannot end the kernel"
}
