//go:build !(unix || js || wasip1)

package vfs

// isBrokenPipe says whether err is the host's EPIPE; this host has none.
func isBrokenPipe(error) bool { return false }
