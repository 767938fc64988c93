package emulator

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
)

// A CallbackError says that code of the program that embeds the machine has panicked: a function given to OnSyscall or
// OnReport, or a stream of Config. Run and Step return it. The machine itself is sound: it has run on to the next
// instruction before which it looks whether it is to stop, without calling the function again.
type CallbackError struct {
	// Callback is whose code it was: "OnSyscall", "OnReport", "Stdin", "Stdout" or "Stderr".
	Callback string
	// Tick is the moment at which it was called.
	Tick uint64
	// Value is what it has panicked with.
	Value any
	// Stack is the stack of the panic, as runtime/debug.Stack writes it.
	Stack []byte
}

func (e *CallbackError) Error() string {
	return fmt.Sprintf("the program's own %s panicked when the machine called it at tick %d: %v; mend it there\n%s", e.Callback, e.Tick, e.Value, e.Stack)
}

// Unwrap returns the value of the panic if it is an error.
func (e *CallbackError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// guard is to be deferred around a call of the embedder's code. It keeps the first panic for Run.
func (m *Machine) guard(callback string) {
	if p := recover(); p != nil && m.fault == nil {
		m.fault = &CallbackError{Callback: callback, Tick: m.Tick(), Value: p, Stack: debug.Stack()}
	}
}

// takeFault returns what the embedder's code has panicked with since it was called last.
func (m *Machine) takeFault() error {
	if m.fault == nil {
		return nil
	}
	err := m.fault
	m.fault = nil
	return err
}

var errPanicked = errors.New("the stream of the host panicked")

// reader and writer return the streams of the guest such that a panic of theirs is reported as their own.
func (m *Machine) reader(r io.Reader) io.Reader {
	if r == nil {
		return nil
	}
	return guardedReader{m, r}
}

func (m *Machine) writer(name string, w io.Writer) io.Writer {
	if w == nil {
		return nil
	}
	return guardedWriter{m, name, w}
}

// A guardedReader is the host's stdin.
type guardedReader struct {
	m *Machine
	r io.Reader
}

func (g guardedReader) Read(b []byte) (n int, err error) {
	err = errPanicked
	defer g.m.guard("Stdin")
	return g.r.Read(b)
}

// A guardedWriter is the host's stdout or stderr.
type guardedWriter struct {
	m    *Machine
	name string
	w    io.Writer
}

func (g guardedWriter) Write(b []byte) (n int, err error) {
	err = errPanicked
	defer g.m.guard(g.name)
	return g.w.Write(b)
}
