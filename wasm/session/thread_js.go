package main

import (
	"syscall/js"
	"time"
)

// slice is how long cells run before the browser gets a turn, in which it can deliver an interrupt.
const slice = 8 * time.Millisecond

// A thread is the worker's only one. (A timer would do to give way, too, but browsers round those up to seconds.)
type thread struct {
	last    time.Time     // when the browser had its turn
	resumed chan struct{} // closed when it has had the one that is asked for; nil if none is
	stop    func()        // interrupts the cell
}

// turn gives the browser a turn when it is time for one.
func (t *thread) turn() {
	if interrupted() != 0 && t.stop != nil {
		t.stop()
	}
	if time.Since(t.last) < slice {
		return
	}
	if t.resumed == nil { // other goroutines wait for the same turn
		done := make(chan struct{})
		t.resumed = done
		var f js.Func
		f = js.FuncOf(func(js.Value, []js.Value) any {
			t.resumed, t.last = nil, time.Now()
			close(done)
			f.Release()
			return nil
		})
		js.Global().Call("rt0Yield", f)
	}
	<-t.resumed
}

// interrupted asks the flag that the page has raised, where the two share memory, whether the cell is to end; and lowers it.
//
//go:wasmimport rt0 interrupted
func interrupted() int32
