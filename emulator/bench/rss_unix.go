//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakBytes returns the most memory that the process had.
func peakBytes(p *os.ProcessState) uint64 {
	use, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return uint64(use.Maxrss)
	}
	return uint64(use.Maxrss) << 10 // elsewhere in KiB
}
