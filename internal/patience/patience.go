// Package patience is how tests wait: for an event, and so long that only what never comes fails. No test says how soon a
// thing has to come, for a computer may have other things to do; benchmarks do (package budget).
package patience

import (
	"testing"
	"time"
)

// Limit is how long any one thing may take in a test before the test says that it does not come.
const Limit = 5 * time.Minute

// often is how long Until lets pass between two looks.
const often = 5 * time.Millisecond

// Until waits until the condition holds, for what cannot tell of itself: a file, a process, a page. It ends the test if that
// never happens; what says what was waited for.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(often) {
		if time.Since(begin) > Limit {
			t.Fatalf("%s: not within %v", what, Limit)
		}
	}
}

// Receive returns what comes on a channel. It ends the test if nothing ever comes.
func Receive[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(Limit):
		t.Fatalf("%s: not within %v", what, Limit)
		panic("unreachable")
	}
}
