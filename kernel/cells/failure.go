package cells

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go/scanner"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/kernel"
	"github.com/rt0lab/rt0/lessons/dialect"
	"github.com/rt0lab/rt0/lessons/lab"
)

// A panicError is what a cell panicked with.
type panicError struct{ text string }

func (e *panicError) Error() string { return e.text }

// panicked turns what a cell panicked with into an error. Package lab panics with errors that are meant to be read as such.
func panicked(p any) error {
	if v, ok := p.(reflect.Value); ok && v.IsValid() && v.CanInterface() {
		p = v.Interface()
	}
	switch p := p.(type) {
	case lab.Error:
		return p.Err
	case stopped:
		return p.cause
	case error:
		return panickedText(p.Error())
	case string:
		return panickedText(p)
	}
	return &panicError{fmt.Sprintf("%v", p)}
}

// panickedText says what Go would say where the interpreter panics with words of package reflect.
func panickedText(p string) error {
	switch {
	case strings.HasPrefix(p, "reflect: ") && strings.HasSuffix(p, "index out of range"): // reflect.Value.Index
		return &panicError{"runtime error: index out of range"}
	case strings.HasPrefix(p, "reflect: call of reflect.Value.") && strings.HasSuffix(p, " on zero Value"):
		return &panicError{"runtime error: invalid memory address or nil pointer dereference"}
	case strings.HasPrefix(p, "reflect"):
		return dialect.Explain(errors.New(p))
	}
	return &panicError{p}
}

// goroutinePanicked ends the cell because of a panic in a goroutine that it, or an earlier cell, has started.
func (s *Session) goroutinePanicked(p any) {
	err := panicked(p)
	if e, ok := err.(*panicError); ok {
		err = &panicError{e.text + " [in a goroutine]"}
	}
	s.mu.Lock()
	cancel, over, c := s.cancel, s.ctx.Err() != nil, s.cell
	if !over && s.fallen == nil {
		s.fallen = err
	}
	s.mu.Unlock()
	if over && c != nil { // the cell has ended: tell below it
		fmt.Fprintf(c.Stderr(), "panic: %v\n", err)
		return
	}
	time.AfterFunc(others, func() { cancel(err) })
}

// others is how long the other goroutines go on after the panic of one. The interpreter runs no deferred function of a cell
// that was stopped, so that goroutines which panic at the same time must have recovered by then.
const others = 50 * time.Millisecond

// place finds a position of this cell in an error's text.
var place = regexp.MustCompile(`([a-z]+\[\d+\][.\d` + prime + `]*):(\d+):(\d+)(: )?`)

// failure turns an error into one that front ends can show: what it is, where, and the line of the cell.
func (s *Session) failure(ctx context.Context, name, code string, err error) error {
	s.out.drain()
	lines := s.out.trace.reset()
	e := &kernel.CellError{Name: "error"}
	machine := "" // where the machine is that the cell was running
	var p interp.Panic
	if errors.As(err, &p) {
		err = panicked(p.Value)
	}
	if stop := (*lab.Stopped)(nil); errors.As(err, &stop) {
		machine = "; the machine was " + stop.Error()
	}
	if cause := context.Cause(ctx); cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, cause)) {
		err = cause
	}
	var own *panicError
	var d *dialect.Error
	switch {
	case errors.Is(err, kernel.ErrInterrupted):
		e.Name, e.Value = "interrupted", "the cell was stopped; what it has defined so far stays"+machine
		lines = nil
	case errors.As(err, &own):
		e.Name, e.Value = "panic", own.text
		if at := place.FindStringIndex(own.text); at != nil && at[0] == 0 { // said twice
			e.Value = own.text[at[1]:]
		}
	case errors.As(err, &d):
		e.Value = fmt.Sprintf("%s:%v", name, d)
	default:
		if list, ok := err.(scanner.ErrorList); ok && len(list) > 0 {
			err = list[0]
		}
		e.Value = hint(err)
	}
	at := ""
	if e.Name == "error" {
		at = place.FindString(e.Value)
	} else if len(lines) > 0 {
		at = place.FindString(lines[0])
	}
	e.Value = plain(e.Value)
	e.Traceback = []string{"\x1b[31m" + e.Name + "\x1b[0m: " + e.Value}
	e.Traceback = append(e.Traceback, quote(name, code, at)...)
	for _, l := range lines {
		e.Traceback = append(e.Traceback, "  at "+plain(l))
	}
	return e
}

// hint says more about an error of the interpreter's that its words do not explain: Go itself has found nothing wrong.
func hint(err error) string {
	text := err.Error()
	if place.MatchString(text) || !internal.MatchString(text) {
		return dialect.Explain(err).Error()
	}
	if inPage {
		return "the interpreter cannot compile this (" + text + "); write it in an older way, or in a function: v, ok := m[k] works there"
	}
	return "the interpreter cannot compile this (" + text + "), though it may be right; a program in a cell that begins with %%boot is built by Go itself"
}

// internal are errors that come out of the interpreter's inside.
var internal = regexp.MustCompile(`^(runtime error|reflect|nil |interface conversion|.*CFG post-order panic)`)

// quote returns the line of the cell at a position, and a mark below its column.
func quote(name, code, at string) []string {
	m := place.FindStringSubmatch(at)
	if m == nil || !strings.HasPrefix(m[1], name) {
		return nil
	}
	line, _ := strconv.Atoi(m[2])
	column, _ := strconv.Atoi(m[3])
	lines := strings.Split(code, "\n")
	if line < 1 || line > len(lines) {
		return nil
	}
	return kernel.Mark(lines[line-1], column)
}

// written are gaps of the interpreter that lower closes.
var written = map[string]bool{"range over an integer": true, "built-in min": true, "built-in max": true, "built-in clear": true}

// check looks for what the interpreter lacks and lower does not write out.
func (s *Session) check(code string) error {
	for _, group := range [][]item{statementsOf(code), declarationsOf(code)} {
		for _, gap := range dialect.Gaps(only(code, group)) {
			if !typed || !written[gap.What] {
				return gap
			}
		}
	}
	return nil
}
