package zeromq

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// An outbox holds what a peer has not taken yet. A goroutine of the peer's own writes it to the connection, so a peer that reads
// nothing keeps nothing from the others: the library sends a publication to one subscriber after the other.
//
// Subscribers of iopub sign nothing, so nobody can tell a slow front end from a stranger by what it sends there. A front end
// that asks with the key has its subscriber vouched for (see roster.vouch). Two rules follow. A peer that is verified or
// vouched for loses nothing: whoever writes waits for room in its outbox. For all others nobody ever waits; their outboxes share
// unverifiedQueued bytes, and when that is not enough the peer that is furthest behind is dropped.
type outbox struct {
	mu      sync.Mutex
	room    sync.Cond // broadcast when text gets shorter, and at the end
	text    []byte
	writing bool  // a goroutine writes text to the connection
	err     error // why nothing can be written any more
}

const (
	// outboxSize is how many bytes may be in the outbox of a verified peer before the writer waits.
	outboxSize = 4 << 20
	// writePiece is how many bytes are written to a connection at once.
	writePiece = 64 << 10
)

// readWithin is how long a client may read nothing when its outbox and the system's buffers hold something for it. Clients of
// ZeroMQ connect again by themselves.
var readWithin = 30 * time.Second

// signed reports whether the peer has sent a message with a good signature.
func (q *peer) signed() bool { return q.verified.Load() }

// trusted reports whether others wait for the peer to read.
func (q *peer) trusted() bool { return q.signed() || q.awaited.Load() }

// post puts b into the outbox. It keeps no reference to b.
func (q *peer) post(b []byte) error {
	for len(b) > 0 {
		n := len(b)
		if q.trusted() {
			n = min(n, outboxSize)
		} else if err := q.port.roster.queue(q, n); err != nil {
			return errPeer{err}
		}
		if err := q.box.put(b[:n], q); err != nil {
			return errPeer{err}
		}
		b = b[n:]
	}
	return nil
}

// put appends b. It waits for room if the key speaks for the peer.
func (o *outbox) put(b []byte, q *peer) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.err == nil && len(o.text) > 0 && len(o.text)+len(b) > outboxSize && q.trusted() {
		o.room.Wait()
	}
	if o.err != nil {
		return o.err
	}
	o.text = append(o.text, b...)
	if !o.writing {
		o.writing = true
		go q.deliver()
	}
	return nil
}

// deliver writes the outbox to the connection until it is empty.
func (q *peer) deliver() {
	o := &q.box
	for {
		o.mu.Lock()
		if len(o.text) == 0 || o.err != nil {
			o.text, o.writing = nil, false // what was written is let go
			o.mu.Unlock()
			return
		}
		piece := o.text[:min(len(o.text), writePiece)]
		o.mu.Unlock()
		q.SetWriteDeadline(time.Now().Add(q.within))
		n, err := q.Conn.Write(piece)
		o.mu.Lock()
		if o.err == nil {
			o.text = o.text[n:]
		}
		o.room.Broadcast()
		o.mu.Unlock()
		q.port.roster.delivered(q, n)
		if err != nil && !(n > 0 && errors.Is(err, os.ErrDeadlineExceeded)) { // one that reads slowly stays
			if errors.Is(err, os.ErrDeadlineExceeded) {
				q.port.roster.deaf(q)
			}
			q.Close()
		}
	}
}

// close ends all waiting. What is in the outbox is lost; close returns how many bytes that were.
func (o *outbox) close() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := len(o.text)
	o.text, o.err = nil, net.ErrClosed
	o.room.Broadcast()
	return n
}
