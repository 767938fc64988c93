package kernel

import (
	"encoding/json"
	"errors"
	"maps"
)

// A Comm is a channel between something in the front end and something in the kernel.
type Comm struct {
	ID, Target string
	// Receive takes what the front end sends; Closed is called when it closes the channel. Either may be nil.
	Receive func(data json.RawMessage)
	Closed  func(data json.RawMessage)

	h      *Handler
	parent *Message // the message being handled: what is sent belongs to it
}

// A Target sets up a Comm that a front end opens.
type Target func(c *Comm, data json.RawMessage)

// RegisterTarget lets front ends open Comms with that target name.
func (h *Handler) RegisterTarget(name string, t Target) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.targets[name] = t
}

type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name,omitempty"`
	Data   json.RawMessage `json:"data"`
}

// Send sends data to the front end.
func (c *Comm) Send(data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	c.h.publish("comm_msg", c.parent, commContent{ID: c.ID, Data: raw})
	return nil
}

// Close tells the front end that the channel has ended.
func (c *Comm) Close() {
	c.h.mu.Lock()
	delete(c.h.comms, c.ID)
	c.h.mu.Unlock()
	c.h.publish("comm_close", c.parent, commContent{ID: c.ID, Data: json.RawMessage("{}")})
}

func (h *Handler) commInfo(ch Channel, m *Message) error {
	var req struct {
		Target string `json:"target_name"`
	}
	if err := decode(m, &req); err != nil {
		return err
	}
	h.mu.Lock()
	all := maps.Clone(h.comms)
	h.mu.Unlock()
	list := map[string]any{}
	for id, c := range all {
		if req.Target == "" || req.Target == c.Target {
			list[id] = map[string]string{"target_name": c.Target}
		}
	}
	return h.reply(ch, m, map[string]any{"status": "ok", "comms": list})
}

func (h *Handler) commOpen(_ Channel, m *Message) error {
	var req commContent
	if err := decode(m, &req); err != nil {
		return err
	}
	if req.ID == "" {
		return errors.New("comm_open without comm_id")
	}
	h.mu.Lock()
	target := h.targets[req.Target]
	h.mu.Unlock()
	c := &Comm{ID: req.ID, Target: req.Target, h: h, parent: m}
	if target == nil { // the protocol: an unknown target is closed at once
		c.Close()
		return nil
	}
	h.mu.Lock()
	h.comms[c.ID] = c
	h.mu.Unlock()
	target(c, compact(req.Data))
	return nil
}

func (h *Handler) commMsg(_ Channel, m *Message) error {
	c, data, err := h.comm(m)
	if c != nil && c.Receive != nil {
		c.parent = m
		c.Receive(data)
	}
	return err
}

func (h *Handler) commClose(_ Channel, m *Message) error {
	c, data, err := h.comm(m)
	if c == nil {
		return err
	}
	h.mu.Lock()
	delete(h.comms, c.ID)
	h.mu.Unlock()
	if c.Closed != nil {
		c.parent = m
		c.Closed(data)
	}
	return err
}

// comm finds the channel that a message is for; a message to a channel that has gone is no error.
func (h *Handler) comm(m *Message) (*Comm, json.RawMessage, error) {
	var req commContent
	if err := decode(m, &req); err != nil {
		return nil, nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.comms[req.ID], compact(req.Data), nil
}
