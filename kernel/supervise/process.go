package supervise

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/rt0lab/rt0/kernel"
)

// A process runs cells, until it dies of one.
type process struct {
	s      *Session
	cmd    *exec.Cmd
	out    writer
	events *os.File
	tail   *tail // what it says on its standard error: the Go runtime's last words
	heard  chan struct{}

	mu     sync.Mutex
	calls  map[uint64]*pending
	traced []string // positions through which a panic of the present cell has passed
	why    string   // for what we have killed it
	ready  bool     // it has begun
	told   bool     // it was told what earlier cells have made, and has not confirmed it

	dead  chan struct{} // closed when all of the following is known
	death death
}

// A pending call has had no reply.
type pending struct {
	cell  *kernel.Cell
	input func(*message)
	reply chan *message
	// background: no user sees what becomes of it. Nobody sees either what becomes of a call without a cell.
	background bool
}

// A death is what is known of the end of a process.
type death struct {
	cause      cause
	kept, lost []string // as the last journal had them
	restored   bool     // the next process is told what is kept
}

// spawn starts a process.
func (s *Session) spawn() (*process, error) {
	p := &process{s: s, tail: &tail{}, heard: make(chan struct{}), calls: map[uint64]*pending{}, dead: make(chan struct{})}
	var files []*os.File // theirs, then ours
	for range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, err
		}
		files = append(files, r, w)
	}
	requests, events, words := files[0:2], files[2:4], files[4:6]
	p.cmd = s.opt.Command()
	p.cmd.SysProcAttr = attributes()
	p.cmd.Stderr = words[1]
	inherit(p.cmd, requests[0], events[1])
	err := p.cmd.Start()
	for _, f := range []*os.File{requests[0], events[1], words[1]} {
		f.Close()
	}
	if err != nil {
		requests[1].Close()
		events[0].Close()
		words[0].Close()
		return nil, err
	}
	p.out.w, p.events = requests[1], events[0]
	go func() {
		io.Copy(io.MultiWriter(p.tail, s.opt.Stderr), words[0])
		words[0].Close()
		close(p.heard)
	}()
	go p.read()
	return p, nil
}

// read takes what the process says, up to its end.
func (p *process) read() {
	var err error
	for {
		var m *message
		if m, err = receive(p.events); err != nil {
			break
		}
		p.take(m)
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrClosed) {
		p.kill("it broke the connection to the kernel")
	}
	p.end()
}

func (p *process) take(m *message) {
	p.mu.Lock()
	c := p.calls[m.Call]
	if m.Kind == reply {
		delete(p.calls, m.Call)
	}
	p.ready = p.ready || m.Kind == ready
	if m.Kind == trace && len(p.traced) < maxTraced {
		p.traced = append(p.traced, m.Name)
	}
	p.mu.Unlock()
	switch m.Kind {
	case part:
		p.s.note(m)
	case reply:
		if m.Kept != nil || m.Lost != nil {
			p.s.noteNames(m)
		}
		if c != nil {
			c.reply <- m
		}
	case stream, show, clear, page, next, question:
		p.s.output(m, c)
	}
}

// maxTraced bounds the positions that are remembered.
const maxTraced = 20

// kill ends the process for a reason that an error will tell.
func (p *process) kill(why string) {
	p.mu.Lock()
	if p.why == "" {
		p.why = why
	}
	p.mu.Unlock()
	p.cmd.Process.Kill()
}

// lastWords is how long the standard error of a process may stay open after its end: what it has started may hold it.
const lastWords = 200 * time.Millisecond

// end finds out why the process has ended, and lets those know who wait for it.
func (p *process) end() {
	p.out.w.(io.Closer).Close() // if it lives without the other pipe, it ends now
	timer := time.AfterFunc(time.Second, func() { p.cmd.Process.Kill() })
	p.cmd.Wait()
	timer.Stop()
	p.events.Close()
	endSession(p.cmd.Process.Pid)
	select {
	case <-p.heard:
	case <-time.After(lastWords):
	}
	p.mu.Lock()
	p.death.cause = explain(p.tail.String(), p.cmd.ProcessState, p.why, p.s.opt.Limit)
	p.death.cause.at = p.traced
	idle := true
	for _, c := range p.calls {
		idle = idle && (c.background || c.cell == nil || c.cell.Silent)
	}
	p.mu.Unlock()
	p.s.bury(p, idle)
	close(p.dead)
}

// begin sends a request and returns its number.
func (p *process) begin(m *message, c *pending) {
	p.mu.Lock()
	p.calls[m.Call] = c
	if m.Kind == execute {
		p.traced = nil
		p.tail.reset()
	}
	p.mu.Unlock()
	p.out.send(m) // if it fails the process is dead
}

// A tail keeps the beginning and the end of what was written to it: the runtime names the cause of its end first, and then tells
// of every goroutine.
type tail struct {
	mu          sync.Mutex
	first, last []byte
}

// maxTail bounds each half, in bytes.
const maxTail = 64 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(b), maxTail-len(t.first))
	t.first = append(t.first, b[:n]...)
	t.last = append(t.last, b[n:]...)
	if over := len(t.last) - maxTail; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.first) + string(t.last)
}

func (t *tail) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.first, t.last = nil, nil
}
