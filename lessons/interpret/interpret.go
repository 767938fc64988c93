// Package interpret runs code in the interpreter until it ends or a context does. The interpreter's own functions for that
// return from a canceled evaluation while its goroutine still writes the result that they return, and still works on what the
// next evaluation uses.
package interpret

import (
	"context"
	"reflect"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/traefik/yaegi/interp"
)

// Grace is how long Run waits, unless told, after the end of its context for the code to notice: a loop and a channel operation
// do at once, a call into the standard library when it returns.
const Grace = 100 * time.Millisecond

// A Runner runs code in an interpreter, one piece at a time.
type Runner struct {
	// Grace is how long Run waits after the end of its context for the code to notice.
	Grace time.Duration

	in      *interp.Interpreter
	starter *interp.Program // calls start
	last    *run            // nil before the first one
	waited  bool            // for last, in vain
}

// A run is one call of Run. Its goroutine alone writes value and err, before it closes ended; code that Run has given up has
// a run of its own to write to.
type run struct {
	code         func() (reflect.Value, error)
	begun, ended chan struct{}
	value        reflect.Value
	err          error
}

const (
	path      = "rt0/interpret"
	startName = "rt0StartCode"
	slotName  = "rt0FirstSlot"
)

// New prepares an interpreter that has not run anything yet.
func New(in *interp.Interpreter) (*Runner, error) {
	r := &Runner{Grace: Grace, in: in}
	// After each program the interpreter copies what is in the first slot of its global frame. Were that a variable of the code,
	// a goroutine of an earlier program could be writing it.
	if _, err := in.Eval("var " + slotName + " int"); err != nil {
		return nil, err
	}
	if err := in.Use(interp.Exports{path + "/interpret": {startName: reflect.ValueOf(r.start)}}); err != nil {
		return nil, err
	}
	if _, err := in.Eval(`import . "` + path + `"`); err != nil {
		return nil, err
	}
	var err error
	r.starter, err = in.Compile(startName + "()")
	return r, err
}

// Eval evaluates source code under a context, as Run does.
func (r *Runner) Eval(ctx context.Context, src string) (reflect.Value, error) {
	return r.Run(ctx, func() (reflect.Value, error) { return r.in.Eval(src) })
}

// Run calls code, which evaluates or executes something in the interpreter, in a goroutine of its own and returns its results.
// What code panics with comes back as an interp.Panic. When ctx ends first, what runs in the interpreter stops, and Run returns
// the cause of that end, wrapped with the error that code has ended with: as soon as code has returned, but no later than after
// Grace, and then the cause alone. Code that takes longer is in a call into the standard library, or leaves deep recursion. When
// the call returns, an interpreted function which has made it ends; but the statements at the top of a program share the
// interpreter's global frame, and go on if another program runs by then. See Finish.
func (r *Runner) Run(ctx context.Context, code func() (reflect.Value, error)) (reflect.Value, error) {
	if ctx.Err() != nil {
		return reflect.Value{}, context.Cause(ctx)
	}
	w := &run{code: code, begun: make(chan struct{}), ended: make(chan struct{})}
	r.last, r.waited = w, false
	// The goroutine of ExecuteWithContext leaves through start and writes no results, so that there is nobody to tear these.
	if _, err := r.in.ExecuteWithContext(onceBegun{ctx, w.begun}, r.starter); err == nil {
		<-w.ended
		return w.value, w.err
	}
	t := time.NewTimer(r.Grace)
	defer t.Stop()
	select {
	case <-w.ended:
		if w.err != nil {
			return reflect.Value{}, &canceled{context.Cause(ctx), w.err}
		}
	case <-t.C:
	}
	return reflect.Value{}, context.Cause(ctx)
}

// A canceled is the error of code that ended with an error because its context did. It reads as the cause of that; errors.As
// finds what the code itself ended with, too.
type canceled struct{ cause, code error }

func (c *canceled) Error() string { return c.cause.Error() }

func (c *canceled) Unwrap() []error { return []error{c.cause, c.code} }

// Finish waits for code that Run has given up: the interpreter should not be used while it goes on. Finish says whether the
// code has ended. Code that waits for something may never end, so Finish waits no longer than for the time given, and not again
// for the same code.
func (r *Runner) Finish(most time.Duration) bool {
	given := r.GivenUp()
	if given == nil {
		return true
	}
	if r.waited {
		return false
	}
	r.waited = true
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-given:
		return true
	case <-t.C:
		return false
	}
}

// GivenUp returns a channel that is closed at the end of the code that Run has given up last; nil if it has ended by now.
func (r *Runner) GivenUp() <-chan struct{} {
	if r.last == nil {
		return nil
	}
	select {
	case <-r.last.ended:
		return nil
	default:
		return r.last.ended
	}
}

// start is what starter calls, in a goroutine of ExecuteWithContext. It does not return: the rest of that goroutine would
// touch the interpreter's global frame and the results of ExecuteWithContext after the latter has returned.
func (r *Runner) start() {
	w := r.last
	close(w.begun)
	defer runtime.Goexit()
	defer close(w.ended)
	defer func() {
		if p := recover(); p != nil {
			w.value, w.err = reflect.Value{}, interp.Panic{Value: p, Stack: debug.Stack()}
		}
	}()
	w.value, w.err = w.code()
}

// onceBegun is a context that ends no earlier than code has begun: the interpreter would stop before it has called start.
type onceBegun struct {
	context.Context
	begun <-chan struct{}
}

func (c onceBegun) Done() <-chan struct{} {
	<-c.begun
	return c.Context.Done()
}
