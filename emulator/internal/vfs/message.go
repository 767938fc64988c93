package vfs

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Flags of send and recv, from include/linux/socket.h.
const (
	MSG_OOB          = 0x1
	MSG_PEEK         = 0x2
	MSG_CTRUNC       = 0x8
	MSG_TRUNC        = 0x20
	MSG_DONTWAIT     = 0x40
	MSG_EOR          = 0x80
	MSG_WAITALL      = 0x100
	MSG_NOSIGNAL     = 0x4000
	MSG_MORE         = 0x8000
	MSG_CMSG_CLOEXEC = 0x40000000
)

// A Message is what is sent.
type Message struct {
	Data []byte
	To   *Addr // nil: where the socket is connected to
	// Files are the numbers of the descriptors sent along (SCM_RIGHTS), on AF_UNIX only.
	Files []int
}

// A Received is what has been received.
type Received struct {
	N     int // bytes stored
	Size  int // of the message, which may be more
	From  Addr
	Named bool   // From is set: the sender has an address
	Flags uint32 // MSG_TRUNC if bytes were lost, MSG_CTRUNC if descriptors were
	Files []int  // new descriptors
}

// Send sends a message and returns how many of its bytes. A stream may take fewer than all.
func (f *Files) Send(fd int, m Message, flags uint32) (int, error) {
	o, _, err := f.socket(fd)
	if err != nil {
		return 0, err
	}
	return f.send(o, m, flags)
}

func (f *Files) send(o *openFile, m Message, flags uint32) (int, error) {
	s := look[socket](&f.heap, o.obj)
	if flags&MSG_OOB != 0 {
		return 0, errno.EOPNOTSUPP
	}
	if s.family == AF_NETLINK {
		return f.sendNetlink(o.obj, m.Data)
	}
	if len(m.Files) > 0 && s.family != AF_UNIX {
		m.Files = nil
	}
	if !f.has(account.Message + min(len(m.Data), maxBuffer) + len(m.Files)*account.InFlight) {
		return 0, errno.ENOBUFS
	}
	for _, fd := range m.Files {
		if _, err := f.file(fd); err != nil {
			return 0, err
		}
	}
	if s.paired() {
		return f.sendPaired(o, s, m, flags)
	}
	to, id, err := f.datagramTarget(o.obj, m.To)
	if err != nil {
		return 0, err
	}
	s = look[socket](&f.heap, o.obj)
	if s.family != AF_UNIX && len(m.Data) > maxDatagram {
		return 0, errno.EMSGSIZE
	}
	if f.tooManyInFlight(m) {
		return 0, errno.ETOOMANYREFS
	}
	t := look[socket](&f.heap, id)
	switch {
	case t == nil && s.family == AF_UNIX:
		return 0, errno.ECONNREFUSED
	case t == nil:
		// The packet is answered by ICMP port unreachable, which only a connected socket gets to know.
		if s.state == connected && m.To == nil {
			edit[socket](&f.heap, o.obj).pending = errno.ECONNREFUSED
			f.notify(o.obj, EPOLLERR)
		}
		return len(m.Data), nil
	case s.family == AF_UNIX && len(m.Data) > t.space:
		return 0, errno.EMSGSIZE
	case len(t.messages) > 0 && t.queued()+len(m.Data) > t.space:
		if s.family != AF_UNIX {
			return len(m.Data), nil // UDP drops it
		}
		return 0, waiting(o, flags, id)
	}
	from := s.local
	if s.family != AF_UNIX && from.unspecified() {
		from.IP = self6
		if to.is4() {
			from.IP = self4
		}
	}
	from.Family = t.family
	f.deliver(id, datagram{from: from, data: slices.Clone(m.Data), files: f.grab(m.Files)})
	return len(m.Data), nil
}

// waiting is wouldWait for a call with flags of its own.
func waiting(o *openFile, flags uint32, id ID) error {
	if flags&MSG_DONTWAIT != 0 {
		return errno.EAGAIN
	}
	return o.wouldWait(id)
}

// deliver appends a message to what the socket has received.
func (f *Files) deliver(id ID, d datagram) {
	t := edit[socket](&f.heap, id)
	t.messages = append(t.messages, d)
	f.notify(id, EPOLLIN)
}

// tooManyInFlight says whether the message carries descriptors although more than RLIMIT_NOFILE of the user's are under way
// already: sent, and not received yet (unix(7), ETOOMANYREFS; too_many_unix_fds in the kernel's net/unix). What the message
// itself carries does not count, so the limit can be passed by one message's descriptors and one more.
func (f *Files) tooManyInFlight(m Message) bool { return len(m.Files) > 0 && f.inFlight > f.maxFDs }

// grab takes references to the open files of the descriptors, so that they live while they are under way.
func (f *Files) grab(fds []int) (files []ID) {
	f.inFlight += len(fds)
	for _, fd := range fds {
		id := f.fds[fd].file
		edit[openFile](&f.heap, id).refs++
		files = append(files, id)
	}
	return files
}

// datagramTarget returns where a message goes: the address and the socket there, 0 if there is none.
func (f *Files) datagramTarget(id ID, named *Addr) (Addr, ID, error) {
	s := look[socket](&f.heap, id)
	if s.pending != 0 {
		e := s.pending
		edit[socket](&f.heap, id).pending = 0
		return Addr{}, 0, e
	}
	if s.shutWr {
		return Addr{}, 0, errno.EPIPE
	}
	to := s.remote
	switch {
	case named != nil:
		a, err := s.check(*named)
		if err != nil {
			return a, 0, err
		}
		to = a
	case s.state != connected:
		if s.family == AF_UNIX {
			return to, 0, errno.ENOTCONN
		}
		return to, 0, errno.EDESTADDRREQ
	case s.family == AF_UNIX:
		return to, s.peer, nil
	}
	if s.family == AF_UNIX {
		peer, err := f.findName(to.Path)
		if err == nil && look[socket](&f.heap, peer).typ != s.typ {
			err = errno.EPROTOTYPE
		}
		return to, peer, err
	}
	to, err := to.destination()
	if err != nil {
		return to, 0, err
	}
	if to.Port == 0 {
		return to, 0, errno.EINVAL
	}
	if !s.bound {
		any := Addr{Family: s.family}
		if s.family == AF_INET {
			any.IP = any4
		}
		if err := f.bindPort(id, any); err != nil {
			return to, 0, err
		}
	}
	from := look[socket](&f.heap, id).local
	if from.unspecified() {
		from.IP = self6
		if to.is4() {
			from.IP = self4
		}
	}
	return to, f.findPort(SOCK_DGRAM, from, to, func(*socket) bool { return true }), nil
}

// sendPaired sends on a connection.
func (f *Files) sendPaired(o *openFile, s *socket, m Message, flags uint32) (int, error) {
	switch {
	case s.pending != 0 && s.state == broken:
		e := s.pending
		edit[socket](&f.heap, o.obj).pending = 0
		return 0, e
	case s.shutWr || s.state == broken:
		return 0, errno.EPIPE
	case s.state != connected:
		if s.family == AF_UNIX {
			return 0, errno.ENOTCONN
		}
		return 0, errno.EPIPE
	case m.To != nil && s.family == AF_UNIX:
		return 0, errno.EISCONN
	case s.peer == 0 && s.family == AF_UNIX:
		return 0, errno.EPIPE
	case s.peer == 0:
		// The other end is closed. The bytes leave; it answers them with a reset, which the next operation sees.
		if len(m.Data) > 0 {
			s = edit[socket](&f.heap, o.obj)
			s.state, s.pending = broken, errno.EPIPE
			f.notify(o.obj, EPOLLIN|EPOLLOUT|EPOLLERR|EPOLLHUP)
		}
		return len(m.Data), nil
	}
	p := look[socket](&f.heap, s.peer)
	free := p.space - p.queued()
	if s.typ == SOCK_SEQPACKET {
		switch {
		case len(m.Data) > p.space:
			return 0, errno.EMSGSIZE
		case f.tooManyInFlight(m):
			return 0, errno.ETOOMANYREFS
		case free < len(m.Data) && len(p.messages) > 0:
			return 0, waiting(o, flags, s.peer)
		}
		f.deliver(s.peer, datagram{from: s.local, data: slices.Clone(m.Data), files: f.grab(m.Files)})
		return len(m.Data), nil
	}
	if len(m.Data) == 0 {
		return 0, nil
	}
	if free <= 0 {
		return 0, waiting(o, flags, s.peer)
	}
	if f.tooManyInFlight(m) {
		return 0, errno.ETOOMANYREFS
	}
	n := min(free, len(m.Data))
	p = edit[socket](&f.heap, s.peer)
	if p.shutRead && s.family != AF_UNIX {
		return n, nil // nobody will read it
	}
	if len(m.Files) > 0 {
		p.rights = append(p.rights, rights{p.taken + int64(p.stream.size), f.grab(m.Files)})
	}
	p.stream.push(m.Data[:n])
	f.notify(s.peer, EPOLLIN)
	return n, nil
}

// Receive receives into b.
func (f *Files) Receive(fd int, b []byte, flags uint32) (Received, error) {
	o, _, err := f.socket(fd)
	if err != nil {
		return Received{}, err
	}
	return f.receive(o, b, flags)
}

func (f *Files) receive(o *openFile, b []byte, flags uint32) (Received, error) {
	s := look[socket](&f.heap, o.obj)
	if flags&MSG_OOB != 0 {
		return Received{}, errno.EINVAL
	}
	if s.streaming() {
		return f.receiveStream(o, s, b, flags)
	}
	if len(s.messages) == 0 {
		switch {
		case s.pending != 0:
			e := s.pending
			edit[socket](&f.heap, o.obj).pending = 0
			return Received{}, e
		case s.ended && s.paired() || s.shutRead:
			return Received{}, nil
		case s.paired() && s.state != connected:
			return Received{}, errno.ENOTCONN
		}
		return Received{}, waiting(o, flags, o.obj)
	}
	m := s.messages[0]
	r := Received{N: copy(b, m.data), Size: len(m.data), From: m.from, Named: s.family != AF_UNIX || m.from.Path != ""}
	if r.N < r.Size {
		r.Flags |= MSG_TRUNC
	}
	if flags&MSG_PEEK != 0 {
		return r, nil
	}
	s = edit[socket](&f.heap, o.obj)
	s.messages = shrunk(slices.Delete(s.messages, 0, 1))
	f.accept(&r, m.files, flags)
	f.notify(o.obj, EPOLLOUT)
	if s.paired() && s.peer != 0 {
		f.notify(s.peer, EPOLLOUT)
	}
	return r, nil
}

func (f *Files) receiveStream(o *openFile, s *socket, b []byte, flags uint32) (Received, error) {
	if s.state == idle || s.state == listening {
		if s.shutRead {
			return Received{}, nil
		}
		return Received{}, errno.ENOTCONN
	}
	if s.stream.size == 0 {
		switch {
		case s.pending == errno.EPIPE: // the end came before the reset
			edit[socket](&f.heap, o.obj).pending = 0
			return Received{}, nil
		case s.pending != 0:
			e := s.pending
			edit[socket](&f.heap, o.obj).pending = 0
			return Received{}, e
		case s.ended || s.shutRead || s.state == broken:
			return Received{}, nil
		case len(b) == 0:
			return Received{}, nil
		}
		return Received{}, waiting(o, flags, o.obj)
	}
	if flags&MSG_WAITALL != 0 && flags&MSG_PEEK == 0 && s.stream.size < min(len(b), s.space) && !s.ended && o.flags&O_NONBLOCK == 0 && flags&MSG_DONTWAIT == 0 {
		return Received{}, Wait{ID: o.obj}
	}
	// One read does not go past descriptors that came with a later byte.
	var came []ID
	for i, r := range s.rights {
		if at := int(r.at - s.taken); i == 0 && at == 0 {
			came = r.files
		} else {
			b = b[:min(len(b), at)]
			break
		}
	}
	n := s.stream.peek(b)
	r := Received{N: n, Size: n}
	if flags&MSG_PEEK != 0 {
		return r, nil
	}
	s = edit[socket](&f.heap, o.obj)
	s.stream.pop(n)
	s.taken += int64(n)
	if came != nil {
		s.rights = shrunk(slices.Delete(s.rights, 0, 1))
		f.accept(&r, came, flags)
	}
	// Both ends' keys: a blocking writer waits for the receiver, a set watches the sender.
	f.notify(o.obj, 0)
	if s.peer != 0 {
		f.notify(s.peer, EPOLLOUT)
	}
	return r, nil
}

// accept gives descriptors to open files that came with a message.
func (f *Files) accept(r *Received, files []ID, flags uint32) {
	f.inFlight -= len(files)
	for _, id := range files {
		fd, err := f.install(id, 0, flags&MSG_CMSG_CLOEXEC != 0)
		f.drop(id)
		if err != nil {
			r.Flags |= MSG_CTRUNC
			continue
		}
		r.Files = append(r.Files, fd)
	}
}
