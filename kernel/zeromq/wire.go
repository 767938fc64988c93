package zeromq

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rt0lab/rt0/kernel"
)

// scheme is the only way to sign that clients use.
const scheme = "hmac-sha256"

// delimiter stands between the routing prefix and the message.
var delimiter = []byte("<IDS|MSG>")

var (
	errDelimiter = errors.New("no <IDS|MSG> in a message")
	errSignature = errors.New("a message with a bad signature")
)

// sign returns the signature of the four parts; without a key it is empty.
func sign(key []byte, parts [][]byte) []byte {
	if len(key) == 0 {
		return []byte{}
	}
	mac := hmac.New(sha256.New, key)
	for _, p := range parts {
		mac.Write(p)
	}
	return []byte(hex.EncodeToString(mac.Sum(nil)))
}

// encode returns the frames of a message: identities, delimiter, signature, header, parent header, metadata, content, buffers.
func encode(key []byte, m *kernel.Message) ([][]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, err
	}
	parent, err := json.Marshal(m.Parent)
	if err != nil {
		return nil, err
	}
	metadata := []byte(m.Metadata)
	if len(metadata) == 0 {
		metadata = []byte("{}")
	}
	parts := [][]byte{header, parent, metadata, m.Content}
	frames := append([][]byte{}, m.Identities...)
	frames = append(frames, delimiter, sign(key, parts))
	frames = append(frames, parts...)
	return append(frames, m.Buffers...), nil
}

// decode reads the frames of a message. It looks at nothing behind the signature before that is known to be right.
func decode(key []byte, frames [][]byte) (*kernel.Message, error) {
	at := 0
	for at < len(frames) && !bytes.Equal(frames[at], delimiter) {
		at++
	}
	if at == len(frames) {
		return nil, errDelimiter
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("a message of %d frames behind the delimiter; 5 belong there", len(rest))
	}
	parts := rest[1:5]
	if !hmac.Equal(sign(key, parts), rest[0]) {
		return nil, errSignature
	}
	m := &kernel.Message{Identities: frames[:at], Metadata: parts[2], Content: parts[3], Buffers: rest[5:]}
	if err := json.Unmarshal(parts[0], &m.Header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := json.Unmarshal(parts[1], &m.Parent); err != nil {
		return nil, fmt.Errorf("parent header: %w", err)
	}
	for name, raw := range map[string][]byte{"metadata": parts[2], "content": parts[3]} {
		if !json.Valid(raw) {
			return nil, fmt.Errorf("%s is not JSON", name)
		}
	}
	return m, nil
}
