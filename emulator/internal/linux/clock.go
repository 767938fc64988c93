package linux

// Epoch is the guest's wall-clock time at tick 0, in ns since 1970: 2026-01-01T00:00:00Z. It is the same in every run, as
// the clock must be a function of the tick alone.
const Epoch = 1767225600 * 1_000_000_000

// Now returns the guest's monotonic time in ns.
func (k *Kernel) Now() int64 { return int64(k.Tick + k.skew) }

// realtime returns the guest's wall-clock time in ns since 1970.
func (k *Kernel) realtime() int64 { return Epoch + k.Now() }
