package linux

// futexWait is what a thread waits for in futex.
type futexWait struct {
	addr   uint64 // 0 for none
	bitset uint32
}
