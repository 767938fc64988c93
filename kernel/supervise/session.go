// Package supervise keeps a kernel alive whatever its cells do: they run in a process of their own, and when that dies, another
// one takes its place and is told what can be told again. Session is the kernel's side, RunCells that of the other process;
// between them are two pipes.
package supervise

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rt0lab/rt0/kernel"
)

// Options say how to run cells.
type Options struct {
	// Command returns the command whose process calls RunCells. Its files and attributes are set here.
	Command func() *exec.Cmd
	// Info is what the session says of itself: it can be asked while no process is there.
	Info kernel.Info
	// Stderr receives what the processes say beside the cells' output, such as the stacks of a fatal error.
	Stderr io.Writer
	// Limit is the memory in bytes that the process takes for its own, for error texts; 0 if there is none.
	Limit uint64
}

// A Session is a kernel.Session whose cells run in a process of their own.
type Session struct {
	opt  Options
	last atomic.Uint64 // number of the last call

	mu         sync.Mutex
	process    *process // nil if none could be started
	err        error    // why not
	deaths     int      // of processes that have not even begun
	closed     bool
	parts      map[string][]byte // of the journal
	kept, lost []string
	cell       *kernel.Cell // that ran last: what comes between cells goes below it
	unsaid     []string     // of processes that have died since: the next cell tells
}

// New returns a session and begins to start its process.
func New(o Options) *Session {
	s := &Session{opt: o, parts: map[string][]byte{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.start(nil)
	return s
}

// start starts a process and tells it what is kept. The caller holds mu.
func (s *Session) start(parts map[string][]byte) {
	s.process, s.err = s.spawn()
	if s.err != nil {
		s.process = nil
		return
	}
	if len(parts) == 0 {
		return
	}
	p, cell := s.process, s.cell
	p.told = true
	for name, text := range parts {
		p.out.send(&message{Kind: part, Name: name, Body: text})
	}
	c := &pending{reply: make(chan *message, 1), background: true}
	p.begin(&message{Kind: restore, Call: s.last.Add(1)}, c)
	go func() {
		select {
		case m := <-c.reply:
			p.mu.Lock()
			p.told = false
			p.mu.Unlock()
			if err := m.Failure.err(); err != nil {
				say(cell, "not all that was kept could be brought back: %v", err)
			}
		case <-p.dead:
		}
	}()
}

// say tells something below a cell.
func say(cell *kernel.Cell, format string, args ...any) {
	if cell != nil {
		fmt.Fprintf(cell.Stderr(), format+"\n", args...)
	}
}

// bury takes note of the end of a process, and starts another one. idle: nothing waited for it.
func (s *Session) bury(p *process, idle bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.death.kept, p.death.lost = s.kept, s.lost
	if s.closed || s.process != p {
		return
	}
	parts := s.parts
	p.mu.Lock()
	if p.ready {
		s.deaths = 0
	}
	restored := !p.told
	p.mu.Unlock()
	s.deaths++
	s.lost = nil
	if !restored { // it may have died of what it was told
		parts = nil
		s.parts, s.kept = map[string][]byte{}, nil
	}
	p.death.restored = restored
	if s.deaths > mostDeaths {
		s.process, s.err = nil, fmt.Errorf("the process that runs cells ends as soon as it is started: %s: %s; see the log of Jupyter", p.death.cause.name, p.death.cause.value)
		s.deaths = 0 // the next cell tries again
		return
	}
	if idle && s.cell != nil {
		text := p.death.between()
		say(s.cell, "%s", text)
		s.cell.Flush()
		s.unsaid = append(s.unsaid[max(0, len(s.unsaid)-mostDeaths+1):], "Since the last cell: "+text)
	}
	s.start(parts)
}

// mostDeaths is how many processes are started when none begins its work.
const mostDeaths = 3

// note keeps a part of the journal.
func (s *Session) note(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(m.Body) == 0 {
		delete(s.parts, m.Name)
		return
	}
	s.parts[m.Name] = m.Body
}

// noteNames keeps what the journal says for people.
func (s *Session) noteNames(m *message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.lost = m.Kept, m.Lost
}

// output passes on what a cell shows. c is nil when the cell has ended.
func (s *Session) output(m *message, c *pending) {
	var cell *kernel.Cell
	if c != nil {
		cell = c.cell
	}
	if cell == nil {
		s.mu.Lock()
		cell = s.cell
		s.mu.Unlock()
	}
	if cell == nil {
		return
	}
	switch m.Kind {
	case stream:
		if m.Name == "stderr" {
			cell.Stderr().Write(m.Body)
			break
		}
		cell.Stdout().Write(m.Body)
	case show:
		if b := unpack(m.Bundle); m.Flag {
			cell.Update(b, m.Name)
		} else {
			cell.Display(b, m.Name)
		}
	case clear:
		cell.Clear(m.Flag)
	case page:
		cell.Page(unpack(m.Bundle))
	case next:
		cell.SetNextInput(string(m.Body), m.Flag)
	case question:
		if c != nil && c.input != nil {
			go c.input(m)
		}
	}
}

// present returns the process that runs cells now; one is started if there is none.
func (s *Session) present() (*process, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil && !s.closed {
		s.start(s.parts)
	}
	if s.process == nil {
		return nil, fmt.Errorf("no process to run cells: %w", s.err)
	}
	return s.process, nil
}

const (
	// endAfter is how long a cell that was interrupted may take to end; then its process does.
	endAfter = 3 * time.Second
	// endAtOnce is the same when the kernel itself ends.
	endAtOnce = time.Second
)

// Execute runs a cell in the other process.
func (s *Session) Execute(ctx context.Context, cell *kernel.Cell) (*kernel.Bundle, error) {
	s.mu.Lock()
	if !cell.Silent {
		s.cell = cell
		for _, text := range s.unsaid { // many front ends show nothing of what comes after the end of a cell
			say(cell, "%s", text)
		}
		s.unsaid = nil
	}
	s.mu.Unlock()
	m, err := s.run(ctx, &message{Kind: execute, Body: []byte(cell.Code), Flag: cell.Silent, Count: cell.Count}, cell)
	if err != nil {
		return nil, err
	}
	return unpack(m.Bundle), m.Failure.err()
}

// Value evaluates an expression in the other process.
func (s *Session) Value(ctx context.Context, expr string) (*kernel.Bundle, error) {
	m, err := s.run(ctx, &message{Kind: value, Body: []byte(expr)}, nil)
	if err != nil {
		return nil, err
	}
	return unpack(m.Bundle), m.Failure.err()
}

// run makes a call that may take long, and may be the last of its process.
func (s *Session) run(ctx context.Context, m *message, cell *kernel.Cell) (*message, error) {
	p, err := s.present()
	if err != nil {
		return nil, err
	}
	m.Call = s.last.Add(1)
	c := &pending{cell: cell, reply: make(chan *message, 1)}
	c.input = func(q *message) {
		a := &message{Kind: answer, Question: q.Question}
		text, err := "", kernel.ErrNoStdin
		if cell != nil {
			text, err = cell.Input(ctx, q.Name, q.Flag)
		}
		a.Body, a.Failure = []byte(text), newFailure(err)
		p.out.send(a)
	}
	p.begin(m, c)
	stopped := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case r := <-c.reply:
			return r, nil
		case <-p.dead:
			select {
			case r := <-c.reply: // it came first
				return r, nil
			default:
			}
			return nil, p.death.report(cell)
		case <-stopped:
			stopped = nil
			p.out.send(&message{Kind: interrupt, Call: m.Call})
			wait := endAtOnce
			if errors.Is(context.Cause(ctx), kernel.ErrInterrupted) {
				wait = endAfter
			}
			late = time.After(wait)
		case <-late:
			late = nil
			p.kill(fmt.Sprintf("the cell was interrupted and did not stop for %v", endAfter))
		}
	}
}

// answerAfter is how long questions about code may take: an editor waits for the answer.
const answerAfter = 5 * time.Second

// ask makes a call that takes no time, and gives up if it does.
func (s *Session) ask(m *message) *message {
	p, err := s.present()
	if err != nil {
		return &message{}
	}
	m.Call = s.last.Add(1)
	c := &pending{reply: make(chan *message, 1), background: true}
	p.begin(m, c)
	select {
	case r := <-c.reply:
		return r
	case <-p.dead:
	case <-time.After(answerAfter):
	}
	return &message{}
}

// Complete asks the other process.
func (s *Session) Complete(code string, pos int) kernel.Completion {
	if m := s.ask(&message{Kind: complete, Body: []byte(code), Pos: pos}); m.Completion != nil {
		return *m.Completion
	}
	return kernel.Completion{Start: pos, End: pos}
}

// Inspect asks the other process.
func (s *Session) Inspect(code string, pos, detail int) *kernel.Bundle {
	return unpack(s.ask(&message{Kind: inspect, Body: []byte(code), Pos: pos, Detail: detail}).Bundle)
}

// IsComplete asks the other process, also while a cell runs.
func (s *Session) IsComplete(code string) kernel.Completeness {
	if m := s.ask(&message{Kind: isComplete, Body: []byte(code)}); m.Completeness != nil {
		return *m.Completeness
	}
	return kernel.Completeness{Status: "unknown"}
}

// Info says what language this is.
func (s *Session) Info() kernel.Info { return s.opt.Info }

// Close ends the other process and what it has started.
func (s *Session) Close() {
	s.mu.Lock()
	s.closed = true
	p := s.process
	s.mu.Unlock()
	if p == nil {
		return
	}
	p.out.send(&message{Kind: closing})
	select {
	case <-p.dead:
	case <-time.After(endAtOnce):
		p.kill("the kernel ends")
		<-p.dead
	}
}
