package dap

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/google/go-dap"
)

// maxMessage is the longest message that is read, in bytes; those of editors are a few kilobytes.
const maxMessage = 16 << 20

// errFraming reports bytes that are not a message of the base protocol. Where the next message begins is not known then.
var errFraming = errors.New("not a message of the Debug Adapter Protocol")

// readMessage reads the content of one message: header lines such as Content-Length, an empty line, then so many bytes.
func readMessage(r *bufio.Reader) ([]byte, error) {
	length := -1
	for {
		line, err := r.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 && length < 0 {
			return nil, io.EOF
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errFraming, err)
		}
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		name, value, _ := strings.Cut(text, ":")
		if strings.EqualFold(strings.TrimSpace(name), "Content-Length") {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || length < 0 || length > maxMessage {
				return nil, fmt.Errorf("%w: Content-Length %q", errFraming, value)
			}
		}
	}
	if length < 0 {
		return nil, fmt.Errorf("%w: no Content-Length", errFraming)
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("%w: %w", errFraming, err)
	}
	return b, nil
}

// decode reads a request. What is no request that we know comes back as a plain one, with an error.
func decode(content []byte) (dap.RequestMessage, error) {
	m, err := dap.DecodeProtocolMessage(content)
	if err == nil {
		if r, ok := m.(dap.RequestMessage); ok {
			return r, nil
		}
		return &dap.Request{}, errors.New("only requests are understood")
	}
	plain := &dap.Request{}
	var field *dap.DecodeProtocolMessageFieldError
	switch json.Unmarshal(content, plain); {
	case plain.Command == "":
		return plain, fmt.Errorf("not a request: %w", err)
	case errors.As(err, &field):
		return plain, fmt.Errorf("no request %q here", plain.Command)
	}
	return plain, fmt.Errorf("%s: %w", plain.Command, err)
}

// send writes a message, numbering it.
func (s *session) send(m dap.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	switch m := m.(type) {
	case dap.ResponseMessage:
		r := m.GetResponse()
		r.Seq, r.Type = s.seq, "response"
	case dap.EventMessage:
		e := m.GetEvent()
		e.Seq, e.Type = s.seq, "event"
	}
	// A client that is gone is noticed by the reader.
	_ = dap.WriteProtocolMessage(s.out, m)
}

// reply sends the response to a request: success, with what the response holds.
func (s *session) reply(to dap.RequestMessage, m dap.ResponseMessage) {
	req, r := to.GetRequest(), m.GetResponse()
	r.RequestSeq, r.Command, r.Success = req.Seq, req.Command, true
	s.send(m)
}

// refuse sends the response that says why a request failed. The client shows it.
func (s *session) refuse(to dap.RequestMessage, err error) {
	req := to.GetRequest()
	m := &dap.ErrorResponse{}
	m.RequestSeq, m.Command, m.Message = req.Seq, req.Command, "failed"
	m.Body.Error = &dap.ErrorMessage{Id: 1, Format: "{message}", Variables: map[string]string{"message": err.Error()}, ShowUser: true}
	s.send(m)
}

// event returns the header of an event.
func event(name string) dap.Event { return dap.Event{Event: name} }

// console shows the user a text.
func (s *session) console(category, text string) {
	s.send(&dap.OutputEvent{Event: event("output"), Body: dap.OutputEventBody{Category: category, Output: text}})
}

// An outlet is the guest's stdout or stderr.
type outlet struct {
	s        *session
	category string
}

func (o outlet) Write(b []byte) (int, error) {
	o.s.console(o.category, string(b))
	return len(b), nil
}
