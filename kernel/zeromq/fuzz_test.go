package zeromq

import (
	"bytes"
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rt0lab/rt0/internal/patience"
	"github.com/rt0lab/rt0/kernel"
)

// FuzzRequest: a signed message with anything in it is refused, or answered in JSON, and the kernel goes on to the next.
func FuzzRequest(f *testing.F) {
	for _, content := range []string{"{}", "null", "[]", `{"code":"print x","silent":false,"user_expressions":{"a":"bad"}}`, `{"code":"x","cursor_pos":-7}`, `{"code":"😀","cursor_pos":99}`,
		`{"hist_access_type":"range","session":-1,"start":-5,"stop":5}`, `{"hist_access_type":"search","pattern":"[*?","n":-1}`, `{"comm_id":"c","target_name":"none","data":[]}`, `{"restart":"yes"}`} {
		for _, typ := range []string{"execute_request", "complete_request", "inspect_request", "history_request", "is_complete_request", "comm_open", "comm_msg", "comm_info_request", "shutdown_request", "kernel_info_request", "no_such_request"} {
			f.Add([]byte(`{"msg_id":"1","msg_type":"`+typ+`","version":"5.4"}`), []byte("{}"), []byte("{}"), []byte(content))
		}
	}
	f.Add([]byte("{"), []byte("{}"), []byte("{}"), []byte("{}"))
	f.Add([]byte(`{"msg_type":"execute_request"}`), []byte("[]"), []byte("null"), []byte(`{"code":"wait"}`))
	key := []byte("key")
	f.Fuzz(func(t *testing.T, header, parent, metadata, content []byte) {
		parts := [][]byte{header, parent, metadata, content}
		m, err := decode(key, append([][]byte{delimiter, sign(key, parts)}, parts...))
		if err != nil || bytes.Contains(content, []byte("flood")) || bytes.Contains(content, []byte("wait")) || bytes.Contains(content, []byte("ask")) {
			return
		}
		idle := make(chan bool, 10)
		h := kernel.NewHandler(scripted{}, func(ch kernel.Channel, m *kernel.Message) error {
			if frames, err := encode(key, m); err != nil {
				t.Errorf("%s: %v", m.Header.Type, err)
			} else if _, err := decode(key, frames); err != nil {
				t.Errorf("%s: %v: %s", m.Header.Type, err, m.Content)
			}
			var state struct {
				State string `json:"execution_state"`
			}
			if ch == kernel.IOPub && m.Header.Type == "status" && json.Unmarshal(m.Content, &state) == nil && state.State == "idle" {
				select {
				case idle <- true:
				default:
				}
			}
			return nil
		}, kernel.Options{})
		defer h.Close()
		h.Receive(kernel.Shell, m)
		h.Receive(kernel.Shell, &kernel.Message{Header: kernel.Header{ID: "2", Type: "kernel_info_request"}, Content: []byte("{}")})
		select {
		case <-idle:
		case <-time.After(patience.Limit):
			t.Fatalf("no answer to %s %s", header, content)
		}
	})
}

// FuzzBoundary: where frames end does not depend on the pieces in which they are written.
func FuzzBoundary(f *testing.F) {
	f.Add([]byte{0, 0, 1, 3, 'a', 'b', 'c', 2, 0, 0, 0, 0, 0, 0, 0, 2, 'x', 'y'})
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, stream []byte) {
		var whole, single boundary
		whole.follow(stream)
		for i := range stream {
			single.follow(stream[i : i+1])
		}
		if whole.left != single.left || !bytes.Equal(whole.head, single.head) {
			t.Errorf("%x: %+v in one piece, %+v in many", stream, whole, single)
		}
	})
}

// FuzzConnection sends anything to one of the five ports: at once, after a greeting, or after a handshake. The kernel closes the
// connection when the peer has no more to say, keeps nothing of it, and goes on to greet others.
func FuzzConnection(f *testing.F) {
	for _, k := range attacks {
		for at := range ports {
			f.Add(byte(at), byte(0), k.sends(at))
		}
	}
	for at, k := range ports {
		f.Add(byte(at), byte(1), ready("Socket-Type", k.peer))
		f.Add(byte(at), byte(2), frame(0, "\x01topic"))
		f.Add(byte(at), byte(2), frame(flagCommand, "\x04PING\x00\x00context"))
		f.Add(byte(at), byte(2), append(frame(flagMore, ""), frame(0, "beat")...))
		f.Add(byte(at), byte(2), bytes.Repeat(frame(flagMore, "x"), unverifiedFrames))
	}
	conn := &Connection{Transport: "ipc", IP: filepath.Join(f.TempDir(), "s"), Scheme: scheme, Key: "secret", Shell: 1, Control: 2, IOPub: 3, Stdin: 4, Heartbeat: 5}
	server, err := Listen(conn, newLogger(&syncBuffer{}))
	if err != nil {
		f.Fatal(err)
	}
	server.Serve(func(kernel.Channel, *kernel.Message) {})
	f.Cleanup(server.Close)
	f.Fuzz(func(t *testing.T, at, stage byte, stream []byte) {
		k := int(at) % len(ports)
		if stage %= 3; stage > 0 {
			before := greeting()
			if stage > 1 {
				before = append(before, ready("Socket-Type", ports[k].peer)...)
			}
			stream = append(before, stream...)
		}
		c := dial(t, conn, k)
		c.Write(stream)
		c.(*net.UnixConn).CloseWrite()
		if !closed(t, c) {
			t.Errorf("%s: %x: the connection stays open", ports[k].name, stream)
		}
		server.roster.mu.Lock()
		if server.roster.held != 0 {
			t.Errorf("%s: %x: %d bytes are kept of it", ports[k].name, stream, server.roster.held)
		}
		server.roster.mu.Unlock()
		if c := greeted(t, conn, k); !serves(t, c) {
			t.Errorf("%s: %x: the next peer is not served", ports[k].name, stream)
		}
	})
}

// FuzzConnectionFile: any text is refused in a line, or says by whom the kernel can be reached.
func FuzzConnectionFile(f *testing.F) {
	f.Add([]byte(wholeFile))
	f.Add([]byte("{}"))
	f.Add([]byte(strings.Replace(wholeFile, "secret", "", 1)))
	f.Add([]byte(strings.Replace(wholeFile, "tcp", "ipc", 1)))
	f.Add([]byte(strings.Replace(wholeFile, "1001", "[\n]", 1)))
	f.Add([]byte(strings.Replace(wholeFile, `"key"`, `"Key"`, 1)))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parseConnection(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %q", text, err)
			}
			return
		}
		seen := map[int]bool{}
		for name, n := range c.Ports() {
			if n < 1 || seen[n] {
				t.Errorf("%q: %s is %d", text, name, n)
			}
			seen[n] = true
		}
		if c.IP == "" || c.Key != "" && c.Scheme != scheme || c.Key == "" && c.Transport != "ipc" && !loopback(c.IP) {
			t.Errorf("%q: read as %+v", text, c)
		}
	})
}
