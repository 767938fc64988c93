package linux

import (
	"slices"
	"testing"
)

// Adding and taking signals moves a number of siginfos in the order of the number of signals, however many wait, and the
// places of those taken are given back.
func TestSigqueueMoves(t *testing.T) {
	const n = 1 << 14
	var q sigqueue
	moves, spare := 0, 0
	see := func(change func()) {
		var before []siginfo
		if len(q.queues) > 0 {
			before = q.queues[0].list
		}
		change()
		if len(q.queues) == 0 {
			return
		}
		f := q.queues[0]
		if first := &f.list[0]; len(before) > 0 && first != &before[0] && (len(before) == 1 || first != &before[1]) {
			moves += len(f.list)
		}
		spare = max(spare, int(f.taken)+cap(f.list)-2*len(f.list))
	}
	add := func(i int) { q.add(siginfo{Signo: 40, Fields: [14]uint64{uint64(i)}}) }
	took := 0
	take := func() {
		info, ok := q.take(^sigset(0))
		if !ok || info.Fields[0] != uint64(took) {
			t.Fatalf("took %d, %v; want %d", info.Fields[0], ok, took)
		}
		took++
	}
	for i := range n {
		see(func() { add(i) })
	}
	for i := range 4 * n { // as many wait all the time
		see(take)
		see(func() { add(n + i) })
	}
	for range n {
		see(take)
	}
	if q.set != 0 || q.len != 0 || len(q.queues) != 0 {
		t.Errorf("not empty: %+v", q)
	}
	if moves > 6*5*n {
		t.Errorf("%d siginfos moved for %d signals", moves, 5*n)
	}
	if spare > 16 {
		t.Errorf("%d places more than twice what waits", spare)
	}
	t.Logf("%d moves, %d places more than twice what waits", moves, spare)
}

// Signals are taken in the order of their numbers, and equal ones in the order of sending. Copies of a queue do not change.
func TestSigqueueOrder(t *testing.T) {
	var q sigqueue
	all := []int32{40, 10, 41, 40, SIGSEGV, 40, 10}
	for i, sig := range all {
		if added := q.add(siginfo{Signo: sig, Errno: int32(i)}); added != (i != 6) {
			t.Errorf("signal %d: added %v", i, added)
		}
	}
	drain := func(q sigqueue) (got []int32) {
		for info, ok := q.take(^sigset(0)); ok; info, ok = q.take(^sigset(0)) {
			got = append(got, info.Errno)
		}
		return got
	}
	copied := q.clone()
	dropped := q.clone()
	if got, want := drain(q), []int32{4, 1, 0, 3, 5, 2}; !slices.Equal(got, want) {
		t.Errorf("taken in the order %v, want %v", got, want)
	}
	if dropped.drop(sigbit(40) | sigbit(10)); dropped.len != 2 || dropped.set != sigbit(SIGSEGV)|sigbit(41) {
		t.Errorf("dropped: %+v", dropped)
	}
	if got, want := drain(copied), []int32{4, 1, 0, 3, 5, 2}; !slices.Equal(got, want) {
		t.Errorf("a copy: taken in the order %v, want %v", got, want)
	}
	if got, want := drain(dropped), []int32{4, 2}; !slices.Equal(got, want) {
		t.Errorf("dropped: taken in the order %v, want %v", got, want)
	}
}

// Two ways to the same signals have one hash.
func TestSigqueueHash(t *testing.T) {
	a, b := newGuest(t, forever), newGuest(t, forever)
	for i := range uint64(30) {
		a.signals.pending.add(siginfo{Signo: 40, Fields: [14]uint64{i}})
		if i >= 3 {
			b.signals.pending.add(siginfo{Signo: 40, Fields: [14]uint64{i}})
		}
	}
	for range 3 {
		a.signals.pending.take(^sigset(0))
	}
	if digest(a) != digest(b) {
		t.Error("the same signals have two hashes")
	}
}
