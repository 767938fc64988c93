package cells

import (
	"context"
	"reflect"
	"runtime"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/turns"
)

// shareThread prepares the interpreter for code that gives way. It does nothing where there are threads.
func (s *Session) shareThread(turn func()) error {
	if s.turn = turn; turn == nil {
		return nil
	}
	turns.Take = s.takeTurn
	s.stack.Store(newStackUse())
	if err := s.in.Use(interp.Exports{displayPath + "/display": {turns.Function: reflect.ValueOf(s.takeTurn)}}); err != nil {
		return err
	}
	_, err := s.in.Eval(turns.Declaration)
	return err
}

// inPage says whether this is a web page, where there are no files, no other processes and no toolchain.
const inPage = runtime.GOOS == "js"

// maxShared is maxStack where a module has 4 GiB at most, and gives none of it back.
const maxShared = 96 << 20

// looks is how many turns pass between two looks at the size of the stacks, which take some 10 µs each.
const looks = 32

// takeTurn is what code of cells calls. The change of goroutines alone empties the stack of the browser's engine, which is
// smaller than Go's.
func (s *Session) takeTurn() int {
	runtime.Gosched()
	s.turn()
	if use := s.stack.Load(); use.turns.Add(1)%looks == 0 && use.over(maxShared) {
		s.end(errStack)
		runtime.Gosched() // the interpreter's watch on the cell's context comes first now, and stops it
	}
	return turns.Length
}

// A cellContext is the context of the cell that runs, or ran last, for long work of package lab's. Its place in that package is
// written once: goroutines of earlier cells read it. Whoever asks it whether the work is canceled gives way.
type cellContext struct{ s *Session }

func (c cellContext) now() context.Context {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.ctx
}

func (c cellContext) Deadline() (time.Time, bool) { return c.now().Deadline() }
func (c cellContext) Done() <-chan struct{}       { return c.now().Done() }
func (c cellContext) Value(key any) any           { return c.now().Value(key) }

func (c cellContext) Err() error {
	if c.s.turn != nil {
		c.s.turn()
	}
	return c.now().Err()
}
