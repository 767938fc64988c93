// Package kernel speaks the Jupyter messaging protocol, version 5.4, in front of a Session that runs cells. A Handler takes
// whole messages and gives whole messages to a Sender; it does not know whether ZeroMQ sockets or a browser's worker carry
// them. Source of the protocol: https://jupyter-client.readthedocs.io/en/stable/messaging.html
package kernel

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// ProtocolVersion is that of the messages. Clients drop what an older one cannot contain.
const ProtocolVersion = "5.4"

// A Channel is one of the ways between a client and a kernel.
type Channel string

// The channels. Heartbeats are the transport's own business.
const (
	Shell   Channel = "shell"   // requests, one after the other
	Control Channel = "control" // requests that overtake those on shell
	IOPub   Channel = "iopub"   // what everybody may see
	Stdin   Channel = "stdin"   // questions to the one who asked for the cell
)

// A Header says what a message is. A message without a parent has the zero Header as its parent's, which is {} in JSON.
type Header struct {
	ID       string `json:"msg_id,omitempty"`
	Type     string `json:"msg_type,omitempty"`
	Session  string `json:"session,omitempty"`
	Username string `json:"username,omitempty"`
	Date     string `json:"date,omitempty"`
	Version  string `json:"version,omitempty"`
}

// A Message is one whole message. Content is JSON as it was received, or as it is to be sent.
type Message struct {
	// Identities are the transport's routing prefix: it comes with a request and goes with its replies.
	Identities [][]byte
	Header     Header
	Parent     Header
	Metadata   json.RawMessage
	Content    json.RawMessage
	Buffers    [][]byte
}

// newID returns a random identifier in the form of a UUID.
func newID() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], rand.Uint64())
	binary.LittleEndian.PutUint64(b[8:], rand.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newMessage returns a message of a type that answers, or belongs to, parent; parent may be nil.
func (h *Handler) newMessage(typ string, parent *Message, content any) (*Message, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", typ, err)
	}
	m := &Message{
		Header: Header{ID: newID(), Type: typ, Session: h.id, Username: "kernel",
			Date: time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), Version: ProtocolVersion},
		Metadata: json.RawMessage("{}"),
		Content:  text,
	}
	if parent != nil {
		m.Parent, m.Identities = parent.Header, parent.Identities
	}
	return m, nil
}
