// Package goruntime reads the Go runtime's own data out of a program's memory: g, m, p, sched and the lists that join
// them, at whatever moment the memory shows. It only reads.
//
// Where things lie comes from the program's DWARF alone, so the same code reads every Go version. What a version lacks is
// absent from a view, what cannot be read is unreadable in it: neither spoils the rest. Names are those of the runtime's
// source (runtime2.go), so that a reader can search for them there.
package goruntime

import (
	"github.com/rt0lab/rt0/emulator/symbols"
)

// Memory reads guest memory.
type Memory interface {
	// ReadMemory fills b from addr; it reports an error naming the address when a part is not mapped.
	ReadMemory(b []byte, addr uint64) error
}

// A Runtime is the Go runtime of one program in one memory. It shows the memory's present state; nothing of it is cached.
// It is not safe for concurrent use.
type Runtime struct {
	table *symbols.Table
	mem   Memory

	parsed   map[string]node
	vars     map[string]place
	varErrs  map[string]error
	types    map[string]*symbols.Type
	statuses map[string]map[uint64]string
}

// New returns the runtime of the program that t describes, as it is in mem.
func New(t *symbols.Table, mem Memory) *Runtime {
	return &Runtime{
		table: t, mem: mem,
		parsed: map[string]node{}, vars: map[string]place{}, varErrs: map[string]error{},
		types: map[string]*symbols.Type{}, statuses: map[string]map[uint64]string{},
	}
}

// Table returns the program's symbols.
func (r *Runtime) Table() *symbols.Table { return r.table }
