package gdbserver

import (
	"bytes"
	"fmt"
)

const hexDigits = "0123456789abcdef"

func hexValue(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// parseHex returns the number that b spells, most significant digit first; false if b is empty, is anything but digits,
// or exceeds 64 bits.
func parseHex(b []byte) (uint64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, c := range b {
		d, ok := hexValue(c)
		if !ok || n>>60 != 0 {
			return 0, false
		}
		n = n<<4 | uint64(d)
	}
	return n, true
}

// parsePair returns the numbers that "A,B" spells.
func parsePair(b []byte) (x, y uint64, ok bool) {
	first, second, found := bytes.Cut(b, []byte{','})
	if !found {
		return 0, 0, false
	}
	x, ok1 := parseHex(first)
	y, ok2 := parseHex(second)
	return x, y, ok1 && ok2
}

// decodeHex returns the bytes that b spells, two digits a byte.
func decodeHex(b []byte) ([]byte, bool) {
	if len(b)%2 != 0 {
		return nil, false
	}
	out := make([]byte, len(b)/2)
	for i := range out {
		hi, ok1 := hexValue(b[2*i])
		lo, ok2 := hexValue(b[2*i+1])
		if !ok1 || !ok2 {
			return nil, false
		}
		out[i] = hi<<4 | lo
	}
	return out, true
}

// appendHex appends data, two digits a byte.
func appendHex(dst, data []byte) []byte {
	for _, b := range data {
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

// appendNumber appends n in hexadecimal without leading zeros, most significant digit first.
func appendNumber(dst []byte, n uint64) []byte {
	shift := 60
	for shift > 0 && n>>shift == 0 {
		shift -= 4
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}

// appendBinary appends data as the protocol's binary data: the bytes that frame packets or start a run length are
// escaped by } and their own value with bit 5 turned over.
func appendBinary(dst, data []byte) []byte {
	for _, b := range data {
		switch b {
		case '#', '$', '}', '*':
			dst = append(dst, '}', b^0x20)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// A threadID names a thread, or all threads, or any one.
type threadID int

const (
	allThreads threadID = -1
	anyThread  threadID = 0
)

// parseThreadID reads TID, pPID.TID or pPID: hexadecimal numbers, where -1 is all and 0 is any. As there is one process,
// PID must be pid, or all, or any.
func parseThreadID(b []byte, pid int) (threadID, error) {
	text := b
	if len(b) > 0 && b[0] == 'p' {
		process, thread, found := bytes.Cut(b[1:], []byte{'.'})
		n, ok := parseSigned(process)
		if !ok {
			return 0, fmt.Errorf("malformed thread id %q", text)
		}
		if n != pid && n != int(allThreads) && n != int(anyThread) {
			return 0, fmt.Errorf("no process %d", n)
		}
		if !found || n == int(allThreads) {
			return allThreads, nil
		}
		b = thread
	}
	n, ok := parseSigned(b)
	if !ok {
		return 0, fmt.Errorf("malformed thread id %q", text)
	}
	return threadID(n), nil
}

// parseSigned reads -1 or a hexadecimal number that fits Linux's pid_t.
func parseSigned(b []byte) (int, bool) {
	if string(b) == "-1" {
		return -1, true
	}
	n, ok := parseHex(b)
	if !ok || n > 1<<31-1 {
		return 0, false
	}
	return int(n), true
}
