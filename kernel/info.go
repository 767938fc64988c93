package kernel

import "time"

type status struct {
	State string `json:"execution_state"`
}

// ok is the content of a reply that says nothing more.
type ok struct {
	Status string `json:"status"`
}

type errorReply struct {
	Status    string   `json:"status"`
	Name      string   `json:"ename"`
	Value     string   `json:"evalue"`
	Traceback []string `json:"traceback"`
}

func newErrorReply(e *CellError) errorReply { return errorReply{"error", e.Name, e.Value, e.Traceback} }

func (h *Handler) kernelInfo(ch Channel, m *Message) error {
	info := h.session.Info()
	links := info.Links
	if links == nil {
		links = []HelpLink{}
	}
	return h.reply(ch, m, struct {
		Status         string       `json:"status"`
		Protocol       string       `json:"protocol_version"`
		Implementation string       `json:"implementation"`
		Version        string       `json:"implementation_version"`
		Language       LanguageInfo `json:"language_info"`
		Banner         string       `json:"banner"`
		Debugger       bool         `json:"debugger"`
		Links          []HelpLink   `json:"help_links"`
	}{"ok", ProtocolVersion, info.Implementation, info.Version, info.Language, info.Banner, false, links})
}

func (h *Handler) connect(ch Channel, m *Message) error {
	content := map[string]any{"status": "ok"}
	for name, port := range h.opt.Ports {
		content[name] = port
	}
	return h.reply(ch, m, content)
}

func (h *Handler) interrupt(ch Channel, m *Message) error {
	h.Interrupt()
	return h.reply(ch, m, ok{"ok"})
}

// shutdownRequest answers, tells all clients, and lets whoever runs the kernel know.
func (h *Handler) shutdownRequest(ch Channel, m *Message) error {
	var req struct {
		Restart bool `json:"restart"`
	}
	if err := decode(m, &req); err != nil {
		return err
	}
	h.Interrupt()
	content := struct {
		Status  string `json:"status"`
		Restart bool   `json:"restart"`
	}{"ok", req.Restart}
	h.publish("shutdown_reply", m, content)
	h.reply(ch, m, content)
	time.AfterFunc(lastWords, func() {
		select {
		case h.shutdown <- req.Restart:
		default: // asked twice
		}
	})
	return nil
}

// lastWords is how long the sockets stay open after the answer to shutdown_request: the "idle" comes after it.
const lastWords = 50 * time.Millisecond
