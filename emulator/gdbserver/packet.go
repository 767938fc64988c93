package gdbserver

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxPacket is the longest packet body, in bytes as sent, that either side may send: what qSupported announces as
// PacketSize. It bounds what a client can make the server hold, and gives symbol files few, large reads.
const maxPacket = 1 << 16

// interruptByte is what a client sends, outside of any packet, to stop a running program (its user pressed ^C).
const interruptByte = 0x03

// Errors of framing. The stream itself is intact after them: the next packet can be read.
var (
	errChecksum = errors.New("packet checksum is wrong")
	errTooLong  = errors.New("packet is longer than PacketSize")
)

// A wire frames packets over a byte stream: $BODY#CC, where CC is the sum of the body's bytes modulo 256 in hexadecimal
// (GDB manual, "Remote Protocol: Overview").
type wire struct {
	r *bufio.Reader
	w *bufio.Writer
	// noAck says that both sides have agreed to leave out the acknowledgements + and - (QStartNoAckMode).
	noAck bool
	body  []byte // the packet being read
	sent  []byte // the last packet sent, framed, in case the client asks for it again
}

func newWire(c io.ReadWriter) *wire {
	return &wire{r: bufio.NewReaderSize(c, 4096), w: bufio.NewWriterSize(c, 4096)}
}

// read returns the body of the next packet, unescaped; it is valid until the next call. The errors errChecksum and
// errTooLong concern this packet alone, any other error ends the stream.
func (c *wire) read() ([]byte, error) {
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			return nil, err
		}
		switch b {
		case '$':
			body, err := c.readBody()
			if c.noAck || err != nil && err != errChecksum && err != errTooLong {
				return body, err
			}
			if err == errChecksum {
				// The client sends the packet again, as long as acknowledgements are on.
				if err := c.writeRaw([]byte{'-'}); err != nil {
					return nil, err
				}
				continue
			}
			if ackErr := c.writeRaw([]byte{'+'}); ackErr != nil {
				return nil, ackErr
			}
			return body, err
		case '-':
			if !c.noAck && len(c.sent) > 0 {
				if err := c.writeRaw(c.sent); err != nil {
					return nil, err
				}
			}
		}
		// + is the acknowledgement of what was sent; 0x03 found here came too late to interrupt anything; all else
		// between packets is noise on a serial line.
	}
}

// errNoGDB reports a client that does not begin as one of the protocol.
var errNoGDB = errors.New("it does not speak gdb's protocol")

// greeting returns the first packet, as read does. What comes before it is an acknowledgement or nothing: over a network no
// noise precedes it, and what another protocol's client says may hold a packet that somebody else has put there.
func (c *wire) greeting() ([]byte, error) {
	b, err := c.r.Peek(1)
	if err != nil {
		return nil, err
	}
	if !bytes.ContainsAny(b, "+-$\x03") {
		return nil, errNoGDB
	}
	return c.read()
}

// readBody reads what follows a '$', the checksum included.
func (c *wire) readBody() ([]byte, error) {
	c.body = c.body[:0]
	var sum byte
	long, escaped := false, false
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			return nil, eof(err)
		}
		if b == '#' {
			break
		}
		if b == '$' { // the rest of the packet was lost and this is the next one
			c.body, sum, long, escaped = c.body[:0], 0, false, false
			continue
		}
		sum += b
		switch {
		case b == '}' && !escaped:
			escaped = true
			continue
		case escaped:
			b, escaped = b^0x20, false
		}
		if len(c.body) == maxPacket {
			long = true
			continue
		}
		c.body = append(c.body, b)
	}
	var digits [2]byte
	if _, err := io.ReadFull(c.r, digits[:]); err != nil {
		return nil, eof(err)
	}
	want, ok := parseHex(digits[:])
	switch {
	case !ok || byte(want) != sum:
		return nil, errChecksum
	case long:
		return nil, errTooLong
	}
	return c.body, nil
}

// eof tells the end of the stream in the middle of a packet from its end between packets.
func eof(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// write sends one packet. The body must be escaped already where it holds binary data (appendBinary).
func (c *wire) write(body []byte) error {
	var sum byte
	for _, b := range body {
		sum += b
	}
	c.sent = append(c.sent[:0], '$')
	c.sent = append(c.sent, body...)
	c.sent = append(c.sent, '#', hexDigits[sum>>4], hexDigits[sum&15])
	return c.writeRaw(c.sent)
}

func (c *wire) writeRaw(b []byte) error {
	if _, err := c.w.Write(b); err != nil {
		return err
	}
	return c.w.Flush()
}
