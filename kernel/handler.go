package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"sync"
)

// A Sender delivers a message to the clients: on IOPub to all, elsewhere to the one that its Identities name. The Handler
// calls it from several goroutines.
type Sender func(Channel, *Message) error

// Options are what a Handler may be told.
type Options struct {
	// History keeps the inputs of this and of earlier sessions; nil keeps those of this session in memory.
	History *History
	// Ports answers connect_request: "shell_port" and so on.
	Ports map[string]int
	// Log receives what no client can be told, such as a message that makes no sense. It is discarded if nil.
	Log *log.Logger
}

// A Handler answers the requests of the clients of one Session.
type Handler struct {
	session Session
	send    Sender
	opt     Options
	id      string // our session, in the protocol's sense

	mu      sync.Mutex
	queue   []*Message         // shell requests that wait
	wake    chan struct{}      // something is in queue
	cancel  context.CancelFunc // ends the cell that runs; nil between cells
	comms   map[string]*Comm
	targets map[string]Target

	ctx      context.Context // ends with the kernel
	stop     context.CancelFunc
	shutdown chan bool     // what Done returns
	over     chan struct{} // the worker has ended
	answers  chan *Message // from the stdin channel
	count    int           // executions counted so far; the worker's alone
	doomed   []*Message    // cells that waited when one failed; the worker's alone
}

// NewHandler returns a Handler at work. It says at once on IOPub that the kernel is starting.
func NewHandler(s Session, send Sender, o Options) *Handler {
	if o.Log == nil {
		o.Log = log.New(io.Discard, "", 0)
	}
	if o.History == nil {
		o.History = NewHistory("")
	}
	h := &Handler{session: s, send: send, opt: o, id: newID(), wake: make(chan struct{}, 1), comms: map[string]*Comm{},
		targets: map[string]Target{}, shutdown: make(chan bool, 1), over: make(chan struct{}), answers: make(chan *Message, 1)}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.publish("status", nil, status{"starting"})
	go h.work()
	return h
}

// Done yields one value when a client has asked for the end and has its answer: whether the kernel will be started again.
func (h *Handler) Done() <-chan bool { return h.shutdown }

// Close ends the cell that runs, and the Session.
func (h *Handler) Close() {
	h.stop()
	h.Interrupt()
	<-h.over
	h.session.Close()
}

// Receive takes a request. It returns at once for Shell and Stdin; on Control the request is answered before it returns,
// while a cell may be running.
func (h *Handler) Receive(ch Channel, m *Message) {
	switch ch {
	case Shell:
		h.mu.Lock()
		h.queue = append(h.queue, m)
		h.mu.Unlock()
		select {
		case h.wake <- struct{}{}:
		default:
		}
	case Control:
		h.handle(Control, m)
	case Stdin:
		if m.Header.Type != "input_reply" {
			h.opt.Log.Printf("stdin: message of type %q ignored", m.Header.Type)
			return
		}
		select {
		case h.answers <- m:
		default: // nobody asked
		}
	}
}

// Interrupt ends the cell that runs, if one does. It is what interrupt_request and SIGINT mean.
func (h *Handler) Interrupt() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel != nil {
		h.cancel()
	}
}

// work handles shell requests in the order of their arrival.
func (h *Handler) work() {
	defer close(h.over)
	for {
		h.mu.Lock()
		var m *Message
		if len(h.queue) > 0 {
			m, h.queue = h.queue[0], h.queue[1:]
		}
		h.mu.Unlock()
		if m != nil {
			h.handle(Shell, m)
			h.abort()
			continue
		}
		select {
		case <-h.wake:
		case <-h.ctx.Done():
			return
		}
		if h.ctx.Err() != nil {
			return
		}
	}
}

// requests are the message types that are answered. Shell and Control take the same ones, as the protocol recommends for all
// but execution.
var requests = map[string]func(*Handler, Channel, *Message) error{
	"kernel_info_request": (*Handler).kernelInfo,
	"connect_request":     (*Handler).connect,
	"execute_request":     (*Handler).execute,
	"complete_request":    (*Handler).complete,
	"inspect_request":     (*Handler).inspect,
	"is_complete_request": (*Handler).isComplete,
	"history_request":     (*Handler).history,
	"comm_info_request":   (*Handler).commInfo,
	"comm_open":           (*Handler).commOpen,
	"comm_msg":            (*Handler).commMsg,
	"comm_close":          (*Handler).commClose,
	"interrupt_request":   (*Handler).interrupt,
	"shutdown_request":    (*Handler).shutdownRequest,
}

// shellOnly are the requests that need what the cells have defined: on Control they would race with the cell that runs.
var shellOnly = map[string]bool{"execute_request": true, "complete_request": true, "inspect_request": true}

// handle answers one request between "busy" and "idle".
func (h *Handler) handle(ch Channel, m *Message) {
	h.publish("status", m, status{"busy"})
	defer h.publish("status", m, status{"idle"})
	defer func() {
		if p := recover(); p != nil {
			h.opt.Log.Printf("%s: panic: %v\n%s", m.Header.Type, p, debug.Stack())
			h.fail(ch, m, fmt.Errorf("the kernel failed: %v", p))
		}
	}()
	answer := requests[m.Header.Type]
	if answer == nil || ch == Control && shellOnly[m.Header.Type] {
		h.opt.Log.Printf("%s: no answer to a message of type %q", ch, m.Header.Type)
		return
	}
	if err := answer(h, ch, m); err != nil {
		h.fail(ch, m, err)
	}
}

// fail answers a request that cannot be understood.
func (h *Handler) fail(ch Channel, m *Message, err error) {
	h.opt.Log.Printf("%s: %v", m.Header.Type, err)
	if typ, ok := replyType(m.Header.Type); ok {
		h.post(ch, typ, m, newErrorReply(asCellError(err)))
	}
}

// replyType returns the type of the answer to a type of request; comm messages have none.
func replyType(request string) (string, bool) {
	const suffix = "_request"
	if n := len(request) - len(suffix); n > 0 && request[n:] == suffix {
		return request[:n] + "_reply", true
	}
	return "", false
}

// reply answers m with a type that follows from m's.
func (h *Handler) reply(ch Channel, m *Message, content any) error {
	typ, _ := replyType(m.Header.Type)
	h.post(ch, typ, m, content)
	return nil
}

// publish tells all clients. Nobody waits for its success.
func (h *Handler) publish(typ string, parent *Message, content any) {
	h.post(IOPub, typ, parent, content)
}

// post sends a message and returns its id.
func (h *Handler) post(ch Channel, typ string, parent *Message, content any) (id string) {
	m, err := h.newMessage(typ, parent, content)
	if err == nil {
		id = m.Header.ID
		err = h.send(ch, m)
	}
	if err != nil {
		h.opt.Log.Printf("%s: %v", ch, err)
	}
	return id
}

// decode reads a request's content.
func decode(m *Message, content any) error {
	if len(m.Content) == 0 {
		return fmt.Errorf("%s without content", m.Header.Type)
	}
	if err := json.Unmarshal(m.Content, content); err != nil {
		return fmt.Errorf("%s: %w", m.Header.Type, err)
	}
	return nil
}
