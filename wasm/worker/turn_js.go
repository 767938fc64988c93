package main

import (
	"context"
	"syscall/js"
	"time"
)

// slice is how long work goes on before the browser gets a turn, in which it can deliver a cancellation.
const slice = int64(8 * time.Millisecond)

// A turn is the context of a request. Long work asks it all the time whether it is canceled; then it looks at the flag that
// the page raises, if the two share memory, or else gives the browser a turn now and then. (A timer would do, too, but
// browsers round those up to seconds.)
//
// It is a context of our own because those of the standard library bring the printing of times with them.
type turn struct {
	id       int
	last     int64 // when the browser had its turn, in ns since 1970
	canceled bool
	done     chan struct{}
}

func newTurn(id int) *turn {
	return &turn{id: id, last: time.Now().UnixNano(), done: make(chan struct{})}
}

func (t *turn) cancel() {
	if !t.canceled {
		t.canceled = true
		close(t.done)
	}
}

// Deadline implements context.Context: there is none.
func (t *turn) Deadline() (deadline time.Time, ok bool) { return }

// Done implements context.Context.
func (t *turn) Done() <-chan struct{} { return t.done }

// Value implements context.Context: there is none.
func (t *turn) Value(any) any { return nil }

// Err implements context.Context.
func (t *turn) Err() error {
	switch id := canceledRequest(); {
	case id == int32(t.id):
		t.cancel()
	case id < 0 && time.Now().UnixNano()-t.last > slice:
		t.yield()
	}
	if t.canceled {
		return context.Canceled
	}
	return nil
}

// yield gives the browser its turn.
func (t *turn) yield() {
	resumed := make(chan struct{})
	f := js.FuncOf(func(js.Value, []js.Value) any {
		close(resumed)
		return nil
	})
	js.Global().Call("rt0Yield", f)
	<-resumed
	f.Release()
	t.last = time.Now().UnixNano()
}

// canceledRequest returns the number of the request that the page has canceled last, 0 if there is none, -1 if the page
// cannot tell: it shares no memory with this program.
//
//go:wasmimport rt0 canceled
func canceledRequest() int32
