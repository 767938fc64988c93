package zeromq

import (
	"context"
	"errors"
	"fmt"
	"log"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/rt0lab/rt0/internal/logsample"
	"github.com/rt0lab/rt0/kernel"
)

// A Server is the five sockets of a kernel.
type Server struct {
	key     []byte
	log     *log.Logger
	cancel  context.CancelFunc
	ctx     context.Context
	sockets map[kernel.Channel]*socket
	beat    *guardListener // of heartbeats
	roster  roster
	meter   *meter // of iopub; may be nil
	readers sync.WaitGroup
	// subscribed is closed when a client has subscribed to iopub.
	subscribed chan struct{}
	// session is that of the messages that we send.
	session atomic.Pointer[string]
}

// A socket is written to by one goroutine at a time.
type socket struct {
	zmq4.Socket
	mu sync.Mutex
}

// Listen opens the sockets. Nothing is received before Serve, but clients can connect and send.
func Listen(c *Connection, logger *log.Logger) (*Server, error) {
	if err := registerGuard(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{key: []byte(c.Key), log: logger, ctx: ctx, cancel: cancel, subscribed: make(chan struct{}), sockets: map[kernel.Channel]*socket{}}
	quiet := zmq4.WithLogger(logger)
	strangers := &logsample.Sampler{Print: func(line string) { logger.Print(line) }}
	network, _ := c.listenOn(0)
	if network == "tcp" && c.Key == "" {
		logger.Print("the connection file has no key: whoever reaches a port can run cells")
	}
	for _, p := range []struct {
		channel kernel.Channel
		number  int
		port    port
		open    func(context.Context, ...zmq4.Option) zmq4.Socket
	}{
		{kernel.IOPub, c.IOPub, port{socket: zmq4.Pub, peers: pubPeers, subscribed: sync.OnceFunc(func() { close(s.subscribed) })}, zmq4.NewPub},
		{heartbeat, c.Heartbeat, port{socket: zmq4.Rep, peers: repPeers}, nil},
		{kernel.Stdin, c.Stdin, port{socket: zmq4.Router, peers: routerPeers, verify: s.verify}, zmq4.NewRouter},
		{kernel.Control, c.Control, port{socket: zmq4.Router, peers: routerPeers, verify: s.verify, asked: true}, zmq4.NewRouter},
		{kernel.Shell, c.Shell, port{socket: zmq4.Router, peers: routerPeers, verify: s.verify, asked: true}, zmq4.NewRouter},
	} {
		g := &p.port
		g.name, g.log = string(p.channel), strangers
		g.network, g.address = c.listenOn(p.number)
		s.roster.add(g)
		var err error
		if p.open == nil {
			s.beat, err = g.listen(ctx)
		} else {
			sock := p.open(guarded(ctx, g), quiet)
			s.sockets[p.channel] = &socket{Socket: sock}
			if p.channel == kernel.IOPub {
				s.meter = newMeter(ctx, sock, logger)
			}
			err = sock.Listen(guardPrefix + g.name)
		}
		if err != nil {
			s.Close()
			if errors.Is(err, syscall.EADDRINUSE) {
				err = fmt.Errorf("%w by another program; start the kernel again, and Jupyter finds other ports", syscall.EADDRINUSE)
			}
			return nil, fmt.Errorf("listen on %s: %w", c.address(p.number), err)
		}
	}
	return s, nil
}

// heartbeat is the name of the port that is no channel of messages.
const heartbeat kernel.Channel = "heartbeat"

// errOwn says that a message of ours came back. Everybody may read iopub, with good signatures.
var errOwn = errors.New("a message that the kernel has sent itself")

// verify returns nil if a client with the key has sent a message.
func (s *Server) verify(frames [][]byte) error {
	m, err := decode(s.key, frames)
	if err != nil {
		return err
	}
	if own := s.session.Load(); own != nil && m.Header.Session == *own {
		return errOwn
	}
	return nil
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
	if own := m.Header.Session; own != "" && s.session.Load() == nil {
		s.session.Store(&own)
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
var subscribeWithin = 2 * time.Second

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
		q, err := s.beat.next()
		if err != nil {
			return
		}
		s.readers.Add(1)
		go func() {
			defer s.readers.Done()
			q.port.refused(q.echo())
			q.Close()
		}()
	}
}

// Close closes the sockets and waits for the goroutines that read them.
func (s *Server) Close() {
	s.cancel()
	for _, sock := range s.sockets {
		sock.Close()
	}
	if s.meter != nil {
		s.meter.sub.Close()
	}
	if s.beat != nil {
		s.beat.Close()
	}
	s.roster.close()
	s.readers.Wait()
}
