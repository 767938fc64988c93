//go:build unix

package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// peakMiB returns the most memory that the process had.
func peakMiB(p *os.ProcessState) string {
	use, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return "?"
	}
	size := int64(use.Maxrss) // in KiB, but on macOS in bytes
	if runtime.GOOS == "darwin" {
		size >>= 10
	}
	return fmt.Sprint(size >> 10)
}
