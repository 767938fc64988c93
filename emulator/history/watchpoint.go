package history

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator"
)

// A Watchpoint stops moves at instructions that touch a range of memory, system calls included.
type Watchpoint struct {
	ID int
	// Expr is what the watchpoint was set with: see Session.Locate.
	Expr string
	// Addr and Len are the range in bytes; they stay, even if the expression comes to mean another place.
	Addr, Len uint64
	// Read and Write are the kinds of access to stop at. If Change is set, a write counts only if it changes the value.
	Read, Write, Change bool
}

// maxWatch is the longest range that can be watched.
const maxWatch = 1 << 20

// A Kind is what a watchpoint stops at.
type Kind uint8

// The kinds of watchpoint.
const (
	OnWrite  Kind = iota // every write
	OnChange             // a write that changes the value
	OnRead               // every read
	OnAccess             // every read and write
)

// Watch sets a watchpoint on the memory that expr means now.
func (s *Session) Watch(expr string, kind Kind) (*Watchpoint, error) {
	addr, size, err := s.Locate(expr)
	if err != nil {
		return nil, err
	}
	s.lastID++
	w := &Watchpoint{ID: s.lastID, Expr: expr, Addr: addr, Len: size, Change: kind == OnChange}
	w.Read = kind == OnRead || kind == OnAccess
	w.Write = kind != OnRead
	s.watchpoints = append(s.watchpoints, w)
	return w, nil
}

// ErrNoValue reports an expression that means nothing here.
var ErrNoValue = errors.New("not a value of this program")

// Locate returns the range of memory that expr means in the present state:
//
//	0x5a1c40:16    16 bytes at the address; without ":16" 8 bytes
//	sched.pidle    the place of that value: see goruntime.Runtime.Eval
//	runtime.g0     the variable of that name, which needs no debug information
func (s *Session) Locate(expr string) (addr, size uint64, err error) {
	text, length, hasLen := strings.Cut(strings.TrimPrefix(strings.TrimSpace(expr), "*"), ":")
	if addr, err := strconv.ParseUint(text, 0, 64); err == nil {
		size := uint64(8)
		if hasLen {
			if size, err = strconv.ParseUint(length, 0, 64); err != nil {
				return 0, 0, fmt.Errorf("%q: the length is no number", expr)
			}
		}
		return addr, size, checkRange(expr, addr, size)
	}
	if s.Runtime != nil {
		if addr, size, ok := s.Runtime.Place(expr); ok {
			return addr, size, checkRange(expr, addr, size)
		}
	}
	if s.Table != nil {
		if d, ok := s.Table.Data(expr); ok && d.Size > 0 {
			return d.Addr, d.Size, checkRange(expr, d.Addr, d.Size)
		}
	}
	return 0, 0, fmt.Errorf("%q: %w: give ADDRESS:LENGTH, a variable or a field that can be reached now", expr, ErrNoValue)
}

func checkRange(expr string, addr, size uint64) error {
	if size == 0 || size > maxWatch || addr+size < addr {
		return fmt.Errorf("%q: %d bytes at %#x: give 1 to %d bytes", expr, size, addr, maxWatch)
	}
	return nil
}

// watched is a watchpoint and the value that its memory had last, nil if it was not mapped.
type watched struct {
	*Watchpoint
	value []byte
}

func (w *watched) update(s *Session) (changed bool) {
	b := make([]byte, w.Len)
	if s.m.ReadMemory(b, w.Addr) != nil {
		b = nil
	}
	changed = !bytes.Equal(b, w.value)
	w.value = b
	return changed
}

// touched returns the first watchpoint that the access hits, and brings all values up to date. An instruction may touch
// several of them, or read and write one, and the access is only the first of that: a changed value tells of the rest.
func (s *Session) touched(values []watched, a *emulator.Access) (hit *Watchpoint) {
	for i := range values {
		w := &values[i]
		changed := w.update(s)
		over := a.Addr < w.Addr+w.Len && w.Addr < a.Addr+uint64(a.Size)
		wrote := w.Write && (changed || over && a.Write && !w.Change)
		if hit == nil && (wrote || over && !a.Write && w.Read) {
			hit = w.Watchpoint
		}
	}
	return hit
}
