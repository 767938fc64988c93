package kernel

import (
	"context"
	"encoding/json"
	"sort"
	"time"
)

type executeRequest struct {
	Code         string            `json:"code"`
	Silent       bool              `json:"silent"`
	StoreHistory *bool             `json:"store_history"`
	Expressions  map[string]string `json:"user_expressions"`
	AllowStdin   *bool             `json:"allow_stdin"`
	StopOnError  *bool             `json:"stop_on_error"`
}

// orElse returns the value of a field of a request, or what the protocol says it is when absent.
func orElse(b *bool, absent bool) bool {
	if b == nil {
		return absent
	}
	return *b
}

type executeReply struct {
	Status      string         `json:"status"`
	Count       int            `json:"execution_count"`
	Expressions map[string]any `json:"user_expressions"`
	Payload     []any          `json:"payload"`
}

func (h *Handler) execute(ch Channel, m *Message) error {
	var req executeRequest
	if err := decode(m, &req); err != nil {
		return err
	}
	store := orElse(req.StoreHistory, true) && !req.Silent
	if store {
		h.count++
	}
	ctx, cancel := context.WithCancelCause(h.ctx)
	h.mu.Lock()
	h.cancel = func() { cancel(ErrInterrupted) }
	h.mu.Unlock()
	front := &request{h: h, parent: m, ask: orElse(req.AllowStdin, true)}
	c := NewCell(req.Code, req.Silent, h.count, front)
	if !req.Silent {
		h.publish("execute_input", m, map[string]any{"code": req.Code, "execution_count": h.count})
	}
	defer func() {
		h.mu.Lock()
		h.cancel = nil
		h.mu.Unlock()
		cancel(nil)
	}()
	value, err := h.session.Execute(ctx, c)
	c.Flush()
	if store {
		h.opt.History.Add(h.count, req.Code, value.Text())
	}
	if err != nil {
		e := asCellError(err)
		if !req.Silent {
			h.publish("error", m, map[string]any{"ename": e.Name, "evalue": e.Value, "traceback": e.Traceback})
		}
		if orElse(req.StopOnError, true) {
			h.doomed = h.takeCells()
		}
		return h.reply(ch, m, struct {
			errorReply
			Count int   `json:"execution_count"`
			Load  []any `json:"payload"`
		}{newErrorReply(e), h.count, front.payload()})
	}
	if value != nil && !req.Silent {
		h.publish("execute_result", m, map[string]any{"execution_count": h.count, "data": object(value.Data), "metadata": object(value.Metadata)})
	}
	return h.reply(ch, m, executeReply{"ok", h.count, h.values(ctx, req.Expressions), front.payload()})
}

// values evaluates user_expressions: each has a status of its own.
func (h *Handler) values(ctx context.Context, exprs map[string]string) map[string]any {
	names := make([]string, 0, len(exprs))
	for name := range exprs {
		names = append(names, name)
	}
	sort.Strings(names)
	out := map[string]any{}
	for _, name := range names {
		b, err := h.session.Value(ctx, exprs[name])
		if err != nil {
			out[name] = newErrorReply(asCellError(err))
			continue
		}
		if b == nil {
			b = &Bundle{Data: map[string]any{"text/plain": ""}}
		}
		out[name] = map[string]any{"status": "ok", "data": object(b.Data), "metadata": object(b.Metadata)}
	}
	return out
}

// inFlight is how long requests that were sent before an answer may be on their way.
const inFlight = 20 * time.Millisecond

// takeCells takes the cells that wait out of the queue: they were sent before the one that failed had its answer, most likely
// by "run all".
func (h *Handler) takeCells() (cells []*Message) {
	time.Sleep(inFlight)
	h.mu.Lock()
	defer h.mu.Unlock()
	var rest []*Message
	for _, m := range h.queue {
		if m.Header.Type == "execute_request" {
			cells = append(cells, m)
		} else {
			rest = append(rest, m)
		}
	}
	h.queue = rest
	return cells
}

// abort answers the cells that will not run.
func (h *Handler) abort() {
	for _, m := range h.doomed {
		h.publish("status", m, status{"busy"})
		h.reply(Shell, m, struct {
			Status string `json:"status"`
			Count  int    `json:"execution_count"`
		}{"aborted", h.count})
		h.publish("status", m, status{"idle"})
	}
	h.doomed = nil
}

// compact returns JSON that is safe to embed, or an empty object.
func compact(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("{}")
	}
	return raw
}
