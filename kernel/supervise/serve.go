package supervise

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"sync"

	"github.com/rt0lab/rt0/kernel"
)

// A server runs cells in the process that may die of them.
type server struct {
	session kernel.Restorer
	out     writer
	queue   chan *call

	mu        sync.Mutex
	calls     map[uint64]*call
	running   *call
	questions map[uint64]chan *message
	asked     uint64
	parts     map[string][]byte // of the journal that is to be restored

	sent map[string][]byte // parts that the kernel has
}

// A call is a request that has not been answered.
type call struct {
	*message
	ctx    context.Context
	cancel context.CancelCauseFunc
}

// Serve answers what comes from in, until its end: that is the end of the kernel, or its wish. limit is how much memory in
// bytes the process may take; a cell that takes more is ended.
func Serve(session kernel.Restorer, in io.Reader, out io.Writer, limit uint64) {
	s := &server{session: session, out: writer{w: out}, queue: make(chan *call, 64), calls: map[uint64]*call{}, questions: map[uint64]chan *message{},
		parts: map[string][]byte{}, sent: map[string][]byte{}}
	session.Trace(func(line string) { s.out.send(&message{Kind: trace, Name: line}) })
	s.out.send(&message{Kind: ready})
	go s.work(newMemory(limit))
	for {
		m, err := receive(in)
		if err != nil || m.Kind == closing {
			break
		}
		s.take(m)
	}
	s.mu.Lock()
	for _, c := range s.calls {
		c.cancel(kernel.ErrInterrupted) // and with it the commands that it has started
	}
	s.mu.Unlock()
}

// take begins what a message asks for.
func (s *server) take(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch m.Kind {
	case part:
		s.parts[m.Name] = m.Body
	case interrupt:
		if c := s.calls[m.Call]; c != nil {
			c.cancel(kernel.ErrInterrupted)
		}
		if c := s.running; c != nil && c.Kind == restore {
			c.cancel(kernel.ErrInterrupted) // the call waits for it
		}
	case answer:
		if q := s.questions[m.Question]; q != nil {
			delete(s.questions, m.Question)
			q <- m
		}
	case isComplete: // the one question that is asked while a cell runs
		go func() {
			c := s.session.IsComplete(string(m.Body))
			s.out.send(&message{Kind: reply, Call: m.Call, Completeness: &c})
		}()
	default:
		c := &call{message: m}
		c.ctx, c.cancel = context.WithCancelCause(context.Background())
		s.calls[m.Call] = c
		s.queue <- c
	}
}

// work answers calls in the order of their arrival.
func (s *server) work(mem *memory) {
	for c := range s.queue {
		s.mu.Lock()
		s.running = c
		s.mu.Unlock()
		done := mem.watch(c.cancel)
		r := s.answer(c)
		done()
		r.Kind, r.Call = reply, c.Call
		if c.Kind == execute || c.Kind == value || c.Kind == restore {
			j := s.session.Journal()
			s.journal(j.Parts)
			r.Kept, r.Lost = j.Kept, j.Lost
		}
		s.mu.Lock()
		delete(s.calls, c.Call)
		s.running = nil
		s.mu.Unlock()
		c.cancel(nil)
		s.out.send(r)
		mem.release()
	}
}

// answer does what a call asks for. A panic here is ours: the cells' own are errors by now.
func (s *server) answer(c *call) (r *message) {
	r = &message{}
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n%s", c.Kind, p, debug.Stack())
			r = &message{Failure: newFailure(fmt.Errorf("rt0 failed: %v; please report this", p))}
		}
	}()
	code := string(c.Body)
	switch c.Kind {
	case execute:
		cell := kernel.NewCell(code, c.Flag, c.Count, front{s, c.Call})
		cell.Eager = true
		b, err := s.session.Execute(c.ctx, cell)
		cell.Flush()
		r.Bundle, r.Failure = pack(b), newFailure(err)
	case value:
		b, err := s.session.Value(c.ctx, code)
		r.Bundle, r.Failure = pack(b), newFailure(err)
	case complete:
		m := s.session.Complete(code, c.Pos)
		r.Completion = &m
	case inspect:
		r.Bundle = pack(s.session.Inspect(code, c.Pos, c.Detail))
	case restore:
		s.mu.Lock()
		parts := s.parts
		s.mu.Unlock()
		s.sent = parts
		r.Failure = newFailure(s.session.Restore(c.ctx, parts))
	}
	return r
}

// journal sends the parts that have changed.
func (s *server) journal(parts map[string][]byte) {
	for name, text := range parts {
		if old, ok := s.sent[name]; !ok || !bytes.Equal(old, text) {
			s.out.send(&message{Kind: part, Name: name, Body: text})
		}
	}
	for name := range s.sent {
		if _, ok := parts[name]; !ok {
			s.out.send(&message{Kind: part, Name: name})
		}
	}
	s.sent = parts
}

// A front sends what a cell shows to the process that has the clients.
type front struct {
	s    *server
	call uint64
}

func (f front) Stream(name, text string) {
	f.s.out.send(&message{Kind: stream, Call: f.call, Name: name, Body: []byte(text)})
}

func (f front) Show(b *kernel.Bundle, id string, update bool) {
	f.s.out.send(&message{Kind: show, Call: f.call, Bundle: pack(b), Name: id, Flag: update})
}

func (f front) Clear(wait bool) { f.s.out.send(&message{Kind: clear, Call: f.call, Flag: wait}) }

func (f front) Page(b *kernel.Bundle) {
	f.s.out.send(&message{Kind: page, Call: f.call, Bundle: pack(b)})
}

func (f front) SetNextInput(text string, replace bool) {
	f.s.out.send(&message{Kind: next, Call: f.call, Body: []byte(text), Flag: replace})
}

func (f front) Input(ctx context.Context, prompt string, password bool) (string, error) {
	got := make(chan *message, 1)
	f.s.mu.Lock()
	f.s.asked++
	id := f.s.asked
	f.s.questions[id] = got
	f.s.mu.Unlock()
	f.s.out.send(&message{Kind: question, Call: f.call, Question: id, Name: prompt, Flag: password})
	select {
	case m := <-got:
		return string(m.Body), m.Failure.err()
	case <-ctx.Done():
		f.s.mu.Lock()
		delete(f.s.questions, id)
		f.s.mu.Unlock()
		return "", context.Cause(ctx)
	}
}
