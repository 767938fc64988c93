// Package boot is a model of how the Go runtime sets itself up, from rt0_go to the end of schedinit: a few structs with the
// runtime's own names and the functions that join them, without locks, memory allocation, tracing and garbage collection.
// It is there to be read and edited: package model runs it, or a reader's version of it, in an interpreter and compares what
// it leaves with the memory of a real program at the same moment.
//
// The names are those of runtime2.go and proc.go of Go 1.26. Where Go 1.25 and before do otherwise the function is in a file
// that ends in _go125.go.
package boot

import "sync/atomic"

// An m is a thread of the operating system.
type m struct {
	g0      guintptr    // in the runtime *g; the interpreter takes no two structs that point to each other
	tls     [6]guintptr // tls[0] is the current g
	p       puintptr
	id      int64
	alllink *m // on allm
}

// A g is a goroutine: here g0 alone, the one on whose stack the thread boots.
type g struct {
	stack       stack
	stackguard0 uintptr
	stackguard1 uintptr
	m           *m
}

// A stack is what a goroutine may use: from lo up to, but without, hi.
type stack struct {
	lo uintptr
	hi uintptr
}

// A p is a processor: what an m must hold to run Go code.
type p struct {
	id       int32
	status   uint32
	link     puintptr
	m        muintptr
	runqhead uint32
	runqtail uint32
	runnext  guintptr
}

// The statuses of a p.
const (
	_Pidle = iota
	_Prunning
	_Psyscall
	_Pgcstop
	_Pdead
)

// A schedt is the scheduler's own state.
type schedt struct {
	mnext     int64 // the id of the next m
	maxmcount int32
	pidle     puintptr // idle Ps, by p.link
	npidle    atomic.Int32
}

// The runtime's variables. All are zero when the program starts.
var (
	g0            g
	m0            m
	allm          *m
	allp          []*p
	sched         schedt
	gomaxprocs    int32
	numCPUStartup int32
)

// fs is the register: the thread's g lies in the word below the one it points to.
var fs *guintptr
