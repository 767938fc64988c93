package zeromq

import (
	"net"
	"runtime/debug"
	"slices"
	"sync"
)

// A roster knows all peers of a kernel: whom to drop when there are too many, and how much memory those without a key take.
type roster struct {
	mu      sync.Mutex
	ports   []*port
	arrived uint64
	held    int // bytes of unfinished messages of peers that are not verified
	freed   int // bytes that they have given back since the last sweep
	queued  int // bytes that they have not taken yet
	closed  bool

	sweeping bool // memory is being given back
}

// sweepAfter is how much strangers may have given back before the system gets it, in bytes. The Go runtime alone would keep it
// for minutes.
const sweepAfter = 16 << 20

// add makes a port one of the roster's.
func (r *roster) add(p *port) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.roster, p.open = r, map[*peer]struct{}{}
	r.ports = append(r.ports, p)
}

// admit takes a connection in, and drops the oldest that is not verified if there are too many. It returns nil if all are closed.
func (r *roster) admit(p *port, c net.Conn) *peer {
	q := newPeer(p, c)
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.arrived++
	q.number = r.arrived
	var oldest *peer
	if len(p.unverified) >= unverifiedPeers {
		oldest = p.unverified[0]
		r.remove(oldest)
	}
	p.open[q] = struct{}{}
	p.unverified = append(p.unverified, q)
	r.mu.Unlock()
	if oldest != nil {
		oldest.Close()
	}
	return q
}

// remove is called with mu held.
func (r *roster) remove(q *peer) {
	delete(q.port.open, q)
	r.discount(q)
	r.forgive(q)
	q.vouched = nil
}

// discount takes a peer out of those that count; mu is held.
func (r *roster) discount(q *peer) {
	if i := slices.Index(q.port.unverified, q); i >= 0 {
		q.port.unverified = slices.Delete(q.port.unverified, i, i+1)
	}
}

// leave forgets a peer.
func (r *roster) leave(q *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(q)
}

func (r *roster) greeted(q *peer, identity string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	q.greeted, q.identity = true, identity
}

// trust notes that a peer is verified.
func (r *roster) trust(q *peer) {
	r.mu.Lock()
	r.discount(q)
	r.forgive(q)
	r.mu.Unlock()
	if q.port.asked {
		r.vouch(q)
	}
}

// vouch makes a verified peer speak for one peer on each port where clients sign nothing, or nothing at first: that of the same
// identity, else the one that came nearest to it. A client opens its connections one after the other.
func (r *roster) vouch(q *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := q.port.open[q]; !there {
		return
	}
	for _, p := range r.ports {
		if p.asked {
			continue
		}
		if other := q.vouched[p]; other != nil {
			if _, there := p.open[other]; there {
				continue
			}
		}
		var best *peer
		for _, other := range p.unverified {
			if other.greeted && (best == nil || nearer(q, other, best)) {
				best = other
			}
		}
		if best == nil {
			continue
		}
		if q.vouched == nil {
			q.vouched = map[*port]*peer{}
		}
		q.vouched[p] = best
		best.kept.Store(true)
		r.discount(best)
		if !q.misled[p] {
			best.awaited.Store(true)
			r.queued -= best.queued
			best.queued = 0
		}
	}
}

// deaf notes that a peer was waited for and has read nothing. The verified peer that spoke for it may speak for others, which a
// flood then does not drop, but nobody waits for those: it may have been a stranger each time.
func (r *roster) deaf(q *peer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.ports {
		for other := range p.open {
			if other.vouched[q.port] == q {
				if other.misled == nil {
					other.misled = map[*port]bool{}
				}
				other.misled[q.port] = true
			}
		}
	}
}

// nearer reports whether a is more likely than b to be of the same client as q.
func nearer(q, a, b *peer) bool {
	if sameA, sameB := a.identity == q.identity, b.identity == q.identity; sameA != sameB && q.identity != "" {
		return sameA
	}
	return distance(q.number, a.number) < distance(q.number, b.number)
}

func distance(a, b uint64) uint64 { return max(a, b) - min(a, b) }

// forgive subtracts what a peer holds, and what is queued for it, from the sums; mu is held.
func (r *roster) forgive(q *peer) {
	r.held -= q.held
	r.queued -= q.queued
	q.held, q.queued = 0, 0
}

// hold notes that a peer is about to take n bytes. If that is too much for all together, the peer that holds most is dropped.
func (r *roster) hold(q *peer, n int) error {
	held := func(q *peer) *int { return &q.held }
	return r.take(q, n, &r.held, held, unverifiedHeld, (*peer).signed, "unfinished messages of peers that have shown no key take too much memory")
}

// queue notes that n more bytes wait for a peer to read them. If that is too much for all together, the peer that is furthest
// behind is dropped. Bytes for a peer for which the key speaks do not count.
func (r *roster) queue(q *peer, n int) error {
	queued := func(q *peer) *int { return &q.queued }
	return r.take(q, n, &r.queued, queued, unverifiedQueued, (*peer).trusted, "the peer has shown no key and reads too slowly")
}

// take adds n to what a peer has, and to the sum of all, unless the peer is free of the limit. While the sum is over
// the limit, the peer that has most is dropped.
func (r *roster) take(q *peer, n int, sum *int, of func(*peer) *int, limit int, free func(*peer) bool, why protocolError) error {
	r.mu.Lock()
	if _, there := q.port.open[q]; !there {
		r.mu.Unlock()
		return net.ErrClosed
	}
	if free(q) {
		r.mu.Unlock()
		return nil
	}
	*of(q) += n
	*sum += n
	var dropped []*peer
	for *sum > limit {
		var most *peer
		for _, p := range r.ports {
			for other := range p.open {
				if most == nil || *of(other) > *of(most) {
					most = other
				}
			}
		}
		r.remove(most)
		dropped = append(dropped, most)
	}
	r.mu.Unlock()
	for _, other := range dropped {
		other.port.refused(why)
		other.Close()
	}
	if slices.Contains(dropped, q) {
		return net.ErrClosed
	}
	return nil
}

// delivered notes that a peer's connection has taken n bytes.
func (r *roster) delivered(q *peer, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n = min(n, q.queued)
	q.queued -= n
	r.queued -= n
}

// release notes that a peer has let go of all that it held, n bytes.
func (r *roster) release(q *peer, n int) {
	r.mu.Lock()
	r.held -= q.held
	q.held = 0
	r.mu.Unlock()
	r.sweep(n)
}

// sweep notes that n bytes are garbage now, and gives memory back to the system once there is much.
func (r *roster) sweep(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.freed += n; r.freed < sweepAfter || r.sweeping {
		return
	}
	r.sweeping = true
	go func() {
		for again := true; again; {
			r.mu.Lock()
			r.freed = 0
			r.mu.Unlock()
			debug.FreeOSMemory()
			r.mu.Lock()
			again = r.freed >= sweepAfter
			r.sweeping = again
			r.mu.Unlock()
		}
	}()
}

// close closes all connections.
func (r *roster) close() {
	r.mu.Lock()
	r.closed = true
	var all []*peer
	for _, p := range r.ports {
		for q := range p.open {
			all = append(all, q)
		}
	}
	r.mu.Unlock()
	for _, q := range all {
		q.Close()
	}
}
