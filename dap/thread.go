package dap

import (
	"fmt"
	"strings"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator/history"
)

// A thread is what the protocol calls one: a goroutine, or a thread of the system that runs none.
type thread struct {
	id   int
	name string
	tid  int    // 0 for a goroutine that no thread runs
	g    uint64 // of a goroutine
}

// Numbers of threads: goroutines have their own, up to maxThreads of them; system threads follow far behind.
const (
	systemThread = 1 << 30
	maxThreads   = 1000
)

// findThreads lists goroutines and system threads.
func (s *session) findThreads() []thread {
	var list []thread
	busy := map[int]bool{}
	for _, g := range s.past.Goroutines() {
		if len(list) == maxThreads && g.TID == 0 {
			continue
		}
		name := fmt.Sprintf("goroutine %d", g.ID)
		if g.Start != "" {
			name += " " + g.Start
		}
		if g.TID != 0 {
			busy[g.TID] = true
			name += fmt.Sprintf(" (thread %d)", g.TID)
		} else {
			name += " (" + strings.ToLower(strings.TrimPrefix(g.Status, "_G")) + ")"
		}
		list = append(list, thread{int(g.ID), name, g.TID, g.G})
	}
	for _, t := range s.past.Machine().Threads() {
		if busy[t.TID] {
			continue
		}
		name := fmt.Sprintf("thread %d, %s", t.TID, t.State)
		if t.Waiting != "" {
			name += " for " + t.Waiting
		}
		list = append(list, thread{id: systemThread + t.TID, name: name, tid: t.TID})
	}
	return list
}

func (s *session) listThreads(r *dap.ThreadsRequest) error {
	if s.threads == nil && s.move == nil {
		s.threads = s.findThreads()
	}
	list := []dap.Thread{}
	for _, t := range s.threads {
		list = append(list, dap.Thread{Id: t.id, Name: t.name})
	}
	s.reply(r, &dap.ThreadsResponse{Body: dap.ThreadsResponseBody{Threads: list}})
	return nil
}

// threadOf returns the number of the goroutine that the system thread runs, else its own.
func (s *session) threadOf(tid int) int {
	for _, t := range s.threads {
		if t.tid == tid && t.tid != 0 {
			return t.id
		}
	}
	return systemThread + tid
}

func (s *session) threadNumbered(id int) (thread, error) {
	for _, t := range s.threads {
		if t.id == id {
			return t, nil
		}
	}
	return thread{}, fmt.Errorf("there is no thread %d now", id)
}

// tidOf returns the system thread to step when the client steps a thread.
func (s *session) tidOf(id int) (int, error) {
	t, err := s.threadNumbered(id)
	if err != nil {
		return 0, err
	}
	if t.tid == 0 {
		return 0, fmt.Errorf("%s does not run: set a breakpoint where it goes on", t.name)
	}
	return t.tid, nil
}

// A frame is one that the client has been told of.
type frame struct {
	history.Frame
	thread thread
}

func (s *session) stackTrace(r *dap.StackTraceRequest) error {
	t, err := s.threadNumbered(r.Arguments.ThreadId)
	if err != nil {
		return err
	}
	stack, err := s.stackOf(t)
	if err != nil {
		return err
	}
	first := max(0, min(r.Arguments.StartFrame, len(stack)))
	last := len(stack)
	if n := r.Arguments.Levels; n > 0 && n < last-first {
		last = first + n
	}
	out := []dap.StackFrame{}
	for i := first; i < last; i++ {
		s.frames = append(s.frames, frame{stack[i], t})
		out = append(out, s.stackFrame(len(s.frames), &stack[i]))
	}
	s.reply(r, &dap.StackTraceResponse{Body: dap.StackTraceResponseBody{StackFrames: out, TotalFrames: len(stack)}})
	return nil
}

func (s *session) stackOf(t thread) ([]history.Frame, error) {
	if t.tid == 0 {
		return s.past.ParkedStack(t.g), nil
	}
	cur, err := s.past.Thread(t.tid)
	if err != nil {
		return nil, err
	}
	return s.past.Stack(&cur), nil
}

func (s *session) stackFrame(id int, f *history.Frame) dap.StackFrame {
	out := dap.StackFrame{Id: id, Name: f.Func, InstructionPointerReference: fmt.Sprintf("%#x", f.PC)}
	if out.Name == "" {
		out.Name = fmt.Sprintf("%#x", f.PC)
	}
	if f.Inlined {
		out.Name += " (inlined)"
	}
	if f.File != "" {
		out.Source = source(f.File)
		out.Line, out.Column = s.clientLine(f.Line), s.clientLine(1)
	}
	return out
}

// frameNumbered returns what a frame's number stands for; 0 is the top frame of the thread whose turn it is.
func (s *session) frameNumbered(id int) (frame, error) {
	if id >= 1 && id <= len(s.frames) {
		return s.frames[id-1], nil
	}
	if id != 0 {
		return frame{}, fmt.Errorf("there is no frame %d now", id)
	}
	cur := s.past.Machine().Current()
	f := frame{thread: thread{tid: cur.TID}}
	for _, t := range s.threads {
		if t.tid == cur.TID {
			f.thread = t
		}
	}
	if cur.TID != 0 {
		f.Frame = s.past.Stack(&cur)[0]
	}
	return f, nil
}

// clientLine and ourLine convert line and column numbers: ours count from 1.
func (s *session) clientLine(n int) int {
	if s.oneBased {
		return n
	}
	return n - 1
}

func (s *session) ourLine(n int) int {
	if s.oneBased {
		return n
	}
	return n + 1
}
