package supervise

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/rt0lab/rt0/kernel"
)

// A kind says what a message between the two processes is about.
type kind string

// What the kernel asks of the cells' process. Each but the last four is answered by a reply with the same Call.
const (
	execute    kind = "execute"
	value      kind = "value"
	complete   kind = "complete"
	inspect    kind = "inspect"
	isComplete kind = "is_complete"
	restore    kind = "restore"   // all parts have come
	part       kind = "part"      // of a journal: both ways
	interrupt  kind = "interrupt" // the call
	answer     kind = "answer"    // to a question
	closing    kind = "close"
)

// What the cells' process tells the kernel.
const (
	ready    kind = "ready" // it is there
	reply    kind = "reply"
	stream   kind = "stream"
	show     kind = "show"
	clear    kind = "clear"
	page     kind = "page"
	next     kind = "next"
	question kind = "question"
	trace    kind = "trace" // a position through which a panic passes
)

// A message is what the pipes carry: a small JSON object, and bytes that need no encoding.
type message struct {
	Kind         kind                 `json:"kind"`
	Call         uint64               `json:"call,omitempty"`     // the request that it belongs to
	Question     uint64               `json:"question,omitempty"` // of a question and its answer
	Name         string               `json:"name,omitempty"`     // of a stream, a display, a part; a prompt
	Flag         bool                 `json:"flag,omitempty"`     // update, wait, replace, password, silent
	Count        int                  `json:"count,omitempty"`
	Pos          int                  `json:"pos,omitempty"`
	Detail       int                  `json:"detail,omitempty"`
	Bundle       *bundle              `json:"bundle,omitempty"`
	Failure      *failure             `json:"failure,omitempty"`
	Completion   *kernel.Completion   `json:"completion,omitempty"`
	Completeness *kernel.Completeness `json:"completeness,omitempty"`
	Kept         []string             `json:"kept,omitempty"`
	Lost         []string             `json:"lost,omitempty"`

	Body []byte `json:"-"` // code, printed text, a part
}

// A failure is an error on its way.
type failure struct {
	Name      string   `json:"name"`
	Value     string   `json:"value"`
	Traceback []string `json:"traceback,omitempty"`
	NoStdin   bool     `json:"no_stdin,omitempty"` // it is kernel.ErrNoStdin
}

func newFailure(err error) *failure {
	if err == nil {
		return nil
	}
	var e *kernel.CellError
	if errors.As(err, &e) {
		return &failure{Name: e.Name, Value: e.Value, Traceback: e.Traceback}
	}
	return &failure{Name: "error", Value: err.Error(), NoStdin: errors.Is(err, kernel.ErrNoStdin)}
}

func (f *failure) err() error {
	switch {
	case f == nil:
		return nil
	case f.NoStdin:
		return kernel.ErrNoStdin
	}
	return &kernel.CellError{Name: f.Name, Value: f.Value, Traceback: f.Traceback}
}

// A bundle is a kernel.Bundle whose values are JSON.
type bundle struct {
	Data     map[string]json.RawMessage `json:"data"`
	Metadata map[string]json.RawMessage `json:"metadata,omitempty"`
}

// pack leaves out what JSON cannot say.
func pack(b *kernel.Bundle) *bundle {
	if b == nil {
		return nil
	}
	return &bundle{raw(b.Data), raw(b.Metadata)}
}

func raw(values map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, v := range values {
		if text, err := json.Marshal(v); err == nil {
			out[name] = text
		}
	}
	return out
}

// unpack leaves values as they came, strings apart: numbers keep all of their digits.
func unpack(b *bundle) *kernel.Bundle {
	if b == nil {
		return nil
	}
	return &kernel.Bundle{Data: values(b.Data), Metadata: values(b.Metadata)}
}

func values(raw map[string]json.RawMessage) map[string]any {
	out := map[string]any{}
	for name, v := range raw {
		var s string
		if len(v) > 0 && v[0] == '"' && json.Unmarshal(v, &s) == nil {
			out[name] = s
			continue
		}
		out[name] = v
	}
	return out
}

// A writer sends messages, from any goroutine.
type writer struct {
	mu sync.Mutex
	w  io.Writer
}

// send writes two lengths, the JSON and the body; once it has returned, the message survives the end of the process.
func (w *writer) send(m *message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32(make([]byte, 0, 8+len(text)), uint32(len(text)))
	head = binary.BigEndian.AppendUint32(head, uint32(len(m.Body)))
	head = append(head, text...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(m.Body) <= 64<<10 {
		_, err = w.w.Write(append(head, m.Body...))
		return err
	}
	if _, err := w.w.Write(head); err != nil {
		return err
	}
	_, err = w.w.Write(m.Body)
	return err
}

// maxMessage bounds each half of a message, in bytes: more is no message.
const maxMessage = 1 << 30

func receive(r io.Reader) (*message, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	text, body := binary.BigEndian.Uint32(head[:4]), binary.BigEndian.Uint32(head[4:])
	if text > maxMessage || body > maxMessage {
		return nil, fmt.Errorf("a message of %d and %d bytes", text, body)
	}
	buf := make([]byte, text)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, err
	}
	m := &message{}
	if err := json.Unmarshal(buf, m); err != nil {
		return nil, err
	}
	m.Body = make([]byte, body)
	_, err := io.ReadFull(r, m.Body)
	return m, err
}
