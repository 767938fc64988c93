package kernel

import (
	"context"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// A Cell is one execution, and the way for its output. Its methods may be called from several goroutines; what comes after
// the end of the cell still appears below it.
type Cell struct {
	Code string
	// Silent asks for as little as possible to be shown and remembered.
	Silent bool
	// Count is the number in front of the cell.
	Count int

	h      *Handler
	parent *Message
	ask    bool

	mu    sync.Mutex
	name  string // of the stream that pending belongs to
	text  []byte // pending output
	timer *time.Timer
	pages []any
}

const (
	// flushAfter is how long output waits for more of it.
	flushAfter = 20 * time.Millisecond
	// flushSize is the size of pending output, in bytes, that does not wait.
	flushSize = 32 << 10
)

// Stdout returns the cell's standard output.
func (c *Cell) Stdout() io.Writer { return stream{c, "stdout"} }

// Stderr returns the cell's standard error.
func (c *Cell) Stderr() io.Writer { return stream{c, "stderr"} }

type stream struct {
	c    *Cell
	name string
}

func (s stream) Write(p []byte) (int, error) {
	c := s.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.name != s.name {
		c.flush(true)
	}
	c.name = s.name
	c.text = append(c.text, p...)
	switch {
	case len(c.text) >= flushSize:
		c.flush(false)
	case c.timer == nil:
		c.timer = time.AfterFunc(flushAfter, c.Flush)
	}
	return len(p), nil
}

// Flush sends output that waits.
func (c *Cell) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush(true)
}

// flush sends pending output: all of it, or what does not end within a character. The caller holds mu.
func (c *Cell) flush(all bool) {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	n := len(c.text)
	if !all {
		n -= partial(c.text)
	}
	if n == 0 {
		return
	}
	if !c.Silent {
		c.h.publish("stream", c.parent, map[string]string{"name": c.name, "text": string(c.text[:n])})
	}
	c.text = append([]byte(nil), c.text[n:]...)
}

// partial returns how many bytes at the end of b begin a character of UTF-8 without ending it.
func partial(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if tail := b[len(b)-n:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}

type displayData struct {
	Data      map[string]any `json:"data"`
	Metadata  map[string]any `json:"metadata"`
	Transient map[string]any `json:"transient"`
}

// Display shows something below the cell. With an id it can be updated later.
func (c *Cell) Display(b *Bundle, id string) { c.show("display_data", b, id) }

// Update replaces what was shown with that id, wherever it is in the notebook.
func (c *Cell) Update(b *Bundle, id string) { c.show("update_display_data", b, id) }

func (c *Cell) show(typ string, b *Bundle, id string) {
	if c.Silent {
		return
	}
	transient := map[string]any{}
	if id != "" {
		transient["display_id"] = id
	}
	c.Flush()
	c.h.publish(typ, c.parent, displayData{object(b.Data), object(b.Metadata), transient})
}

// Clear removes the cell's output; with wait, when the next output comes.
func (c *Cell) Clear(wait bool) {
	c.Flush()
	if !c.Silent {
		c.h.publish("clear_output", c.parent, map[string]bool{"wait": wait})
	}
}

// Page shows something in the front end's pager.
func (c *Cell) Page(b *Bundle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages = append(c.pages, map[string]any{"source": "page", "data": object(b.Data), "start": 0})
}

// SetNextInput puts text into a new cell below this one, or into this one.
func (c *Cell) SetNextInput(text string, replace bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages = append(c.pages, map[string]any{"source": "set_next_input", "text": text, "replace": replace})
}

func (c *Cell) payload() []any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]any{}, c.pages...)
}

// Input asks the user for a line. The error is ErrNoStdin if the front end cannot ask, or the cause of ctx's end.
func (c *Cell) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !c.ask {
		return "", ErrNoStdin
	}
	c.Flush()
	select {
	case <-c.h.answers: // a late answer to an earlier question
	default:
	}
	c.h.post(Stdin, "input_request", c.parent, struct {
		Prompt   string `json:"prompt"`
		Password bool   `json:"password"`
	}{prompt, password})
	select {
	case m := <-c.h.answers:
		var reply struct {
			Value string `json:"value"`
		}
		err := decode(m, &reply)
		return reply.Value, err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
