package linux

import "math"

// maxCPUs is the most processors that a guest may see.
const maxCPUs = 1024

// timerTable holds the process's interval and POSIX timers.
type timerTable struct{}

func (t *timerTable) next() int64 { return math.MaxInt64 }

func (k *Kernel) fireTimers() {}

func (k *Kernel) nextCPUTimer(t *Thread) (uint64, bool) { return 0, false }
