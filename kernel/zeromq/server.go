package zeromq

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/rt0lab/rt0/kernel"
)

// A Server is the five sockets of a kernel.
type Server struct {
	key     []byte
	log     *log.Logger
	cancel  context.CancelFunc
	ctx     context.Context
	sockets map[kernel.Channel]*socket
	beat    zmq4.Socket
	meter   *meter // of iopub; may be nil
	readers sync.WaitGroup
	// subscribed is closed when a client has subscribed to iopub.
	subscribed chan struct{}
}

// A socket is written to by one goroutine at a time.
type socket struct {
	zmq4.Socket
	mu sync.Mutex
}

// Listen opens the sockets. Nothing is received before Serve, but clients can connect and send.
func Listen(c *Connection, logger *log.Logger) (*Server, error) {
	if err := registerGuards(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	quiet := zmq4.WithLogger(logger)
	s := &Server{key: []byte(c.Key), log: logger, ctx: ctx, cancel: cancel, subscribed: make(chan struct{}), beat: zmq4.NewRep(ctx, quiet), sockets: map[kernel.Channel]*socket{
		kernel.Shell:   {Socket: zmq4.NewRouter(ctx, quiet)},
		kernel.Control: {Socket: zmq4.NewRouter(ctx, quiet)},
		kernel.Stdin:   {Socket: zmq4.NewRouter(ctx, quiet)},
		kernel.IOPub:   {Socket: zmq4.NewPub(ctx, quiet)},
	}}
	s.meter = newMeter(ctx, s.sockets[kernel.IOPub], logger)
	publish, err := registerPublisher(c.Transport, sync.OnceFunc(func() { close(s.subscribed) }))
	if err != nil {
		s.Close()
		return nil, err
	}
	for _, l := range []struct {
		s      zmq4.Socket
		prefix string
		port   int
	}{{s.sockets[kernel.IOPub], publish, c.IOPub}, {s.beat, "rt0", c.Heartbeat}, {s.sockets[kernel.Stdin], "rt0", c.Stdin},
		{s.sockets[kernel.Control], "rt0", c.Control}, {s.sockets[kernel.Shell], "rt0", c.Shell}} {
		if err := l.s.Listen(l.prefix + c.address(l.port)); err != nil {
			s.Close()
			if errors.Is(err, syscall.EADDRINUSE) {
				err = fmt.Errorf("%w by another program; start the kernel again, and Jupyter finds other ports", syscall.EADDRINUSE)
			}
			return nil, fmt.Errorf("listen on %s: %w", c.address(l.port), err)
		}
	}
	return s, nil
}

// Send is the kernel.Sender of these sockets.
func (s *Server) Send(ch kernel.Channel, m *kernel.Message) error {
	to := s.sockets[ch]
	if to == nil {
		return fmt.Errorf("no channel %q", ch)
	}
	if ch == kernel.IOPub { // the prefix is the topic, to which clients may subscribe
		topic := *m
		topic.Identities = [][]byte{[]byte(m.Header.Type)}
		m = &topic
	}
	frames, err := encode(s.key, m)
	if err != nil {
		return err
	}
	if ch == kernel.IOPub && s.meter != nil && !s.meter.admit(s.ctx, frames) {
		return nil
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	return to.Send(zmq4.NewMsgFrom(frames...))
}

// Serve gives what arrives to receive, in one goroutine a socket, until Close.
func (s *Server) Serve(receive func(kernel.Channel, *kernel.Message)) {
	for _, ch := range []kernel.Channel{kernel.Shell, kernel.Control, kernel.Stdin} {
		s.readers.Add(1)
		go s.read(ch, receive)
	}
	s.readers.Add(1)
	go s.heartbeat()
	if s.meter != nil {
		go s.meter.read(s.ctx)
	}
}

func (s *Server) read(ch kernel.Channel, receive func(kernel.Channel, *kernel.Message)) {
	defer s.readers.Done()
	await := sync.OnceFunc(s.awaitSubscriber)
	for {
		msg, err := s.sockets[ch].Recv()
		switch {
		case s.ctx.Err() != nil:
			return
		case err != nil:
			s.log.Printf("%s: %v", ch, err)
			continue
		}
		m, err := decode(s.key, msg.Frames)
		if err != nil {
			s.log.Printf("%s: dropped: %v", ch, err)
			continue
		}
		if ch == kernel.Shell && m.Header.Type != "kernel_info_request" {
			await()
		}
		receive(ch, m)
	}
}

// subscribeWithin is how long the first cell waits for a client that subscribes.
const subscribeWithin = 2 * time.Second

// awaitSubscriber returns when a client has subscribed to iopub. Each socket of a client connects in its own time, and tries
// again later if the kernel did not listen yet; one that asks for a cell over shell before its other socket has subscribed would
// never hear that the cell is done. jupyter console then waits for ever.
func (s *Server) awaitSubscriber() {
	late := time.NewTimer(subscribeWithin)
	defer late.Stop()
	select {
	case <-s.subscribed:
	case <-late.C:
	case <-s.ctx.Done():
	}
}

// heartbeat sends back what comes: clients see that the process lives.
func (s *Server) heartbeat() {
	defer s.readers.Done()
	for {
		msg, err := s.beat.Recv()
		if s.ctx.Err() != nil {
			return
		}
		if err == nil {
			err = s.beat.Send(msg)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			s.log.Printf("heartbeat: %v", err)
		}
	}
}

// Close closes the sockets and waits for the goroutines that read them.
func (s *Server) Close() {
	s.cancel()
	for _, ch := range []kernel.Channel{kernel.Shell, kernel.Control, kernel.Stdin, kernel.IOPub} {
		s.sockets[ch].Close()
	}
	if s.meter != nil {
		s.meter.sub.Close()
	}
	s.beat.Close()
	s.readers.Wait()
}
