package kernel

import (
	"context"
	"sync"
)

// A request is the Front of a cell that a client has asked for: what it shows are messages that belong to the request.
type request struct {
	h      *Handler
	parent *Message
	ask    bool // the client answers questions

	mu    sync.Mutex
	pages []any
}

func (r *request) Stream(name, text string) {
	r.h.publish("stream", r.parent, map[string]string{"name": name, "text": text})
}

type displayData struct {
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient map[string]any `json:"transient"`
}

func (r *request) Show(b *Bundle, id string, update bool) {
	typ := "display_data"
	if update {
		typ = "update_display_data"
	}
	transient := map[string]any{}
	if id != "" {
		transient["display_id"] = id
	}
	r.h.publish(typ, r.parent, displayData{object(b.Data), object(b.Metadata), transient})
}

func (r *request) Clear(wait bool) {
	r.h.publish("clear_output", r.parent, map[string]bool{"wait": wait})
}

func (r *request) Page(b *Bundle) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages = append(r.pages, map[string]any{"source": "page", "data": object(b.Data), "start": 0})
}

func (r *request) SetNextInput(text string, replace bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pages = append(r.pages, map[string]any{"source": "set_next_input", "text": text, "replace": replace})
}

func (r *request) payload() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]any{}, r.pages...)
}

func (r *request) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !r.ask {
		return "", ErrNoStdin
	}
	select {
	case <-r.h.answers: // a late answer to an earlier question
	default:
	}
	question := r.h.post(Stdin, "input_request", r.parent, struct {
		Prompt   string `json:"prompt"`
		Password bool   `json:"password"`
	}{prompt, password})
	for {
		select {
		case m := <-r.h.answers:
			if m.Parent.Type == "input_request" && m.Parent.ID != question {
				continue // this front end says which question it answers, and it is another one
			}
			var reply struct {
				Value string `json:"value"`
			}
			err := decode(m, &reply)
			return reply.Value, err
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}
