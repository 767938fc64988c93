//go:build unix || js || wasip1

package vfs

import (
	"errors"
	"syscall"
)

// isBrokenPipe says whether err is the host's EPIPE.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
