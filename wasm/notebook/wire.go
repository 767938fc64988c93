// Package notebook is what the cells of a web page need besides package cells: messages as JSON, and programs from the page's
// site. It knows nothing of browsers, so that plain `go test` tests it; package session connects it to one.
package notebook

import (
	"encoding/json"
	"fmt"

	"github.com/rt0lab/rt0/kernel"
)

// wire is a message in the form of Jupyter's own clients in browsers. Buffers travel beside it.
type wire struct {
	Header   kernel.Header   `json:"header"`
	Parent   kernel.Header   `json:"parent_header"`
	Metadata json.RawMessage `json:"metadata"`
	Content  json.RawMessage `json:"content"`
}

// Encode returns a message as JSON, its buffers apart.
func Encode(m *kernel.Message) (string, error) {
	w := wire{m.Header, m.Parent, m.Metadata, m.Content}
	if len(w.Metadata) == 0 {
		w.Metadata = json.RawMessage("{}")
	}
	if len(w.Content) == 0 {
		w.Content = json.RawMessage("{}")
	}
	text, err := json.Marshal(w)
	return string(text), err
}

// Decode reads a message. The handler checks the content.
func Decode(text string, buffers [][]byte) (*kernel.Message, error) {
	var w wire
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		return nil, fmt.Errorf("message: %w", err)
	}
	if w.Header.Type == "" {
		return nil, fmt.Errorf("message without msg_type")
	}
	return &kernel.Message{Header: w.Header, Parent: w.Parent, Metadata: w.Metadata, Content: w.Content, Buffers: buffers}, nil
}
