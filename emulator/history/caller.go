package history

import (
	"errors"
	"fmt"
)

// ErrNoCaller reports that it cannot be told where a function will return to.
var ErrNoCaller = errors.New("the caller is not known")

// caller returns the address to which the function at pc will return, and what SP will be then.
//
// Go's own line table tells for each instruction how far SP has moved since the function was entered, which is what the
// runtime unwinds with. Code without that table is taken to keep a frame pointer.
func (s *Session) caller(pc, sp, bp uint64) (ret, callerSP uint64, err error) {
	at := bp + 8
	if s.Table != nil {
		if delta, ok := s.Table.SPDelta(pc); ok {
			at = sp + uint64(delta)
		}
	}
	ret, ok := s.word(at)
	if !ok || ret == 0 {
		return 0, 0, fmt.Errorf("function at %#x: %w", pc, ErrNoCaller)
	}
	return ret, at + 8, nil
}
