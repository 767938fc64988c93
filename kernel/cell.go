package kernel

import (
	"context"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// A Front is where a cell's output goes, and who answers its questions: the request of a client, or, in a process of its own,
// the process that has the clients. Its methods may be called from several goroutines.
type Front interface {
	// Stream shows text that the cell has printed to "stdout" or "stderr".
	Stream(name, text string)
	// Show shows something below the cell, with an id under which it can be updated, or "". With update it replaces what was
	// shown under the id.
	Show(b *Bundle, id string, update bool)
	// Clear removes the cell's output; with wait, when the next output comes.
	Clear(wait bool)
	// Page shows something in the pager of the front end.
	Page(b *Bundle)
	// SetNextInput puts text into a new cell, or with replace into this one.
	SetNextInput(text string, replace bool)
	// Input asks the user for a line, until ctx ends. The error is ErrNoStdin if nobody can be asked.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// A Cell is one execution, and the way for its output. Its methods may be called from several goroutines; what comes after
// the end of the cell still appears below it.
type Cell struct {
	Code string
	// Silent asks for as little as possible to be shown and remembered.
	Silent bool
	// Count is the number in front of the cell.
	Count int
	// Eager sends text that comes after a pause at once: the process may not live until the timer ends.
	Eager bool

	front Front

	mu    sync.Mutex
	name  string // of the stream that pending belongs to
	text  []byte // pending output
	timer *time.Timer
	sent  time.Time // when output was sent last
}

// NewCell returns a cell whose output goes to front.
func NewCell(code string, silent bool, count int, front Front) *Cell {
	return &Cell{Code: code, Silent: silent, Count: count, front: front}
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
	case len(c.text) >= flushSize, c.Eager && time.Since(c.sent) > flushAfter:
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
		c.front.Stream(c.name, string(c.text[:n]))
		c.sent = time.Now()
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

// Display shows something below the cell. With an id it can be updated later.
func (c *Cell) Display(b *Bundle, id string) { c.show(b, id, false) }

// Update replaces what was shown with that id, wherever it is in the notebook.
func (c *Cell) Update(b *Bundle, id string) { c.show(b, id, true) }

func (c *Cell) show(b *Bundle, id string, update bool) {
	if c.Silent {
		return
	}
	c.Flush()
	c.front.Show(b, id, update)
}

// Clear removes the cell's output; with wait, when the next output comes.
func (c *Cell) Clear(wait bool) {
	c.Flush()
	if !c.Silent {
		c.front.Clear(wait)
	}
}

// Page shows something in the front end's pager.
func (c *Cell) Page(b *Bundle) { c.front.Page(b) }

// SetNextInput puts text into a new cell below this one, or into this one.
func (c *Cell) SetNextInput(text string, replace bool) { c.front.SetNextInput(text, replace) }

// Input asks the user for a line. The error is ErrNoStdin if the front end cannot ask, or the cause of ctx's end.
func (c *Cell) Input(ctx context.Context, prompt string, password bool) (string, error) {
	c.Flush()
	return c.front.Input(ctx, prompt, password)
}
