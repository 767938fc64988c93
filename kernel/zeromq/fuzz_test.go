package zeromq

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

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
		case <-time.After(10 * time.Second):
			t.Fatalf("no answer to %s %s", header, content)
		}
	})
}

// FuzzFrames: what a stranger's connection sends is judged the same in one piece and byte by byte.
func FuzzFrames(f *testing.F) {
	f.Add(append(greeting("DEALER"), 0, 0, 1, 3, 'a', 'b', 'c', 2, 0, 0, 0, 0, 0, 0, 0, 2, 'x', 'y'))
	f.Add(append(greeting("PULL"), 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, stream []byte) {
		whole, single := frames{left: greetingLength}, frames{left: greetingLength}
		good, each := whole.follow(stream), true
		for i := 0; i < len(stream) && each; i++ {
			each = single.follow(stream[i : i+1])
		}
		if good != each || good && (whole.left != single.left || whole.ended != single.ended || !bytes.Equal(whole.head, single.head)) {
			t.Errorf("%x: %v %+v in one piece, %v %+v in many", stream, good, whole, each, single)
		}
	})
}
