package cells

import (
	"context"
	"reflect"
	"runtime"

	"github.com/traefik/yaegi/interp"

	"github.com/rt0lab/rt0/lessons/turns"
)

// shareThread prepares the interpreter for code that gives way. It does nothing where there are threads.
func (s *Session) shareThread(turn func()) error {
	if s.turn = turn; turn == nil {
		return nil
	}
	turns.Take, maxStack = s.takeTurn, maxShared
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
	if s.stack.turns++; s.stack.turns%looks == 0 && s.stack.over() {
		s.end(errStack)
		runtime.Gosched() // the interpreter's watch on the cell's context comes first now, and stops it
	}
	return turns.Length
}

// polite returns a context for long work of ours: whoever asks it whether the work is canceled gives way.
func (s *Session) polite(ctx context.Context) context.Context {
	if s.turn == nil {
		return ctx
	}
	return courteous{ctx, s.turn}
}

type courteous struct {
	context.Context
	turn func()
}

func (c courteous) Err() error {
	c.turn()
	return c.Context.Err()
}
