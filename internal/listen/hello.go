package listen

import (
	"bytes"
	"errors"
	"net"
	"strings"
)

var (
	errHTTP  = errors.New("it speaks HTTP, as web pages do")
	errHello = errors.New("it does not speak the protocol of this port")
)

// hear waits until the client has begun to speak, and returns the connection with what was read in front.
func hear(conn net.Conn, hello func([]byte) bool) (net.Conn, error) {
	said, buf := []byte(nil), make([]byte, 1024)
	for {
		n, err := conn.Read(buf)
		said = append(said, buf[:n]...)
		web, known := fromBrowser(said)
		switch {
		case web:
			return nil, errHTTP
		case known && (hello == nil || hello(said)):
			return &heard{conn, said}, nil
		case err != nil:
			return nil, err
		case len(said) > maxHello:
			return nil, errHello
		}
	}
}

// A heard connection gives what was read from it already, then what comes.
type heard struct {
	net.Conn
	said []byte
}

func (h *heard) Read(p []byte) (int, error) {
	if len(h.said) == 0 {
		return h.Conn.Read(p)
	}
	n := copy(p, h.said)
	if h.said = h.said[n:]; len(h.said) == 0 {
		h.said = nil
	}
	return n, nil
}

// handshake is the type of the record that opens a TLS connection (RFC 8446, 5.1).
const handshake = 0x16

// fromBrowser reports whether a browser says b: an HTTP request line (RFC 9112, section 3: a method, which is a token, a
// target, and the version) or the beginning of TLS. Pages of any site can make a browser connect to a loopback address, and
// choose what follows the first line. It is not known as long as more bytes could make a request line of b.
func fromBrowser(b []byte) (web, known bool) {
	if len(b) == 0 {
		return false, false
	}
	if b[0] == handshake {
		return true, true
	}
	line, _, whole := bytes.Cut(b, []byte{'\n'})
	parts := strings.Split(strings.TrimSuffix(string(line), "\r"), " ")
	if !isToken(parts[0]) {
		return false, true
	}
	if n := len(parts); n >= 3 && strings.HasPrefix(parts[n-1], "HTTP/") {
		return true, true
	}
	// Methods in use are letters. What begins otherwise need not have lines at all.
	return false, whole || !isLetter(b[0])
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// isToken reports whether s is a token (RFC 9110, 5.6.2).
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if !isLetter(c) && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}
