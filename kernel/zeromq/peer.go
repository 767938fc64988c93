package zeromq

import (
	"bufio"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A peer is a connection that the guard looks after. The library reads from it a handshake of our own making, and then only
// frames that are in order. It is read by one goroutine at a time.
type peer struct {
	net.Conn
	port *port
	in   *bufio.Reader

	pending net.Buffers // what Read returns next
	body    uint64      // how much of the connection Read returns after that, in bytes
	topics  map[string]struct{}
	told    bool // subscribed has been called
	taken   int  // bytes of memory for the message that is being read

	opened   atomic.Bool // the library has read the handshake
	verified atomic.Bool // a message had a good signature
	kept     atomic.Bool // a verified peer speaks for it, see roster.vouch
	awaited  atomic.Bool // besides, that peer has not been misled before
	close    sync.Once

	wmu  sync.Mutex
	out  boundary
	pong []byte // a PONG to be sent when the frame that is being written is whole
	box  outbox

	within time.Duration // how long it may read nothing

	// Guarded by roster.mu.
	number   uint64 // of its arrival
	identity string
	greeted  bool
	held     int             // bytes of its unfinished message
	queued   int             // bytes of its outbox, while it is not trusted
	vouched  map[*port]*peer // whom it keeps
	misled   map[*port]bool  // one that it kept there read nothing
}

func newPeer(p *port, c net.Conn) *peer {
	q := &peer{Conn: c, port: p, in: bufio.NewReaderSize(c, 512), within: readWithin}
	q.box.room.L = &q.box.mu
	return q
}

func (q *peer) Close() error {
	q.close.Do(func() {
		q.port.roster.leave(q)
		q.Conn.Close()
		q.port.roster.sweep(q.box.close())
	})
	return nil
}

func (q *peer) Read(b []byte) (int, error) {
	for len(q.pending) == 0 && q.body == 0 {
		if err := q.next(); err != nil {
			q.port.refused(err)
			q.Close()
			return 0, errPeer{err}
		}
	}
	if len(q.pending) > 0 {
		n, _ := q.pending.Read(b) // its error says that this was all of pending
		if len(q.pending) == 0 {
			q.opened.Store(true) // what the library writes of the handshake comes before it has read ours
		}
		return n, nil
	}
	n, err := q.in.Read(b[:min(uint64(len(b)), q.body)])
	q.body -= uint64(n)
	if err != nil {
		q.Close()
		err = errPeer{err}
	}
	return n, err
}

// next makes ready what Read returns next, if anything.
func (q *peer) next() error {
	switch {
	case q.port.verify == nil:
		return q.subscription()
	case q.verified.Load():
		return q.pass()
	default:
		return q.prove()
	}
}

// pass lets a frame of a verified peer through.
func (q *peer) pass() error {
	h, err := readHeader(q.in, maxFrame)
	if err != nil {
		return err
	}
	if h.command() {
		return q.obey(h)
	}
	q.pending, q.body = append(q.pending, h.wire), h.size
	if q.port.asked && !h.more() {
		q.port.roster.vouch(q)
	}
	return nil
}

// prove reads a message of a peer that is not verified. With a good signature the peer is, and the message passes.
func (q *peer) prove() error {
	frames, err := q.message(unverifiedFrame)
	if err != nil || frames == nil {
		return err
	}
	if err := q.port.verify(frames); err != nil {
		q.port.log.Printf("%s: dropped: %v", q.port.name, err)
		frames = nil
		q.release()
		return nil
	}
	q.verified.Store(true)
	q.port.roster.trust(q)
	q.pending = wire(frames)
	return nil
}

// subscription lets a subscription, or the end of one, through.
func (q *peer) subscription() error {
	if len(q.topics) > 0 && !q.told { // the library has dealt with it when it wants to read on
		q.told = true
		q.port.subscribed()
	}
	h, err := readHeader(q.in, maxSubscription)
	if err != nil {
		return err
	}
	body := make([]byte, h.size)
	if _, err := io.ReadFull(q.in, body); err != nil {
		return err
	}
	if h.command() { // ZMTP 3.1 has commands for it; the library knows only messages
		name, data, err := splitCommand(body)
		if err != nil {
			return err
		}
		switch name {
		case "SUBSCRIBE":
			body = append([]byte{1}, data...)
		case "CANCEL":
			body = append([]byte{0}, data...)
		default:
			return q.answer(name, data)
		}
	}
	if h.more() || len(body) == 0 || body[0] > 1 {
		return protocolError("a message that is no subscription")
	}
	topic := string(body[1:])
	if body[0] == 0 {
		delete(q.topics, topic)
	} else {
		if q.topics == nil {
			q.topics = map[string]struct{}{}
		}
		q.topics[topic] = struct{}{}
	}
	if len(q.topics) > maxTopics {
		return protocolError("too many subscriptions")
	}
	q.pending = append(q.pending, appendHeader(nil, 0, len(body)), body)
	return nil
}

// echo answers heartbeats until the connection ends. A heartbeat is a message to a REP socket, which sends it back as it is; it
// has an empty frame, after which the data stands. The library would let one peer that reads nothing keep the others waiting.
func (q *peer) echo() error {
	q.pending = nil // no library opens it
	q.opened.Store(true)
	for {
		frames, err := q.message(maxHeartbeat)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(frames, func(f []byte) bool { return len(f) == 0 }) {
			var b []byte
			for _, part := range wire(frames) {
				b = append(b, part...)
			}
			if _, err := q.Write(b); err != nil {
				return err
			}
		}
		frames = nil
		q.release()
	}
}

// message reads a message into memory, within the limits of peers that are not verified. It returns nil if a command came.
func (q *peer) message(limit uint64) (frames [][]byte, err error) {
	defer func() {
		if err != nil {
			frames = nil
			q.release()
		}
	}()
	for size := uint64(0); ; {
		h, err := readHeader(q.in, limit)
		if err != nil {
			return frames, err
		}
		if h.command() {
			if len(frames) > 0 {
				return frames, protocolError("a command inside a message")
			}
			return nil, q.obey(h)
		}
		if size += h.size; size > unverifiedMessage || len(frames) == unverifiedFrames {
			return frames, protocolError("a message is too long for a peer that has shown no key")
		}
		f, err := q.read(h.size)
		if frames = append(frames, f); err != nil || !h.more() {
			return frames, err
		}
	}
}

// read reads so many bytes. It takes memory as they come: what a peer claims to send costs nothing.
func (q *peer) read(size uint64) ([]byte, error) {
	b := []byte{}
	for n := uint64(0); n < size; n = uint64(len(b)) {
		more := min(size-n, max(n, 64<<10))
		if err := q.port.roster.hold(q, int(more)); err != nil {
			return nil, err
		}
		q.taken += int(more)
		b = append(make([]byte, 0, n+more), b...)[:n+more]
		if _, err := io.ReadFull(q.in, b[n:]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// release lets go of the message that was read; nothing refers to it any more.
func (q *peer) release() {
	q.port.roster.release(q, q.taken)
	q.taken = 0
}

// obey reads a command and does what it says.
func (q *peer) obey(h header) error {
	body := make([]byte, h.size)
	if _, err := io.ReadFull(q.in, body); err != nil {
		return err
	}
	name, data, err := splitCommand(body)
	if err != nil {
		return err
	}
	return q.answer(name, data)
}

// answer answers a PING; RFC 37 wants a PONG with its context, which follows a time of two bytes. Other commands are nothing to us.
func (q *peer) answer(name string, data []byte) error {
	if name != "PING" {
		return nil
	}
	if len(data) < 2 || len(data) > 2+16 {
		return protocolError("a malformed PING")
	}
	pong := appendCommand(nil, "PONG", data[2:])
	q.wmu.Lock()
	defer q.wmu.Unlock()
	if !q.out.between() {
		q.pong = pong
		return nil
	}
	return q.post(pong)
}

func (q *peer) Write(b []byte) (int, error) {
	if !q.opened.Load() { // the library's handshake; ours is sent already
		return len(b), nil
	}
	if q.port.asked && !q.verified.Load() { // it may have taken the identity of another, which gets this too
		return len(b), nil
	}
	q.wmu.Lock()
	defer q.wmu.Unlock()
	if err := q.post(b); err != nil {
		return 0, err
	}
	if q.out.follow(b); q.pong != nil && q.out.between() {
		pong := q.pong
		q.pong = nil
		if err := q.post(pong); err != nil {
			return len(b), err
		}
	}
	return len(b), nil
}
