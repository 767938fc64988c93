package history

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator"
)

// A Place says where a call's frame lies: on which stack, and how deep. A goroutine may go on on another thread, and its
// stack may be copied elsewhere when it grows: the place of its frame stays the same. Without goroutines a stack is a
// thread's, and the depth counts from the top of the address space.
type Place struct {
	Stack
	Depth uint64 // bytes between the stack's upper end and SP
}

// A Stack is a goroutine's, or, where there is none, a thread's.
type Stack struct {
	G   uint64 // address of the goroutine's g, or 0
	TID int    // if there is no g
}

// goroutine returns the address of the g that thread t runs and the upper end of its stack; ok is false where there is
// none: in a program that is not Go, or before Go's first goroutine is bound to the thread.
//
// Go keeps the g of a thread at FS:-8 on linux/amd64 (runtime/go_tls.h; cmd/link, TLSoffset). A g begins with its stack's
// bounds, stack.lo and stack.hi, in every version: runtime/cgo depends on it ("offset known to runtime/cgo").
func (s *Session) goroutine(t *emulator.Thread) (g, hi uint64, ok bool) {
	if t.Registers.FSBase == 0 {
		return 0, 0, false
	}
	if g, ok = s.word(t.Registers.FSBase - 8); !ok || g == 0 {
		return 0, 0, false
	}
	lo, ok1 := s.word(g)
	hi, ok2 := s.word(g + 8)
	sp := t.Registers.SP()
	return g, hi, ok1 && ok2 && lo < sp && sp <= hi
}

// PlaceOf returns the place of a frame of t whose stack pointer is or was sp.
func (s *Session) PlaceOf(t *emulator.Thread, sp uint64) Place {
	if g, hi, ok := s.goroutine(t); ok {
		return Place{Stack{G: g}, hi - sp}
	}
	return Place{Stack{TID: t.TID}, -sp}
}

// word reads the 8 bytes at addr.
func (s *Session) word(addr uint64) (uint64, bool) {
	var b [8]byte
	if s.m.ReadMemory(b[:], addr) != nil {
		return 0, false
	}
	return binary.LittleEndian.Uint64(b[:]), true
}
