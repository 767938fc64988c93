package zeromq

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/logsample"
	"github.com/rt0lab/rt0/internal/patience"
)

// subscriber adds a peer that takes part in publishing to p, and returns the other end of its connection. A write to a net.Pipe
// waits until the other end reads.
func subscriber(t *testing.T, r *roster, p *port, vouched bool) (*peer, net.Conn) {
	t.Helper()
	here, there := net.Pipe()
	q := r.admit(p, here)
	q.opened.Store(true)
	q.awaited.Store(vouched)
	t.Cleanup(func() { there.Close() })
	return q, there
}

// publisher returns a port like iopub.
func publisher(t *testing.T, r *roster) *port {
	p := &port{log: &logsample.Sampler{}}
	r.add(p)
	t.Cleanup(r.close)
	return p
}

// publish writes to one peer after the other, as the library does.
func publish(b []byte, to ...*peer) {
	for _, q := range to {
		q.Write(b)
	}
}

// members counts the peers of a port.
func members(p *port) int {
	p.roster.mu.Lock()
	defer p.roster.mu.Unlock()
	return len(p.open)
}

// TestSilentSubscribers has 60 strangers that read nothing, before the owner: the owner's messages come while every stranger is
// still there, so nobody has waited for one.
func TestSilentSubscribers(t *testing.T) {
	set(t, &readWithin, time.Hour)
	var r roster
	p := publisher(t, &r)
	var all []*peer
	for range 60 {
		q, _ := subscriber(t, &r, p, false)
		all = append(all, q)
	}
	owner, reads := subscriber(t, &r, p, true)
	all = append(all, owner)
	for i := range 10 {
		b := frame(0, fmt.Sprintf("message %d", i))
		publish(b, all...)
		if _, body, err := readFrame(reads); err != nil || body != fmt.Sprintf("message %d", i) {
			t.Fatalf("the owner reads %q %v", body, err)
		}
	}
	if n := members(p); n != len(all) {
		t.Errorf("%d of %d subscribers are left: the others were waited for", n, len(all))
	}
}

// TestFurthestBehind publishes more than strangers may leave unread: those that read nothing go, and one that reads stays and
// misses nothing, though no key speaks for it.
func TestFurthestBehind(t *testing.T) {
	set(t, &readWithin, time.Hour)
	var r roster
	p := publisher(t, &r)
	var all []*peer
	for range 8 {
		q, _ := subscriber(t, &r, p, false)
		all = append(all, q)
	}
	honest, reads := subscriber(t, &r, p, false)
	all = append(all, honest)
	const size, messages = 1 << 20, 2 * unverifiedQueued >> 20
	for i := range messages {
		b := frame(0, string(bytes.Repeat([]byte{byte(i)}, size)))
		publish(b, all...)
		if _, body, err := readFrame(reads); err != nil || body != string(b[len(b)-size:]) {
			t.Fatalf("message %d: %d bytes, %v", i, len(body), err)
		}
		r.mu.Lock()
		if r.queued > unverifiedQueued {
			t.Errorf("%d bytes are queued", r.queued)
		}
		r.mu.Unlock()
	}
	if n := members(p); n >= len(all) || n < 1 {
		t.Errorf("%d of %d subscribers are left", n, len(all))
	}
}

// TestVouchedMissesNothing publishes much more than an outbox holds to a subscriber that begins to read late, and in small pieces.
func TestVouchedMissesNothing(t *testing.T) {
	set(t, &readWithin, time.Hour)
	var r roster
	p := publisher(t, &r)
	q, reads := subscriber(t, &r, p, true)
	var want []byte
	for i := range 9 {
		want = append(want, frame(0, string(bytes.Repeat([]byte{byte('a' + i)}, outboxSize/4)))...)
	}
	want = append(want, frame(0, string(bytes.Repeat([]byte("z"), 2*outboxSize+1)))...) // one that never fits as a whole
	done := make(chan error, 1)
	go func() {
		_, err := q.Write(want)
		done <- err
	}()
	patience.Until(t, "the publisher fills the outbox", func() bool {
		q.box.mu.Lock()
		defer q.box.mu.Unlock()
		if len(q.box.text) > outboxSize {
			t.Errorf("%d bytes are in the outbox", len(q.box.text))
		}
		return len(q.box.text) > 0
	})
	if len(done) > 0 {
		t.Error("the publisher did not wait")
	}
	got := make([]byte, len(want))
	for at := 0; at < len(got); {
		n, err := reads.Read(got[at:min(at+1000, len(got))])
		if at += n; err != nil {
			t.Fatal(err)
		}
	}
	if err := patience.Receive(t, "all is written", done); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v; equal: %v", err, bytes.Equal(got, want))
	}
}

// TestVouchedWhileWaiting: bytes that were queued for a stranger no longer count once a key speaks for it.
func TestVouchedWhileWaiting(t *testing.T) {
	var r roster
	pub, shell := publisher(t, &r), &port{asked: true}
	r.add(shell)
	q, _ := subscriber(t, &r, pub, false)
	r.greeted(q, "client")
	publish(make([]byte, 3<<20), q)
	if r.queued == 0 {
		t.Error("nothing is counted")
	}
	client, _ := subscriber(t, &r, shell, false)
	r.greeted(client, "client")
	client.verified.Store(true)
	r.trust(client)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !q.kept.Load() || r.queued != 0 || q.queued != 0 {
		t.Errorf("kept: %v, %d bytes are counted", q.kept.Load(), r.queued)
	}
}

// TestDeafOnce: strangers win the place beside a client's shell again and again. Only the first is waited for.
func TestDeafOnce(t *testing.T) {
	var r roster
	pub, shell := publisher(t, &r), &port{asked: true}
	r.add(shell)
	client, _ := subscriber(t, &r, shell, false)
	client.verified.Store(true)
	r.trust(client)
	for i := range 3 {
		here, _ := net.Pipe()
		q := r.admit(pub, &expiring{Conn: here})
		q.opened.Store(true)
		r.greeted(q, "")
		r.vouch(client)
		if !q.kept.Load() || q.awaited.Load() != (i == 0) {
			t.Errorf("stranger %d: kept: %v, awaited: %v", i, q.kept.Load(), q.awaited.Load())
		}
		publish([]byte("x"), q)
		patience.Until(t, "the stranger is dropped", func() bool { return members(pub) == 0 })
	}
	q, _ := subscriber(t, &r, pub, false)
	r.greeted(q, "")
	r.vouch(client)
	publish(make([]byte, 2*outboxSize), q) // would wait without end
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.queued != 2*outboxSize {
		t.Errorf("%d bytes are counted", r.queued)
	}
}

// TestClosedWhileWaiting: who waits for room in an outbox learns that the peer has gone.
func TestClosedWhileWaiting(t *testing.T) {
	set(t, &readWithin, time.Hour)
	var r roster
	q, reads := subscriber(t, &r, publisher(t, &r), true)
	done := make(chan error, 1)
	go func() {
		_, err := q.Write(make([]byte, 3*outboxSize))
		done <- err
	}()
	reads.Read(make([]byte, 10))
	reads.Close()
	if err := patience.Receive(t, "the writer learns of it", done); err == nil {
		t.Error("no error")
	}
}

// TestSlowReader: a peer that takes something within the time stays, one that takes nothing is dropped.
func TestSlowReader(t *testing.T) {
	for _, reads := range []bool{true, false} {
		var r roster
		p := publisher(t, &r)
		here, _ := net.Pipe()
		c := &expiring{Conn: here, takes: reads, written: make(chan []byte, 100)}
		q := r.admit(p, c)
		q.opened.Store(true)
		publish([]byte("0123456789"), q)
		if reads {
			var got []byte
			for len(got) < 10 {
				got = append(got, patience.Receive(t, "a piece", c.written)...)
			}
			if !slices.Equal(got, []byte("0123456789")) || members(p) != 1 {
				t.Errorf("%q; %d peers", got, members(p))
			}
			continue
		}
		patience.Until(t, "the peer is dropped", func() bool { return members(p) == 0 })
	}
}

// An expiring connection lets the deadline of each write pass; one that takes has written three bytes by then.
type expiring struct {
	net.Conn
	takes   bool
	written chan []byte
}

func (c *expiring) Write(b []byte) (int, error) {
	n := 0
	if c.takes {
		n = min(3, len(b))
		c.written <- bytes.Clone(b[:n])
	}
	if n == len(b) {
		return n, nil
	}
	return n, timeout{}
}

type timeout struct{}

func (timeout) Error() string        { return "i/o timeout" }
func (timeout) Timeout() bool        { return true }
func (timeout) Temporary() bool      { return true }
func (timeout) Is(target error) bool { return target.Error() == "i/o timeout" }
