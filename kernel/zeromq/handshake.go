package zeromq

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// greetingLength is how long a greeting is, in bytes: signature of 10, version of 2, mechanism of 20, as-server, filler of 31.
const greetingLength = 64

// ownGreeting is what the kernel says first: ZMTP 3.0, no security. Of 3.1 we would have to know more commands.
var ownGreeting = func() []byte {
	b := make([]byte, greetingLength)
	b[0], b[9], b[10] = 0xff, 0x7f, 3
	copy(b[12:], "NULL")
	return b
}()

// greet does the kernel's half of the handshake, and prepares the one that the library will see.
func (q *peer) greet() error {
	q.SetDeadline(time.Now().Add(greetWithin))
	if _, err := q.Conn.Write(ownGreeting); err != nil {
		return err
	}
	if err := readGreeting(q.in); err != nil {
		return err
	}
	if _, err := q.Conn.Write(appendReady(nil, string(q.port.socket), "")); err != nil {
		return err
	}
	h, err := readHeader(q.in, maxCommand)
	if err != nil {
		return err
	}
	if !h.command() {
		return protocolError("the first frame is no READY")
	}
	body := make([]byte, h.size)
	if _, err := io.ReadFull(q.in, body); err != nil {
		return err
	}
	socket, identity, err := parseReady(body)
	if err != nil {
		return err
	}
	if !slices.Contains(q.port.peers, socket) {
		return protocolError(fmt.Sprintf("the peer is a socket of type %.20q; want %s", socket, strings.Join(q.port.peers, ", ")))
	}
	q.SetDeadline(time.Time{})
	q.pending = append(q.pending, ownGreeting, appendReady(nil, socket, identity))
	q.port.roster.greeted(q, identity)
	return nil
}

// readGreeting reads a greeting of ZMTP 3 without security. It ends at the first byte that is wrong, for what talks another
// protocol may wait for us after less.
func readGreeting(r io.ByteReader) error {
	b := make([]byte, greetingLength)
	for i := range b {
		var err error
		if b[i], err = r.ReadByte(); err != nil {
			return err
		}
		switch {
		case i == 0 && b[0] != 0xff, i == 9 && b[9] != 0x7f:
			return protocolError("no ZMTP greeting")
		case i == 10 && b[10] < 3:
			return protocolError(fmt.Sprintf("ZMTP version %d; rt0 speaks 3", b[10]))
		case i == 31 && !bytes.Equal(b[12:32], ownGreeting[12:32]):
			return protocolError("a security mechanism other than NULL")
		case i == 32 && b[32] != 0:
			return protocolError("NULL security has no server")
		}
	}
	return nil
}

// appendReady appends the READY command of a socket.
func appendReady(b []byte, socket, identity string) []byte {
	var data []byte
	for _, p := range [][2]string{{"Socket-Type", socket}, {"Identity", identity}} {
		data = append(append(data, byte(len(p[0]))), p[0]...)
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(p[1]))), p[1]...)
	}
	return appendCommand(b, "READY", data)
}

// parseReady returns what the library wants to know from a READY command. Names of properties have no case (RFC 37).
func parseReady(body []byte) (socket, identity string, err error) {
	name, data, err := splitCommand(body)
	if err != nil {
		return "", "", err
	}
	if name != "READY" {
		return "", "", protocolError(fmt.Sprintf("the first command is %.20q, and not READY", name))
	}
	const malformed = protocolError("malformed metadata in READY")
	seen := map[string]string{}
	for len(data) > 0 {
		n := int(data[0])
		if n == 0 || len(data) < 1+n+4 {
			return "", "", malformed
		}
		name := string(data[1 : 1+n])
		key := strings.ToLower(name)
		size := binary.BigEndian.Uint32(data[1+n:])
		data = data[1+n+4:]
		_, twice := seen[key]
		if uint64(size) > uint64(len(data)) || twice || strings.ContainsFunc(name, notInName) {
			return "", "", malformed
		}
		seen[key], data = string(data[:size]), data[size:]
	}
	if identity = seen["identity"]; len(identity) > 255 {
		return "", "", protocolError("an identity of more than 255 bytes")
	}
	return seen["socket-type"], identity, nil
}

// notInName reports whether the name of a property cannot contain r.
func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.+", r))
}
