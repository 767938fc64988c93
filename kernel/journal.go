package kernel

import "context"

// A Journal is what a Session tells of itself after a cell, so that another process can go on if this one dies.
type Journal struct {
	// Parts are what Restore needs, in a form that is the Session's own; by name, so that only those that change are sent.
	Parts map[string][]byte
	// Kept says what Restore brings back, Lost what it does not, in a few words each.
	Kept, Lost []string
}

// A Restorer is a Session that can go on where another one was.
type Restorer interface {
	Session
	// Journal is called between two cells.
	Journal() Journal
	// Restore brings back what parts tell of, before the first cell. What it can do is done, whatever the error.
	Restore(ctx context.Context, parts map[string][]byte) error
	// Trace makes the session call f with each position, innermost first, that a panic passes: the process may die of it.
	Trace(f func(line string))
}
