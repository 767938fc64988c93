package supervise

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// MemoryVariable is the environment variable with which a user sets how much memory cells may take.
const MemoryVariable = "RT0_CELL_MEMORY"

// defaultMemory is the most that cells may take if nothing is said, in bytes; less where that is more than half of what there is.
const defaultMemory = 4 << 30

// DefaultMemory returns how much memory in bytes cells may take if nothing is said: 4 GiB, or half of what this computer, or the
// container in which we are, has.
func DefaultMemory() uint64 {
	limit := uint64(defaultMemory)
	if have := present(); have > 0 {
		limit = min(limit, have/2)
	}
	return limit
}

// present returns how much memory there is, in bytes, or 0: that of the computer (proc_meminfo(5)) or less where a control group
// says so (Linux, Documentation/admin-guide/cgroup-v2.rst; v1 has another file).
func present() uint64 {
	var least uint64
	note := func(n uint64) {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	text, _ := os.ReadFile("/proc/meminfo")
	if _, rest, ok := strings.Cut(string(text), "MemTotal:"); ok {
		line, _, _ := strings.Cut(rest, "kB")
		n, _ := strconv.ParseUint(strings.TrimSpace(line), 10, 53)
		note(n << 10)
	}
	for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, _ := os.ReadFile(file)
		n, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
		note(n)
	}
	return least
}

// hardLimit is what the system enforces when the watch is too slow for a cell.
func hardLimit(limit uint64) uint64 { return limit + limit/4 + 256<<20 }

// A memory watches how much the process takes, and ends a cell that takes too much. The zero limit is none.
type memory struct{ limit uint64 }

func newMemory(limit uint64) *memory {
	if limit > 0 && limit < math.MaxInt64 {
		debug.SetMemoryLimit(int64(limit / 10 * 9)) // garbage is collected before anything is called too much
	}
	return &memory{limit}
}

// used returns how much memory the process has from the system, in bytes.
func used() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}

// watchEvery is how often the watch looks.
const watchEvery = 10 * time.Millisecond

// watch calls cancel when the process takes too much; done ends the watch.
func (m *memory) watch(cancel context.CancelCauseFunc) (done func()) {
	if m.limit == 0 {
		return func() {}
	}
	most := m.limit
	if before := used(); before > m.limit/8*7 { // what variables hold is no fault of this cell, which may be about to let go of it
		most = max(m.limit, before+m.limit/16)
	}
	over := make(chan struct{})
	go func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				if n := used(); n > most {
					cancel(fmt.Errorf("out of memory: the cells hold %s, and may take %s (%s sets it); set variables that hold much to nil", size(n), size(m.limit), MemoryVariable))
					return
				}
			}
		}
	}()
	return func() { close(over) }
}

// release gives back what a large cell no longer needs.
func (m *memory) release() {
	if m.limit > 0 && used() > m.limit/2 {
		debug.FreeOSMemory()
	}
}

// size writes a number of bytes for people.
func size(n uint64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}
