//go:build unix

package vfs

import "syscall"

// nonblock makes an open of a FIFO, and a read that would wait, return at once.
const nonblock = syscall.O_NONBLOCK
