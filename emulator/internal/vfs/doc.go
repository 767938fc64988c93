// Package vfs holds what a guest process can reach through paths and descriptors: the tree of files, pipes, sockets, event
// counters, timers and the sets that wait for them. It knows nothing of threads or system call numbers. What would have to
// wait returns a Wait naming the object; what makes an object ready adds it to the list that TakeWoken returns.
//
// # State
//
// All objects live in one heap and name each other by ID, never by pointer. That is why Clone takes constant time: it
// copies the heap's root, and whoever changes an object afterwards copies that object first (edit). An object got by look
// must only be read.
//
// Nothing here reaches the host but Outside, which all clones share and which answers a replay as it answered the first
// run.
package vfs
