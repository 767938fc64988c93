package kernel

import (
	"unicode/utf8"
)

// byteOffset turns a cursor position, which the protocol counts in code points, into bytes; too large a one means the end.
func byteOffset(code string, points int) int {
	for i := range code {
		if points <= 0 {
			return i
		}
		points--
	}
	return len(code)
}

func points(code string, offset int) int {
	return utf8.RuneCountInString(code[:min(max(offset, 0), len(code))])
}

type cursorRequest struct {
	Code   string `json:"code"`
	Pos    *int   `json:"cursor_pos"`
	Detail int    `json:"detail_level"`
}

// at returns the cursor in bytes; without one it is the end of the code.
func (r cursorRequest) at() int {
	if r.Pos == nil {
		return len(r.Code)
	}
	return byteOffset(r.Code, *r.Pos)
}

func (h *Handler) complete(ch Channel, m *Message) error {
	var req cursorRequest
	if err := decode(m, &req); err != nil {
		return err
	}
	c := h.session.Complete(req.Code, req.at())
	type typed struct {
		Start int    `json:"start"`
		End   int    `json:"end"`
		Text  string `json:"text"`
		Type  string `json:"type"`
	}
	start, end := points(req.Code, c.Start), points(req.Code, c.End)
	matches, types := []string{}, []typed{}
	for i, match := range c.Matches {
		matches = append(matches, match)
		if i < len(c.Types) {
			types = append(types, typed{start, end, match, c.Types[i]})
		}
	}
	return h.reply(ch, m, struct {
		Status   string         `json:"status"`
		Matches  []string       `json:"matches"`
		Start    int            `json:"cursor_start"`
		End      int            `json:"cursor_end"`
		Metadata map[string]any `json:"metadata"`
	}{"ok", matches, start, end, map[string]any{"_jupyter_types_experimental": types}})
}

func (h *Handler) inspect(ch Channel, m *Message) error {
	var req cursorRequest
	if err := decode(m, &req); err != nil {
		return err
	}
	b := h.session.Inspect(req.Code, req.at(), req.Detail)
	found := b != nil
	if !found {
		b = &Bundle{}
	}
	return h.reply(ch, m, struct {
		Status   string         `json:"status"`
		Found    bool           `json:"found"`
		Data     map[string]any `json:"data"`
		Metadata map[string]any `json:"metadata"`
	}{"ok", found, object(b.Data), object(b.Metadata)})
}

func (h *Handler) isComplete(ch Channel, m *Message) error {
	var req cursorRequest
	if err := decode(m, &req); err != nil {
		return err
	}
	c := h.session.IsComplete(req.Code)
	content := map[string]any{"status": c.Status}
	if c.Status == "incomplete" {
		content["indent"] = c.Indent
	}
	return h.reply(ch, m, content)
}

// object returns m, or an empty object: clients do not accept null.
func object(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
