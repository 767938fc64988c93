package zeromq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"

	"github.com/rt0lab/rt0/internal/logsample"
)

// Anybody on this computer can connect to a port of a kernel, with or without the key. The library trusts its peers: it panics
// on a socket type that it does not know and on malformed metadata, allocates whatever length a frame claims, and greets one
// peer at a time. So the guard listens in its place. It greets each peer itself, gives the library a handshake of its own
// making, and passes on nothing from a peer without the key except what the port is for.

// The limits of peers that have not sent a message with a good signature. Sizes are in bytes.
const (
	unverifiedPeers   = 64        // connections a port; a new one takes the place of the oldest
	unverifiedFrame   = 16 << 20  // a frame
	unverifiedMessage = 64 << 20  // all frames of a message
	unverifiedFrames  = 64        // frames of a message
	unverifiedHeld    = 128 << 20 // unfinished messages of all peers together; the peer that holds most is dropped
	unverifiedQueued  = 32 << 20  // what all peers together have not read yet; the peer that is furthest behind is dropped
	maxHeartbeat      = 64 << 10  // a frame of a heartbeat, whoever sends it
	maxSubscription   = 4 << 10   // a subscription, whoever sends it
	maxTopics         = 256       // different subscriptions of a peer, whoever it is
	maxCommand        = 4 << 10   // a command, whoever sends it
)

// maxFrame bounds a frame of a peer that has the key, in bytes.
const maxFrame = 512 << 20

// greetWithin is how long a peer may take for the handshake. Nobody waits for it meanwhile.
const greetWithin = 10 * time.Second

// takenFor is how long a port may be taken. Whoever wrote the connection file found the port free and let go of it; another
// front end that looks for ports takes it for a moment to see whether it is free.
var takenFor = time.Second

// A port is one of the kernel's five addresses.
type port struct {
	name             string // in the log
	network, address string // for net.Listen
	socket           zmq4.SocketType
	peers            []string // socket types that may connect to ours (RFC 37, ZMTP 3.1)
	// verify returns nil for a message with a good signature. It is nil for ports where peers sign nothing.
	verify func(frames [][]byte) error
	// asked is whether peers ask and the kernel answers: nothing is sent to a peer that is not verified.
	asked bool
	// subscribed is called when the subscription of a peer is in force. It is nil for ports without subscriptions.
	subscribed func()
	roster     *roster
	log        *logsample.Sampler // of what peers cause, whoever they are

	// Guarded by roster.mu.
	open       map[*peer]struct{}
	unverified []*peer // those of open that count, in the order of their arrival
}

var (
	routerPeers = []string{"DEALER", "REQ", "ROUTER"}
	pubPeers    = []string{"SUB", "XSUB"}
	repPeers    = []string{"REQ", "DEALER"}
)

// registerGuard tells the library of the transport whose listeners are guards. It can be told once, and forgets nothing; the
// port comes with the context of the socket.
var registerGuard = sync.OnceValue(func() error { return zmq4.RegisterTransport(strings.TrimSuffix(guardPrefix, "://"), guardTransport{}) })

// guardPrefix stands in front of a port's name where the library wants an address.
const guardPrefix = "rt0://"

type portKey struct{}

// guarded returns a context for a socket that is to listen on p.
func guarded(ctx context.Context, p *port) context.Context {
	return context.WithValue(ctx, portKey{}, p)
}

type guardTransport struct{}

func (guardTransport) Listen(ctx context.Context, _ string) (net.Listener, error) {
	l, err := ctx.Value(portKey{}).(*port).listen(ctx)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (guardTransport) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	return nil, errors.ErrUnsupported
}

func (guardTransport) Addr(endpoint string) (string, error) { return endpoint, nil }

// listen opens the port. Its listener hands over peers that have been greeted, until ctx is done.
func (p *port) listen(ctx context.Context) (*guardListener, error) {
	if p.network == "unix" && len(p.address) > longestPath() {
		return nil, fmt.Errorf("the path has %d bytes, and a socket's has %d at most here; name a shorter folder in JUPYTER_RUNTIME_DIR",
			len(p.address), longestPath())
	}
	l, err := net.Listen(p.network, p.address)
	for begin := time.Now(); errors.Is(err, syscall.EADDRINUSE) && time.Since(begin) < takenFor; l, err = net.Listen(p.network, p.address) {
		if p.network == "unix" && removeStale(p.address) {
			continue
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	if p.network == "unix" && runtime.GOOS != "windows" { // whoever may write to the file may connect (unix(7)); no one else may, whatever the folder is like
		if err := os.Chmod(p.address, 0o600); err != nil {
			l.Close()
			return nil, err
		}
	}
	g := &guardListener{Listener: l, ready: make(chan *peer), closed: make(chan struct{})}
	go g.accept(ctx, p)
	return g, nil
}

// longestPath returns how many bytes the path of a socket may have: sun_path without the NUL (unix(7); unix(4) of macOS).
func longestPath() int {
	if runtime.GOOS == "darwin" {
		return 103
	}
	return 107
}

// removeStale removes a socket at which nobody listens: that of a kernel which was killed. Jupyter starts the next one with the
// same connection file.
func removeStale(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return false
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED) && os.Remove(path) == nil
}

// A guardListener hands over peers that have been greeted.
type guardListener struct {
	net.Listener
	ready  chan *peer
	closed chan struct{}
}

func (l *guardListener) accept(ctx context.Context, p *port) {
	defer close(l.closed)
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) || ctx.Err() != nil {
			if err == nil {
				c.Close()
			}
			return
		}
		if err != nil { // too many open files, most likely
			time.Sleep(10 * time.Millisecond)
			continue
		}
		q := p.roster.admit(p, c)
		if q == nil {
			c.Close()
			return
		}
		go func() {
			if err := q.greet(); err != nil {
				q.Close()
				p.refused(err)
				return
			}
			select {
			case l.ready <- q:
			case <-ctx.Done():
				q.Close()
			}
		}()
	}
}

// refused logs why a peer was dropped, unless it has just gone.
func (p *port) refused(err error) {
	var of protocolError
	if errors.As(err, &of) {
		p.log.Printf("%s: a connection is closed: %v", p.name, err)
	}
}

func (l *guardListener) Accept() (net.Conn, error) {
	q, err := l.next()
	if err != nil {
		return nil, err
	}
	return q, nil
}

func (l *guardListener) next() (*peer, error) {
	select {
	case q := <-l.ready:
		return q, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// A protocolError is what a peer did wrong.
type protocolError string

func (e protocolError) Error() string { return string(e) }

// errPeer is how the library learns that a connection is over: it forgets one only at io.EOF and at a net.Error that is no timeout.
type errPeer struct{ error }

func (errPeer) Timeout() bool   { return false }
func (errPeer) Temporary() bool { return false }

func (e errPeer) Unwrap() error { return e.error }
