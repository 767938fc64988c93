package vfs

import (
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// maxBacklog is net.core.somaxconn.
const maxBacklog = 4096

// check returns the address as the socket may use it, or why not.
func (s *socket) check(a Addr) (Addr, error) {
	switch {
	case s.family == AF_INET6 && a.Family == AF_INET6:
		if a.is4() && s.v6only {
			return a, errno.ENETUNREACH
		}
	case s.family != a.Family:
		if s.family == AF_INET6 || s.family == AF_INET {
			return a, errno.EAFNOSUPPORT
		}
		return a, errno.EINVAL
	}
	return a, nil
}

// Bind gives the socket an address of its own.
func (f *Files) Bind(fd int, a Addr) error {
	o, s, err := f.socket(fd)
	if err != nil {
		return err
	}
	if a, err = s.check(a); err != nil {
		return err
	}
	if s.bound {
		return errno.EINVAL
	}
	switch s.family {
	case AF_UNIX:
		return f.bindName(o.obj, a.Path)
	case AF_NETLINK:
		n := edit[socket](&f.heap, o.obj)
		if n.local.PID = a.PID; a.PID == 0 {
			n.local.PID = uint32(o.obj)
		}
		return nil
	}
	switch {
	case !a.unspecified() && !a.loopback():
		return errno.EADDRNOTAVAIL
	case a.Port > 0 && a.Port < 1024:
		return errno.EACCES
	}
	return f.bindPort(o.obj, a)
}

// Listen makes the socket accept connections.
func (f *Files) Listen(fd, backlog int) error {
	o, s, err := f.socket(fd)
	switch {
	case err != nil:
		return err
	case !s.paired():
		return errno.EOPNOTSUPP
	case s.state != idle && s.state != listening:
		return errno.EINVAL
	}
	if !s.bound {
		if s.family == AF_UNIX {
			return errno.EINVAL
		}
		if err := f.bindPort(o.obj, s.local); err != nil {
			return err
		}
	}
	if s.family != AF_UNIX && s.state != listening {
		// SO_REUSEADDR lets two sockets be bound to one port, but not listen on it.
		for _, id := range look[network](&f.heap, f.net).ports[portKey{s.typ, look[socket](&f.heap, o.obj).local.Port}] {
			t := look[socket](&f.heap, id)
			if me := look[socket](&f.heap, o.obj); id != o.obj && t.state == listening && me.conflicts(t, me.local) {
				return errno.EADDRINUSE
			}
		}
	}
	s = edit[socket](&f.heap, o.obj)
	s.state = listening
	if s.limit = backlog; backlog < 0 || backlog > maxBacklog {
		s.limit = maxBacklog
	}
	return nil
}

// Accept takes the first connection that waits and returns its descriptor and the other end's address.
func (f *Files) Accept(fd int, flags uint32) (int, Addr, error) {
	if flags&^(SOCK_NONBLOCK|SOCK_CLOEXEC) != 0 {
		return -1, Addr{}, errno.EINVAL
	}
	o, s, err := f.socket(fd)
	switch {
	case err != nil:
		return -1, Addr{}, err
	case !s.paired():
		return -1, Addr{}, errno.EOPNOTSUPP
	case s.state != listening:
		return -1, Addr{}, errno.EINVAL
	case len(s.backlog) == 0:
		return -1, Addr{}, o.wouldWait(o.obj)
	}
	id := s.backlog[0]
	near := look[socket](&f.heap, id)
	nfd, err := f.openSocket(id, flags)
	s = edit[socket](&f.heap, o.obj)
	s.backlog = shrunk(slices.Delete(s.backlog, 0, 1))
	f.notify(o.obj, EPOLLOUT) // those who wait for room in the backlog
	return nfd, near.remote, err
}

// Connect connects the socket to the one bound to the address. Inside one machine that takes no time, so that even a
// non-blocking socket is connected when Connect returns.
func (f *Files) Connect(fd int, a Addr) error {
	o, s, err := f.socket(fd)
	if err != nil {
		return err
	}
	id := o.obj
	if a.Family == AF_UNSPEC && !s.paired() {
		s = edit[socket](&f.heap, id)
		s.remote, s.state, s.peer = Addr{Family: s.family}, idle, 0
		if s.family == AF_INET {
			s.remote.IP = any4
		}
		return nil
	}
	if a, err = s.check(a); err != nil {
		return err
	}
	if s.paired() {
		switch s.state {
		case connected, broken:
			return errno.EISCONN
		case listening:
			if s.family == AF_UNIX {
				return errno.EINVAL
			}
			return errno.EISCONN
		}
	}
	if s.family == AF_UNIX {
		return f.connectName(o, a)
	}
	if s.family == AF_NETLINK {
		edit[socket](&f.heap, id).remote = a
		return nil
	}
	if a, err = a.destination(); err != nil {
		return err
	}
	if a.Port == 0 {
		return errno.ECONNREFUSED
	}
	if err := f.bindForSending(id, a); err != nil {
		return err
	}
	s = look[socket](&f.heap, id)
	if s.typ == SOCK_DGRAM {
		s = edit[socket](&f.heap, id)
		s.remote, s.state = a, connected
		return nil
	}
	to := f.findPort(SOCK_STREAM, s.local, a, func(t *socket) bool { return t.state == listening })
	if to == 0 {
		return errno.ECONNREFUSED
	}
	return f.join(id, to, s.local, a)
}

// bindForSending gives a socket that has no address one from which packets for the address come.
func (f *Files) bindForSending(id ID, to Addr) error {
	s := look[socket](&f.heap, id)
	from := Addr{Family: s.family, IP: self6}
	if to.is4() {
		from.IP = self4
	}
	if !s.bound {
		return f.bindPort(id, from)
	}
	if s.local.unspecified() && s.typ == SOCK_STREAM {
		edit[socket](&f.heap, id).local.IP = from.IP
	}
	return nil
}

// connectName connects an AF_UNIX socket.
func (f *Files) connectName(o *openFile, a Addr) error {
	id := o.obj
	s := look[socket](&f.heap, id)
	to, err := f.findName(a.Path)
	if err != nil {
		return err
	}
	t := look[socket](&f.heap, to)
	if t.typ != s.typ {
		return errno.EPROTOTYPE
	}
	if !s.paired() {
		s = edit[socket](&f.heap, id)
		s.remote, s.peer, s.state = t.local, to, connected
		return nil
	}
	if t.state != listening {
		return errno.ECONNREFUSED
	}
	if len(t.backlog) > t.limit {
		return o.wouldWait(to)
	}
	return f.join(id, to, s.local, t.local)
}

// join makes a connection between the socket and a new one, which waits in the backlog of the listening socket to.
func (f *Files) join(id, to ID, local, remote Addr) error {
	t := look[socket](&f.heap, to)
	if len(t.backlog) > t.limit {
		return errno.ECONNREFUSED // Linux would try for minutes and give up with ETIMEDOUT
	}
	if !f.has(account.Socket + account.LeafSlot + account.Leaf) {
		return errno.ENOBUFS
	}
	near := &socket{
		family: t.family, typ: t.typ, protocol: t.protocol, state: connected, peer: id, space: t.space,
		local: remote, remote: local, v6only: t.v6only, reuseAddr: t.reuseAddr,
	}
	near.local.Family, near.remote.Family = t.family, t.family
	nid := f.heap.add(near)
	t = edit[socket](&f.heap, to)
	t.backlog = append(t.backlog, nid)
	s := edit[socket](&f.heap, id)
	s.state, s.peer, s.remote = connected, nid, remote
	s.remote.Family = s.family
	f.notify(to, EPOLLIN)
	f.notify(id, EPOLLOUT)
	return nil
}

// Getsockname returns the socket's own address.
func (f *Files) Getsockname(fd int) (Addr, error) {
	_, s, err := f.socket(fd)
	if err != nil {
		return Addr{}, err
	}
	return s.local, nil
}

// Getpeername returns the address of the other end.
func (f *Files) Getpeername(fd int) (Addr, error) {
	_, s, err := f.socket(fd)
	switch {
	case err != nil:
		return Addr{}, err
	case s.state != connected:
		return Addr{}, errno.ENOTCONN
	}
	return s.remote, nil
}

// Ways to shut a connection down.
const (
	SHUT_RD = iota
	SHUT_WR
	SHUT_RDWR
)

// Shutdown ends one or both directions of a connection.
func (f *Files) Shutdown(fd, how int) error {
	o, s, err := f.socket(fd)
	switch {
	case err != nil:
		return err
	case how < SHUT_RD || how > SHUT_RDWR:
		return errno.EINVAL
	case s.state == listening && s.family != AF_UNIX && how != SHUT_WR:
		// A listening socket that is shut down stops listening.
		s = edit[socket](&f.heap, o.obj)
		for _, id := range s.backlog {
			f.closeSocket(id)
		}
		s.backlog, s.state, s.shutRead = nil, idle, true
		f.notify(o.obj, EPOLLIN|EPOLLHUP)
		return nil
	case s.state != connected:
		return errno.ENOTCONN
	}
	s = edit[socket](&f.heap, o.obj)
	var far uint32
	if how != SHUT_RD && !s.shutWr {
		s.shutWr = true
		far |= EPOLLIN | EPOLLRDHUP
	}
	if how != SHUT_WR {
		s.shutRead = true
		far |= EPOLLOUT
	}
	if p := edit[socket](&f.heap, s.peer); p != nil && s.paired() {
		p.ended = p.ended || s.shutWr
		if s.family == AF_UNIX && s.shutRead {
			p.shutWr = true
		}
		f.notify(s.peer, far|EPOLLHUP)
	}
	f.notify(o.obj, EPOLLIN|EPOLLOUT|EPOLLRDHUP|EPOLLHUP)
	return nil
}
