package digest

import (
	"sync"
	"testing"
)

// TestCacheAtOnce asks one cache from several goroutines, as forks of a machine ask that of a page they share. Under -race it
// shows that they may. After Forget it digests the new bytes.
func TestCacheAtOnce(t *testing.T) {
	var c Cache
	for round := range byte(100) {
		page := make([]byte, 4096)
		page[0] = round
		want := Sum(page)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 2 {
					if got := c.Sum(func() [Size]byte { return Sum(page) }); got != want {
						t.Errorf("round %d: %x, want %x", round, got, want)
					}
				}
			})
		}
		all.Wait()
		if got := c.Sum(func() [Size]byte { t.Error("it is computed again"); return want }); got != want {
			t.Errorf("round %d: it remembers %x, want %x", round, got, want)
		}
		c.Forget()
	}
}
