// Package hostile holds a guest that takes as much of one thing as it gets, for the test and the benchmark that hold the
// host's memory to the promise of -mem.
package hostile

import (
	_ "embed"
	"strconv"
)

// Source is the guest, one file of package main. Its argument is the name of what it takes.
//
//go:embed testdata/main.go
var Source string

// A Guest is something to take.
type Guest struct {
	Name string
	// Ends is what the guest says when it gets no more; empty if its own runtime may be the first to get no more.
	Ends string
	// Endless guests would need days; -max-ticks stops them.
	Endless bool
	// Slow guests take seconds to get all that there is, or to go there and back where SlowTravel is set: the benchmark has
	// time for them, tests have not.
	Slow, SlowTravel bool
}

// MaxTicks is a -max-ticks that stops the guest after a second or so if it is endless, and after most if it is not.
func (g Guest) MaxTicks(most uint64) string {
	if g.Endless {
		most = 20_000_000
	}
	return strconv.FormatUint(most, 10)
}

// Budget returns the most memory that the host may have for a guest with the limit mem, in bytes, without and with time
// travel.
func Budget(mem uint64, travel bool) uint64 {
	budget := 2*mem + 64<<20
	if travel {
		budget += 128 << 20
	}
	return budget
}

const (
	noMemory  = "cannot allocate memory"
	noSpace   = "no space left on device"
	noBuffers = "no buffer space available"
	again     = "resource temporarily unavailable"
)

// HostFIFO asks for the size of the file /v/f, says "ready", waits for standard input, and reads the file, in whose place the
// host has a FIFO by then.
const HostFIFO = "host-fifo"

// Guests are all that the guest can take.
var Guests = []Guest{
	{Name: "pipes", Ends: noMemory},
	{Name: "pipes-bytewise", Ends: noMemory},
	{Name: "pipes-half-read", Ends: noMemory},
	{Name: "streams", Ends: noBuffers},
	{Name: "datagrams", Ends: noBuffers},
	{Name: "empty-datagrams"},
	{Name: "in-flight", Slow: true, SlowTravel: true},
	{Name: "files", Ends: noSpace},
	{Name: "sparse-file", Ends: noSpace, SlowTravel: true},
	{Name: "memfd", Ends: noSpace},
	{Name: "symlinks", Slow: true, SlowTravel: true},
	{Name: "inodes", Slow: true}, // holds most of all there and back
	{Name: "long-paths", Slow: true, SlowTravel: true},
	{Name: "names", Slow: true, SlowTravel: true},
	{Name: "deep-folders", Slow: true, SlowTravel: true},
	{Name: "emptied-folders", Slow: true, SlowTravel: true},
	{Name: "epoll", Ends: noMemory},
	{Name: "eventfds", Ends: noMemory, Slow: true, SlowTravel: true},
	{Name: "timerfds", Ends: noMemory, Slow: true, SlowTravel: true},
	{Name: "timers", Ends: again, Slow: true, SlowTravel: true},
	{Name: "dup", Slow: true, SlowTravel: true},
	{Name: "maps-opened"},
	{Name: "mmap", Ends: noMemory},
	{Name: "mmap-sparse", Ends: noMemory},
	{Name: "mmap-sparser", Ends: noMemory},
	{Name: "mmap-read-only", Ends: noMemory},
	{Name: "mmap-wandering", Slow: true, SlowTravel: true},
	{Name: "mmap-file", Ends: noMemory},
	{Name: "mmap-pages", Ends: noMemory},
	{Name: "signals", Ends: again},
	{Name: "rep-lods", Endless: true},
	{Name: "rep-scas", Endless: true},
	{Name: "punch-hole", Ends: "done"},
	{Name: "write-2g", Ends: noSpace},
	{Name: "threads", Slow: true, SlowTravel: true},
}
