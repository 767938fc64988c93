package digest

import "sync/atomic"

// A Cache remembers the digest of some bytes until Forget is called. Several goroutines may call Sum at once, as machines do
// that share a page; Forget is for whoever owns the bytes alone.
type Cache struct {
	state atomic.Uint32 // empty, filling or filled
	sum   [Size]byte    // written by the one goroutine that has moved state to filling; read when it is filled
}

const (
	empty uint32 = iota
	filling
	filled
)

// Sum returns what compute returns, which must be the same each time until Forget is called. A goroutine that comes while
// another one fills the cache computes for itself: waiting would tie one machine's progress to another's.
func (c *Cache) Sum(compute func() [Size]byte) [Size]byte {
	if c.state.Load() == filled {
		return c.sum
	}
	sum := compute()
	if c.state.CompareAndSwap(empty, filling) {
		c.sum = sum
		c.state.Store(filled)
	}
	return sum
}

// Forget empties the cache: the bytes are about to change.
func (c *Cache) Forget() {
	if c.state.Load() != empty { // a store costs much more, and most pages are written far more often than summed
		c.state.Store(empty)
	}
}
