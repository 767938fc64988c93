package zeromq

import (
	"encoding/binary"
	"io"
	"net"
)

// What ZMTP 3 sends after the greeting is frames: a byte of flags, a length of 1 or 8 bytes, and a body
// (https://rfc.zeromq.org/spec/37/).

const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// A header is the beginning of a frame.
type header struct {
	flags byte
	size  uint64 // of the body
	wire  []byte // as it came
}

func (h header) more() bool    { return h.flags&flagMore != 0 }
func (h header) command() bool { return h.flags&flagCommand != 0 }

// readHeader reads a header whose body has limit bytes at most.
func readHeader(r io.Reader, limit uint64) (header, error) {
	b := make([]byte, 2, 9)
	if _, err := io.ReadFull(r, b); err != nil {
		return header{}, err
	}
	h := header{flags: b[0], size: uint64(b[1])}
	if h.flags&^(flagMore|flagLong|flagCommand) != 0 || h.command() && h.more() {
		return h, protocolError("flags of a frame that ZMTP does not have")
	}
	if h.flags&flagLong != 0 {
		b = b[:9]
		if _, err := io.ReadFull(r, b[2:]); err != nil {
			return h, err
		}
		h.size = binary.BigEndian.Uint64(b[1:])
	}
	if h.command() {
		limit = maxCommand
	}
	if h.size > limit {
		return h, protocolError("a frame is too long")
	}
	h.wire = b
	return h, nil
}

// appendHeader appends the header of a frame.
func appendHeader(b []byte, flags byte, size int) []byte {
	if size < 256 {
		return append(b, flags, byte(size))
	}
	return binary.BigEndian.AppendUint64(append(b, flags|flagLong), uint64(size))
}

// wire returns a message as it is sent.
func wire(frames [][]byte) net.Buffers {
	var list net.Buffers
	for i, f := range frames {
		var flags byte
		if i < len(frames)-1 {
			flags = flagMore
		}
		list = append(list, appendHeader(nil, flags, len(f)))
		if len(f) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// appendCommand appends a command.
func appendCommand(b []byte, name string, rest []byte) []byte {
	b = appendHeader(b, flagCommand, 1+len(name)+len(rest))
	return append(append(append(b, byte(len(name))), name...), rest...)
}

// splitCommand returns name and data of a command.
func splitCommand(body []byte) (name string, data []byte, err error) {
	if len(body) == 0 || len(body) <= int(body[0]) {
		return "", nil, protocolError("a command without a name")
	}
	n := 1 + int(body[0])
	return string(body[1:n]), body[n:], nil
}

// A boundary follows a stream of frames and knows where one ends.
type boundary struct {
	left uint64 // of the present body
	head []byte // of the next frame, as far as it has come
}

// between reports whether no frame has begun.
func (f *boundary) between() bool { return f.left == 0 && len(f.head) == 0 }

// follow takes what comes next.
func (f *boundary) follow(b []byte) {
	for len(b) > 0 {
		if f.left > 0 {
			n := min(f.left, uint64(len(b)))
			b, f.left = b[n:], f.left-n
			continue
		}
		f.head, b = append(f.head, b[0]), b[1:]
		switch long := f.head[0]&flagLong != 0; {
		case !long && len(f.head) == 2:
			f.left = uint64(f.head[1])
		case long && len(f.head) == 9:
			f.left = binary.BigEndian.Uint64(f.head[1:])
		default:
			continue
		}
		f.head = f.head[:0]
	}
}
