package vfs

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Types of sockets and flags of socket(2).
const (
	SOCK_STREAM    = 1
	SOCK_DGRAM     = 2
	SOCK_RAW       = 3
	SOCK_SEQPACKET = 5
	SOCK_NONBLOCK  = O_NONBLOCK
	SOCK_CLOEXEC   = O_CLOEXEC
)

// Protocols.
const (
	IPPROTO_IP    = 0
	IPPROTO_TCP   = 6
	IPPROTO_UDP   = 17
	IPPROTO_IPV6  = 41
	NETLINK_ROUTE = 0
)

// Sizes of a socket's receive buffer in bytes: net.ipv4.tcp_rmem's middle value and net.core.rmem_default. Linux has a send
// buffer besides; here what was sent lies in the receiver's at once, so its size bounds what is under way.
const (
	tcpBuffer     = 131072
	defaultBuffer = 212992
	minBuffer     = 2304
	maxBuffer     = 2 * 212992
	maxDatagram   = 65507
)

// A connection's state.
type socketState uint8

const (
	idle socketState = iota
	listening
	connected
	broken // was connected; the other end has reset it, or is gone and was written to
)

// A socket is an end of a connection, or what waits to become one.
type socket struct {
	header
	watchers
	family, typ uint16
	protocol    uint16
	state       socketState
	bound       bool
	local       Addr
	remote      Addr
	file        ID // the name of an AF_UNIX socket

	peer     ID         // the other end of a connection; 0 when it is closed
	stream   queue      // received bytes, of a stream
	messages []datagram // received messages, of the other types
	rights   []rights   // descriptors that came with the bytes of a stream
	taken    int64      // bytes of the stream read so far
	space    int        // of the receive buffer in bytes

	backlog []ID // of a listening socket: the near ends of connections that nobody has accepted yet
	limit   int  // of the backlog

	ended            bool // no more will come: the other end has shut down writing
	shutRead, shutWr bool
	pending          errno.Errno // what SO_ERROR tells, and the next operation

	v6only, reuseAddr, reusePort bool
	reset                        bool     // SO_LINGER with time 0: close resets
	options                      []option // those that only have to be remembered
}

// A datagram is a message that waits to be read.
type datagram struct {
	from  Addr
	data  []byte // never changed
	files []ID   // open files that came with it
}

// rights are open files sent with the byte numbered at of a stream.
type rights struct {
	at    int64
	files []ID
}

func (s *socket) clone() object {
	c := *s
	c.watchers, c.stream = s.watchers.clone(), s.stream.clone()
	c.messages, c.rights = slices.Clone(s.messages), slices.Clone(s.rights)
	c.backlog, c.options = slices.Clone(s.backlog), slices.Clone(s.options)
	return &c
}

func (s *socket) price() int64 {
	p := account.Socket + s.stream.price() + int64(len(s.options))*account.Option
	for _, m := range s.messages {
		p += int64(account.Message + len(m.data) + len(m.files)*account.InFlight)
	}
	for _, r := range s.rights {
		p += int64(account.Part + len(r.files)*account.InFlight)
	}
	if s.bound {
		p += account.Bound
	}
	return p + int64(len(s.backlog))*account.LeafSlot
}

func (s *socket) hashTo(h *hasher) {
	s.watchers.hashTo(h)
	h.nums(uint64(s.family), uint64(s.typ), uint64(s.protocol), uint64(s.state), uint64(s.file), uint64(s.peer))
	h.nums(uint64(s.taken), uint64(s.space), uint64(s.limit), uint64(s.pending))
	s.local.hashTo(h)
	s.remote.hashTo(h)
	s.stream.hashTo(h)
	ids := func(ids []ID) {
		h.num(uint64(len(ids)))
		for _, id := range ids {
			h.num(uint64(id))
		}
	}
	h.num(uint64(len(s.messages)))
	for _, m := range s.messages {
		m.from.hashTo(h)
		h.bytes(m.data)
		ids(m.files)
	}
	h.num(uint64(len(s.rights)))
	for _, r := range s.rights {
		h.num(uint64(r.at))
		ids(r.files)
	}
	ids(s.backlog)
	for _, b := range [...]bool{s.bound, s.ended, s.shutRead, s.shutWr, s.v6only, s.reuseAddr, s.reusePort, s.reset} {
		h.flag(b)
	}
	h.num(uint64(len(s.options)))
	for _, o := range s.options {
		h.nums(uint64(o.level), uint64(o.name))
		h.str(o.value)
	}
}

// streaming says whether the socket keeps no bounds of messages.
func (s *socket) streaming() bool { return s.typ == SOCK_STREAM }

// paired says whether the socket sends to one peer that it is connected to, and not to addresses.
func (s *socket) paired() bool { return s.typ == SOCK_STREAM || s.typ == SOCK_SEQPACKET }

// messageOverhead is what a message counts in the receive buffer besides its bytes: the structures of an empty one
// (SKB_TRUESIZE(0) in include/linux/skbuff.h).
const messageOverhead = 576

// queued returns how many bytes of the receive buffer are taken.
func (s *socket) queued() int {
	n := s.stream.size
	for _, m := range s.messages {
		n += messageOverhead + len(m.data)
	}
	return n
}

// newSocket checks the arguments of socket(2) and makes one.
func (f *Files) newSocket(family, typ, protocol int) (ID, error) {
	s := &socket{family: uint16(family), typ: uint16(typ), protocol: uint16(protocol), space: defaultBuffer}
	s.local.Family, s.remote.Family = s.family, s.family
	switch family {
	case AF_UNIX:
		if protocol > 1 {
			return 0, errno.EPROTONOSUPPORT
		}
		if typ != SOCK_STREAM && typ != SOCK_DGRAM && typ != SOCK_SEQPACKET {
			return 0, errno.ESOCKTNOSUPPORT
		}
		s.protocol = 0
	case AF_INET, AF_INET6:
		want := 0
		switch typ {
		case SOCK_STREAM:
			want = IPPROTO_TCP
			s.space = tcpBuffer
		case SOCK_DGRAM:
			want = IPPROTO_UDP
		case SOCK_RAW:
			return 0, errno.EPERM // that takes CAP_NET_RAW
		default:
			return 0, errno.ESOCKTNOSUPPORT
		}
		if protocol != 0 && protocol != want {
			return 0, errno.EPROTONOSUPPORT
		}
		s.protocol = uint16(want)
		if family == AF_INET {
			s.local.IP, s.remote.IP = any4, any4
		}
	case AF_NETLINK:
		if typ != SOCK_RAW && typ != SOCK_DGRAM {
			return 0, errno.ESOCKTNOSUPPORT
		}
		if protocol != NETLINK_ROUTE {
			return 0, errno.EPROTONOSUPPORT
		}
	default:
		return 0, errno.EAFNOSUPPORT
	}
	if !f.has(objectPrice) {
		return 0, errno.ENOBUFS
	}
	return f.heap.add(s), nil
}

// openSocket gives the socket a descriptor.
func (f *Files) openSocket(id ID, flags uint32) (int, error) {
	o := &openFile{kind: kindSocket, obj: id, flags: O_RDWR | flags&O_NONBLOCK}
	return f.openAnonymous(o, S_IFSOCK|0o777, flags&O_CLOEXEC != 0)
}

// Socket makes a socket. typ may hold SOCK_NONBLOCK and SOCK_CLOEXEC.
func (f *Files) Socket(family, typ, protocol int) (int, error) {
	flags := uint32(typ) & (SOCK_NONBLOCK | SOCK_CLOEXEC)
	id, err := f.newSocket(family, typ&^(SOCK_NONBLOCK|SOCK_CLOEXEC), protocol)
	if err != nil {
		return -1, err
	}
	return f.openSocket(id, flags)
}

// Socketpair makes two AF_UNIX sockets that are connected to each other.
func (f *Files) Socketpair(family, typ, protocol int) (a, b int, err error) {
	flags := uint32(typ) & (SOCK_NONBLOCK | SOCK_CLOEXEC)
	if family != AF_UNIX {
		return -1, -1, errno.EOPNOTSUPP
	}
	var ids [2]ID
	for i := range ids {
		if ids[i], err = f.newSocket(family, typ&^(SOCK_NONBLOCK|SOCK_CLOEXEC), protocol); err != nil {
			if i > 0 {
				f.closeSocket(ids[0])
			}
			return -1, -1, err
		}
	}
	for i, id := range ids {
		s := edit[socket](&f.heap, id)
		s.peer, s.state = ids[1-i], connected
	}
	if a, err = f.openSocket(ids[0], flags); err != nil {
		f.closeSocket(ids[1])
		return -1, -1, err
	}
	if b, err = f.openSocket(ids[1], flags); err != nil {
		f.Close(a)
		return -1, -1, err
	}
	return a, b, nil
}

// socket returns the open file fd and the socket behind it.
func (f *Files) socket(fd int) (*openFile, *socket, error) {
	o, err := f.file(fd)
	if err != nil {
		return nil, nil, err
	}
	if o.kind != kindSocket {
		return nil, nil, errno.ENOTSOCK
	}
	return o, look[socket](&f.heap, o.obj), nil
}

// socketReady returns what poll tells of the socket.
func (f *Files) socketReady(id ID) (events uint32) {
	s := look[socket](&f.heap, id)
	if s.stream.size > 0 || len(s.messages) > 0 || len(s.backlog) > 0 || s.ended || s.shutRead {
		events |= EPOLLIN | EPOLLRDNORM
	}
	if s.ended || s.shutRead {
		events |= EPOLLRDHUP
	}
	if s.pending != 0 {
		events |= EPOLLERR | EPOLLIN
	}
	switch {
	case s.state == listening:
	case !s.paired():
		events |= EPOLLOUT | EPOLLWRNORM
	case s.state == connected:
		if p := look[socket](&f.heap, s.peer); p == nil || s.shutWr || 3*(p.space-p.queued()) >= p.space {
			events |= EPOLLOUT | EPOLLWRNORM
		}
		if s.ended && (s.shutWr || s.family == AF_UNIX && s.peer == 0) {
			events |= EPOLLHUP
		}
	default: // not connected yet, or no more
		events |= EPOLLOUT | EPOLLWRNORM | EPOLLHUP
	}
	return events
}

func (f *Files) socketAvailable(id ID) int {
	s := look[socket](&f.heap, id)
	if len(s.messages) > 0 {
		return len(s.messages[0].data)
	}
	return s.stream.size
}

// closeSocket ends a socket that no open file holds any more.
func (f *Files) closeSocket(id ID) {
	f.unbind(id)
	s := look[socket](&f.heap, id)
	f.heap.put(id, nil)
	for _, waiting := range s.backlog {
		f.closeSocket(waiting)
	}
	for _, m := range s.messages {
		f.dropAll(m.files)
	}
	for _, r := range s.rights {
		f.dropAll(r.files)
	}
	p := edit[socket](&f.heap, s.peer)
	if p == nil || p.peer != id {
		return
	}
	p.peer, p.ended = 0, true
	// A connection with bytes that nobody has read is reset (RFC 2525, 2.17; for AF_UNIX unix_release_sock).
	if s.paired() && (s.queued() > 0 || s.reset || s.state != connected) {
		p.pending = errno.ECONNRESET // what came before can still be read
		if p.family != AF_UNIX {
			p.state = broken
		}
	}
	f.notify(s.peer, EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLHUP)
}

// dropAll closes descriptors under way that nobody will receive.
func (f *Files) dropAll(files []ID) {
	f.inFlight -= len(files)
	for _, id := range files {
		f.drop(id)
	}
}
