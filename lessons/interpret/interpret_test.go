package interpret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/internal/patience"
)

// newRunner returns a runner whose code can call call("name"), which calls the function of that name.
func newRunner(t *testing.T, functions map[string]func()) *Runner {
	t.Helper()
	in := interp.New(interp.Options{Stdout: io.Discard, Stderr: io.Discard})
	in.Use(interp.Exports{"outside/outside": {"Call": reflect.ValueOf(func(name string) { functions[name]() })}})
	r, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Eval(t.Context(), `import "outside"`); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEval(t *testing.T) {
	r := newRunner(t, map[string]func(){"goexit": runtime.Goexit})
	for _, c := range []struct{ code, value, failure string }{
		{"x := 20", "20", ""},
		{"x + 1", "21", ""},
		{"f := func(n int) int { return n * x }\nf(3)", "60", ""},
		{"nope", "", "undefined: nope"},
		{"panic(\"boom\")", "", "boom"},
		{"outside.Call(\"goexit\")", "<invalid reflect.Value>", ""},
		{"x", "20", ""},
	} {
		v, err := r.Eval(t.Context(), c.code)
		if c.failure != "" {
			var p interp.Panic
			if err == nil || !strings.Contains(err.Error(), c.failure) && !(errors.As(err, &p) && p.Value == c.failure) {
				t.Errorf("%s: %v, want %s", c.code, err, c.failure)
			}
			continue
		}
		if got := fmt.Sprint(v); err != nil || got != c.value {
			t.Errorf("%s = %s, %v, want %s", c.code, got, err, c.value)
		}
	}
}

// TestPanicOfCode is about the interpreter's compiler, which panics on some of what it cannot do.
func TestPanicOfCode(t *testing.T) {
	r := newRunner(t, nil)
	_, err := r.Run(t.Context(), func() (reflect.Value, error) { panic("in the compiler") })
	var p interp.Panic
	if !errors.As(err, &p) || p.Value != "in the compiler" {
		t.Errorf("%v", err)
	}
}

var errStop = errors.New("stop")

// TestCanceled ends code in all the ways in which it can hang, and code that ends at the same moment.
func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	for name, code := range map[string]string{
		"loop":     "for { }",
		"function": "f := func() { for { } }\nf()",
		"channel":  "<-make(chan int)",
		"select":   "select {}",
		"ended":    "1",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			r := newRunner(t, map[string]func(){"cancel": func() { cancel(errStop) }})
			v, err := r.Eval(ctx, "outside.Call(\"cancel\")\n"+code)
			if name != "ended" && (err != errStop || v.IsValid()) {
				t.Errorf("%v, %v, want %v", v, err, errStop)
			}
			if v, err := r.Eval(t.Context(), "6 * 7"); err != nil || v.Int() != 42 {
				t.Errorf("then 6 * 7 = %v, %v", v, err)
			}
		})
	}
	cancel(errStop)
	r := newRunner(t, nil)
	if _, err := r.Eval(ctx, "x := 1"); err != errStop {
		t.Errorf("under a context that has ended: %v", err)
	}
	if _, err := r.Eval(t.Context(), "x"); err == nil {
		t.Error("it has run all the same")
	}
}

// TestGivenUp cancels code that is in a call which does not return, and lets that return while other code runs.
func TestGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	in, out, late := make(chan bool), make(chan bool), make(chan bool, 1)
	r := newRunner(t, map[string]func(){
		"wait":    func() { close(in); <-out },
		"late":    func() { late <- true },
		"release": func() { close(out) },
	})
	go func() { <-in; cancel(errStop) }()
	if _, err := r.Eval(ctx, "f := func() int { outside.Call(\"wait\"); outside.Call(\"late\"); return 5 }\nf()"); err != errStop {
		t.Fatal(err)
	}
	given := r.GivenUp()
	if given == nil || r.Finish(time.Millisecond) {
		t.Fatal("it has ended")
	}
	v, err := r.Eval(t.Context(), "outside.Call(\"release\")\n7")
	if err != nil || v.Int() != 7 {
		t.Errorf("the next code: %v, %v, want 7", v, err)
	}
	patience.Receive(t, "the end of the code that was given up", given)
	select {
	case <-late:
		t.Error("the code that was given up has gone on")
	default:
	}
}
