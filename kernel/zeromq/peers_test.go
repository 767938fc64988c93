package zeromq

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/kernel"
)

// TestManyPeers opens more connections than there may be on each port: the oldest is closed for a new one, and a client that came
// before, with the key, keeps all of its connections.
func TestManyPeers(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		c := start(t, scripted{}, transport)
		req := zmq4.NewReq(c.ctx)
		defer req.Close()
		if err := req.Dial(c.conn.address(c.conn.Heartbeat)); err != nil {
			t.Fatal(err)
		}
		beats := func() {
			t.Helper()
			if err := req.Send(zmq4.NewMsg([]byte("ping"))); err != nil {
				t.Fatal(err)
			}
			if m, err := req.Recv(); err != nil || string(m.Frames[0]) != "ping" {
				t.Errorf("%s: %v %v", transport, m, err)
			}
		}
		beats()
		c.ask(kernel.Shell, "kernel_info_request", map[string]any{}) // speaks for the heartbeat too
		const more = 20
		for at, k := range ports {
			var all []net.Conn
			for i := range unverifiedPeers + more {
				if i%2 == 0 {
					all = append(all, greeted(t, c.conn, at))
				} else { // says nothing; the answer to it shows that it has arrived
					p := dial(t, c.conn, at)
					p.Read(make([]byte, greetingLength))
					all = append(all, p)
				}
			}
			for i, p := range all {
				if i < more {
					if !closed(t, p) {
						t.Fatalf("%s, %s: connection %d of %d stays open", transport, k.name, i, len(all))
					}
				} else if i%2 == 0 && !serves(t, p) {
					t.Fatalf("%s, %s: connection %d of %d is closed", transport, k.name, i, len(all))
				}
			}
		}
		id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "ask name?"})
		if q := c.next(kernel.Stdin); q.Parent.ID != id {
			t.Errorf("%s: %s", transport, q.Content)
		}
		c.send(kernel.Stdin, "input_reply", map[string]string{"value": "Ken"})
		c.reply(kernel.Shell, id)
		if pub := c.published(id); types(pub) != "status execute_input execute_result status" {
			t.Errorf("%s: %s", transport, types(pub))
		}
		beats()
	}
}

// TestVouch has a client and strangers connect by turns, and looks whom a verified peer speaks for.
func TestVouch(t *testing.T) {
	for _, k := range []struct {
		name, order string // who arrives: S, the client's shell; i and s, strangers on iopub and stdin; I, T, the client's
		kept        string
	}{
		{"alone", "S I T", "I T"},
		{"strangers before and after", "i i s s S I T s i s i", "I T"},
		{"a stranger is nearer, stdin has an identity", "s T i I S s", "I T"},
		{"iopub comes later", "S T", "T"},
		{"nobody else", "S", ""},
	} {
		var r roster
		shell, pub, ask := &port{asked: true}, &port{}, &port{}
		for _, p := range []*port{shell, pub, ask} {
			r.add(p)
		}
		var client *peer
		names := map[*peer]string{}
		for _, who := range strings.Fields(k.order) {
			here, _ := net.Pipe()
			q := r.admit(map[string]*port{"S": shell, "I": pub, "i": pub, "T": ask, "s": ask}[who], here)
			identity := ""
			if who == "S" || who == "T" {
				identity = "client"
			}
			r.greeted(q, identity)
			names[q] = who
			if who == "S" {
				client = q
			}
		}
		r.trust(client)
		r.vouch(client)
		var kept []string
		for q, who := range names {
			if q.kept.Load() {
				kept = append(kept, who)
			}
			if counts := slices.Contains(q.port.unverified, q); counts == (q.kept.Load() || q == client) {
				t.Errorf("%s: %s counts: %v", k.name, who, counts)
			}
		}
		slices.Sort(kept)
		if got := strings.Join(kept, " "); got != k.kept {
			t.Errorf("%s: %q are kept, want %q", k.name, got, k.kept)
		}
		r.close()
	}
}

// TestReflection sends to the shell what everybody can read on iopub, signature and all: that shows no key.
func TestReflection(t *testing.T) {
	c := start(t, scripted{}, "ipc")
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "value 1"})
	m := c.published(id)[0]
	m.Identities = nil
	frames, err := encode(c.key, m)
	if err != nil {
		t.Fatal(err)
	}
	p := greeted(t, c.conn, shell)
	var sent []byte
	for _, part := range wire(frames) {
		sent = append(sent, part...)
	}
	if !serves(t, p, sent...) || !strings.Contains(c.log.String(), errOwn.Error()) {
		t.Errorf("the log says %s", c.log)
	}
	if serves(t, p, frame(0, strings.Repeat("x", unverifiedFrame+1))...) {
		t.Error("the peer counts as verified")
	}
}

// TestMemory holds strangers to their memory while they send messages without end on all ports, and wants it back after.
func TestMemory(t *testing.T) {
	c := start(t, scripted{}, "ipc")
	before := memory()
	part := frame(flagMore, strings.Repeat("x", 1<<20))
	const strangers = 40
	done := make(chan bool)
	for i := range strangers {
		p := greeted(t, c.conn, i%len(ports))
		go func() {
			for range 60 { // more of them would end the connection
				if _, err := p.Write(part); err != nil {
					break
				}
			}
			done <- true
		}()
	}
	most := 0
	for left := strangers; left > 0; {
		select {
		case <-done:
			left--
		case <-time.After(time.Millisecond):
		}
		c.server.roster.mu.Lock()
		most = max(most, c.server.roster.held)
		c.server.roster.mu.Unlock()
	}
	if most < unverifiedHeld/2 || most > unverifiedHeld {
		t.Errorf("%d bytes were held; %d may be", most, unverifiedHeld)
	}
	c.server.roster.mu.Lock()
	var open []*peer
	for _, p := range c.server.roster.ports {
		open = append(open, p.unverified...)
	}
	c.server.roster.mu.Unlock()
	for _, q := range open {
		q.Conn.Close() // as if the stranger had gone
	}
	patience.Until(t, fmt.Sprintf("the heap is again as big as the %d KiB before the attack", before>>10), func() bool { return memory() < before+8<<20 })
	if f := c.ask(kernel.Shell, "kernel_info_request", map[string]any{}); f["status"] != "ok" {
		t.Errorf("%v", f)
	}
}

// memory returns how much of the heap is in use, in bytes.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestSweep lets a stranger hold memory and go: the system has it back although nobody asks for a collection.
func TestSweep(t *testing.T) {
	var r roster
	p := &port{}
	r.add(p)
	here, _ := net.Pipe()
	q := r.admit(p, here)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.release(q, sweepAfter-1)
	r.release(q, 1)
	patience.Until(t, "memory is given back", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.sweeping && r.freed != 0 {
			t.Errorf("%d bytes are left to be given back", r.freed)
		}
		return !r.sweeping
	})
	if runtime.ReadMemStats(&after); after.NumForcedGC == before.NumForcedGC {
		t.Error("no collection was forced")
	}
}

// TestStoppedClient subscribes and never reads: the other client gets all of a flood.
func TestStoppedClient(t *testing.T) {
	before := readWithin
	t.Cleanup(func() { readWithin = before }) // after the server has closed
	readWithin = 5 * time.Second              // the other client may be kept from its processor for a while
	c := start(t, scripted{}, "tcp")
	p := greeted(t, c.conn, iopub)
	if !serves(t, p, frame(0, "\x01")...) { // a subscription to everything
		t.Fatal("the connection is closed")
	}
	id := c.send(kernel.Shell, "execute_request", map[string]any{"code": "flood"})
	n := 0
	for _, m := range c.published(id) {
		if m.Header.Type == "stream" {
			n += len(fields(t, m)["text"].(string))
		}
	}
	if n != 50<<20 {
		t.Errorf("%d bytes came of 50 MiB", n)
	}
	buf := make([]byte, 1<<20)
	for read := 0; ; {
		k, err := p.Read(buf)
		if read += k; err != nil {
			if read < 1<<20 || read > 49<<20 || os.IsTimeout(err) {
				t.Errorf("%d bytes were there for the client that did not read (%v): it was none", read, err)
			}
			break
		}
	}
}

// TestDeafHeartbeat sends heartbeats and reads no answer: others are answered.
func TestDeafHeartbeat(t *testing.T) {
	c := start(t, scripted{}, "ipc")
	deaf := greeted(t, c.conn, beat)
	go func() {
		b := append(frame(flagMore, ""), frame(0, strings.Repeat("x", maxHeartbeat))...)
		for range 1000 {
			if _, err := deaf.Write(b); err != nil {
				return
			}
		}
	}()
	for range 10 {
		p := greeted(t, c.conn, beat)
		p.Write(append(frame(flagMore, ""), frame(0, "beat")...))
		for _, want := range []string{"", "beat"} {
			if _, body, err := readFrame(p); err != nil || body != want {
				t.Fatalf("%q %v", body, err)
			}
		}
	}
}
