package history

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// lines is a program whose lines of interest end in their names.
const lines = `package main

//go:noinline
func add(a, b int) int {
	c := a + b // sum
	return c   // return
}

func twice(x int) int {
	x += x   // double
	return x
}

func send(ch chan int, x int) {
	ch <- x // send
}

func main() {
	x := 1                   // one
	x = add(x, 2)            // call
	x = twice(x)             // inlined
	for i := 0; i < 2; i++ { // loop
		x += add(add(i, x), 1) // body
	}
	ch := make(chan int) // make
	go send(ch, x)       // go
	x += <-ch            // receive
	println(x)           // print
} // end
`

// name returns the name of the line at which the session is.
func name(s *Session) string {
	cur := s.m.Current()
	f := s.Stack(&cur)[0]
	if !strings.HasSuffix(f.File, "/main.go") {
		outer, _ := s.Table.Func(f.PC)
		return outer.Name
	}
	text := strings.Split(lines, "\n")[f.Line-1]
	if _, name, ok := strings.Cut(text, "// "); ok {
		return name
	}
	return fmt.Sprintf("%s:%d", f.Func, f.Line)
}

func TestStepLine(t *testing.T) {
	ctx := context.Background()
	s := newSession(t, lines, 2, "-gcflags=-N")
	walk := func(dir Direction, into bool, steps int) (names []string, ticks []uint64) {
		t.Helper()
		for range steps {
			stop, err := s.StepLine(ctx, dir, 0, into)
			if err != nil || stop.Reason != ReasonDone {
				t.Fatalf("step %v to %+v, %v", dir, stop, err)
			}
			names, ticks = append(names, name(s)), append(ticks, stop.Tick)
		}
		return names, ticks
	}
	if _, err := s.RunTo(ctx, Forward, "main.main"); err != nil {
		t.Fatal(err)
	}
	entry := s.Tick()
	want := []string{"one", "call", "inlined", "loop", "body", "loop", "body", "loop", "make", "go", "receive", "print", "end", "runtime.main"}
	names, ticks := walk(Forward, false, len(want))
	if !slices.Equal(names, want) {
		t.Errorf("over lines: %q, want %q", names, want)
	}
	// Back from behind main.main is over main.main as a whole; so begin at its end.
	back := append([]uint64{entry}, ticks[:len(ticks)-2]...)
	slices.Reverse(back)
	if _, err := s.RunToTick(ctx, ticks[len(ticks)-2]); err != nil {
		t.Fatal(err)
	}
	if _, ticks := walk(Backward, false, len(back)); !slices.Equal(ticks, back) {
		t.Errorf("back over lines: ticks %d, want %d", ticks, back)
	}
	// From within a line, back goes to its beginning.
	if _, err := s.RunToTick(ctx, ticks[4]+3); err != nil {
		t.Fatal(err)
	}
	if stop, err := s.StepLine(ctx, Backward, 0, false); err != nil || stop.Tick != ticks[4] {
		t.Errorf("back from within a line: %+v, %v, want tick %d", stop, err, ticks[4])
	}
	// Into calls, inlined ones too; the return comes back to the line.
	if _, err := s.RunToTick(ctx, ticks[1]); err != nil {
		t.Fatal(err)
	}
	names, _ = walk(Forward, true, 8)
	if want := []string{"main.add:4", "sum", "return", "call", "inlined", "double", "inlined", "loop"}; !slices.Equal(names, want) {
		t.Errorf("into: %q, want %q", names, want)
	}
	// A breakpoint within the call ends a step over it.
	b, err := s.Break("main.add", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RunToTick(ctx, ticks[1]); err != nil {
		t.Fatal(err)
	}
	if stop, err := s.StepLine(ctx, Forward, 0, false); err != nil || stop.Breakpoint != b {
		t.Errorf("over a call with a breakpoint: %+v, %v", stop, err)
	}
	if _, err := s.RunToTick(ctx, ticks[2]); err != nil {
		t.Fatal(err)
	}
	if stop, err := s.StepLine(ctx, Backward, 0, false); err != nil || stop.Breakpoint != b {
		t.Errorf("back over a call with a breakpoint: %+v, %v", stop, err)
	}
}
