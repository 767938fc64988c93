// Package hostile holds a guest that takes as much of one thing as it gets, for the test and the benchmark that hold the
// host's memory to the promise of -mem.
package hostile

import _ "embed"

// Source is the guest, one file of package main. Its argument is the name of what it takes.
//
//go:embed testdata/main.go
var Source string

// A Guest is something to take.
type Guest struct {
	Name string
	// Ends is what the guest says when it gets no more; empty if its own runtime may be the first to get no more.
	Ends string
	// Slow guests take seconds to get all that there is.
	Slow bool
}

const (
	noMemory  = "cannot allocate memory"
	noSpace   = "no space left on device"
	noBuffers = "no buffer space available"
	noFiles   = "too many open files in system"
)

// Guests are all that the guest can take.
var Guests = []Guest{
	{Name: "pipes", Ends: noMemory},
	{Name: "pipes-bytewise", Ends: noMemory},
	{Name: "pipes-half-read", Ends: noMemory},
	{Name: "streams", Ends: noBuffers},
	{Name: "datagrams", Ends: noBuffers},
	{Name: "empty-datagrams"},
	{Name: "in-flight", Slow: true},
	{Name: "files", Ends: noSpace},
	{Name: "sparse-file", Ends: noSpace},
	{Name: "memfd", Ends: noSpace},
	{Name: "symlinks", Ends: noSpace, Slow: true},
	{Name: "inodes", Slow: true},
	{Name: "long-paths", Slow: true},
	{Name: "names", Slow: true},
	{Name: "deep-folders", Slow: true},
	{Name: "emptied-folders", Slow: true},
	{Name: "epoll", Ends: noMemory},
	{Name: "eventfds", Ends: noMemory, Slow: true},
	{Name: "timerfds", Ends: noMemory, Slow: true},
	{Name: "timers", Slow: true},
	{Name: "dup", Slow: true},
	{Name: "maps-opened"},
	{Name: "mmap", Ends: noMemory},
	{Name: "mmap-sparse", Ends: noMemory},
	{Name: "mmap-sparser", Ends: noMemory},
	{Name: "mmap-read-only", Ends: noMemory},
	{Name: "mmap-wandering", Slow: true},
	{Name: "mmap-file", Ends: noMemory},
	{Name: "threads", Slow: true},
}
