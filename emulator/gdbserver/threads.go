package gdbserver

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// appendThreadID appends a thread's name as the client wants it.
func (c *session) appendThreadID(dst []byte, tid int) []byte {
	if c.multiprocess {
		dst = append(dst, 'p')
		dst = appendNumber(dst, uint64(c.pid))
		dst = append(dst, '.')
	}
	return appendNumber(dst, uint64(tid))
}

// selectThread carries out Hg (for reading registers) and Hc (for c, s, bc and bs).
func (c *session) selectThread(dst, args []byte) ([]byte, error) {
	if len(args) == 0 {
		return dst, errMalformed
	}
	id, err := parseThreadID(args[1:], c.pid)
	if err != nil {
		return dst, err
	}
	if id > 0 {
		if _, err := c.thread(id); err != nil {
			return dst, err
		}
	}
	switch args[0] {
	case 'g':
		if id > 0 { // "any" keeps the one that is selected
			c.selected = id
		}
	case 'c':
		c.resumed = id
	default:
		return dst, errMalformed
	}
	return append(dst, "OK"...), nil
}

// threadAlive carries out T: is the thread alive?
func (c *session) threadAlive(dst, args []byte) ([]byte, error) {
	id, err := parseThreadID(args, c.pid)
	if err != nil {
		return dst, err
	}
	if _, err := c.thread(id); err != nil {
		return dst, err
	}
	return append(dst, "OK"...), nil
}

// listThreads carries out qfThreadInfo: all threads in one reply. qsThreadInfo then says that there are no more.
func (c *session) listThreads(dst []byte) []byte {
	dst = append(dst, 'm')
	for i, t := range c.debuggee.Threads() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dst) > maxPacket-64 {
			return dst // more threads than a reply holds; qXfer:threads:read has no such bound
		}
		dst = c.appendThreadID(dst, t.TID)
	}
	return dst
}

// describeThread carries out qThreadExtraInfo: what the thread is doing, in hexadecimal.
func (c *session) describeThread(dst, args []byte) ([]byte, error) {
	id, err := parseThreadID(args, c.pid)
	if err != nil {
		return dst, err
	}
	t, err := c.thread(id)
	if err != nil {
		return dst, err
	}
	return appendHex(dst, []byte(threadState(t.State, t.Waiting))), nil
}

func threadState(state, waiting string) string {
	if waiting != "" {
		return state + ": " + waiting
	}
	return state
}

// threadsXML returns the document of qXfer:threads:read.
func (c *session) threadsXML() []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?>\n<threads>\n")
	for _, t := range c.debuggee.Threads() {
		fmt.Fprintf(&b, "<thread id=\"%s\">", c.appendThreadID(nil, t.TID))
		xml.EscapeText(&b, []byte(threadState(t.State, t.Waiting)))
		b.WriteString("</thread>\n")
	}
	b.WriteString("</threads>\n")
	return b.Bytes()
}
