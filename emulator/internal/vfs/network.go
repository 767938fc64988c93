package vfs

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A network is the loopback interface: who is bound to what. There is no other interface.
type network struct {
	header
	ports    map[portKey][]ID
	abstract map[string]ID // names of AF_UNIX sockets without a file
	next     uint16        // the ephemeral port to try first
	auto     uint32        // the last name given to an AF_UNIX socket that asked for none
}

func (n *network) clone() object {
	c := *n
	c.ports = make(map[portKey][]ID, len(n.ports))
	for k, v := range n.ports {
		c.ports[k] = slices.Clone(v)
	}
	c.abstract = maps.Clone(n.abstract)
	return &c
}

// price leaves out what is bound, which counts with each socket.
func (n *network) price() int64 { return 0 }

func (n *network) hashTo(h *hasher) {
	h.nums(uint64(n.next), uint64(n.auto), uint64(len(n.ports)), uint64(len(n.abstract)))
	keys := slices.Collect(maps.Keys(n.ports))
	sort.Slice(keys, func(i, j int) bool { return keys[i].before(keys[j]) })
	for _, k := range keys {
		h.nums(uint64(k.typ), uint64(k.port), uint64(len(n.ports[k])))
		for _, id := range n.ports[k] {
			h.num(uint64(id))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.abstract)) {
		h.str(name)
		h.num(uint64(n.abstract[name]))
	}
}

// reaches says whether a packet for the address reaches the socket, and how exactly: 0 not, 1 through the unspecified
// address, 2 by name.
func (s *socket) reaches(to Addr) int {
	switch {
	case s.family == AF_INET && !to.is4():
		return 0
	case s.local.IP == to.IP:
		return 2
	case s.local.IP == any4 && to.is4(), s.local.IP == any6 && (!to.is4() || !s.v6only):
		return 1
	}
	return 0
}

// conflicts says whether s cannot be bound to addr because of t.
func (s *socket) conflicts(t *socket, addr Addr) bool {
	u := *s
	u.local = addr
	if u.reaches(t.local) == 0 && t.reaches(addr) == 0 && !(addr.unspecified() && t.local.unspecified() && addr.IP == t.local.IP) {
		// Two unspecified addresses of different families overlap unless the IPv6 one keeps to itself.
		if !(addr.unspecified() && t.local.unspecified() && !u.v6only && !t.v6only) {
			return false
		}
	}
	return !(s.reusePort && t.reusePort || s.reuseAddr && t.reuseAddr && t.state != listening)
}

// bindPort binds the socket to the address, choosing a port if there is none.
func (f *Files) bindPort(id ID, addr Addr) error {
	s := look[socket](&f.heap, id)
	net := edit[network](&f.heap, f.net)
	free := func(port uint16) bool {
		a := addr
		a.Port = port
		return !slices.ContainsFunc(net.ports[portKey{s.typ, port}], func(t ID) bool {
			return s.conflicts(look[socket](&f.heap, t), a)
		})
	}
	if addr.Port == 0 {
		port := net.next
		for tries := 0; ; tries++ {
			if tries > lastEphemeral-firstEphemeral {
				return errno.EADDRINUSE
			}
			if len(net.ports[portKey{s.typ, port}]) == 0 {
				break
			}
			port = followingPort(port)
		}
		addr.Port = port
		net.next = followingPort(port)
	} else if !free(addr.Port) {
		return errno.EADDRINUSE
	}
	if !f.has(account.Bound) {
		return errno.ENOBUFS
	}
	k := portKey{s.typ, addr.Port}
	net.ports[k] = append(net.ports[k], id)
	s = edit[socket](&f.heap, id)
	s.local, s.bound = addr, true
	return nil
}

func followingPort(p uint16) uint16 {
	if p >= lastEphemeral {
		return firstEphemeral
	}
	return p + 1
}

// unbind gives the socket's address back.
func (f *Files) unbind(id ID) {
	s := look[socket](&f.heap, id)
	if !s.bound {
		return
	}
	net := edit[network](&f.heap, f.net)
	switch s.family {
	case AF_INET, AF_INET6:
		k := portKey{s.typ, s.local.Port}
		left := slices.DeleteFunc(net.ports[k], func(t ID) bool { return t == id })
		if net.ports[k] = left; len(left) == 0 {
			delete(net.ports, k)
		}
	case AF_UNIX:
		if strings.HasPrefix(s.local.Path, "\x00") {
			delete(net.abstract, s.local.Path)
		} else if n := f.editInode(s.file); n != nil {
			n.ipc = 0 // the name stays, as in Linux, and leads nowhere
		}
	}
}

// findPort returns the socket that a packet of the type from one address to another reaches: the most exactly bound one,
// and among equals one connected to the sender.
func (f *Files) findPort(typ uint16, from, to Addr, ok func(*socket) bool) ID {
	var best ID
	score := 0
	for _, id := range look[network](&f.heap, f.net).ports[portKey{typ, to.Port}] {
		s := look[socket](&f.heap, id)
		n := 2 * s.reaches(to)
		if n == 0 || !ok(s) {
			continue
		}
		if s.remote.Port != 0 && typ == SOCK_DGRAM {
			if s.remote.IP != from.IP || s.remote.Port != from.Port {
				continue
			}
			n++
		}
		if n > score {
			best, score = id, n
		}
	}
	return best
}

// bindName binds an AF_UNIX socket to a path or an abstract name; an empty one means: any abstract name.
func (f *Files) bindName(id ID, name string) error {
	net := edit[network](&f.heap, f.net)
	if name == "" {
		for taken := true; taken; _, taken = net.abstract[name] {
			net.auto++
			name = fmt.Sprintf("\x00%05x", net.auto&0xfffff)
		}
	}
	file := ID(0)
	if name[0] == 0 {
		if _, taken := net.abstract[name]; taken {
			return errno.EADDRINUSE
		}
		if !f.has(account.Bound) {
			return errno.ENOBUFS
		}
		net.abstract[name] = id
	} else {
		at, err := f.fresh(AT_FDCWD, name)
		switch {
		case err == errno.EEXIST:
			return errno.EADDRINUSE
		case err != nil:
			return err
		case at.slash:
			return errno.ENOENT
		}
		if file, err = f.create(at, S_IFSOCK|0o777&^f.umask); err != nil {
			return err
		}
		f.editInode(file).ipc = id
	}
	s := edit[socket](&f.heap, id)
	s.local, s.bound, s.file = Addr{Family: AF_UNIX, Path: name}, true, file
	return nil
}

// findName returns the AF_UNIX socket of that name.
func (f *Files) findName(name string) (ID, error) {
	if name == "" {
		return 0, errno.EINVAL
	}
	if name[0] == 0 {
		if id := look[network](&f.heap, f.net).abstract[name]; id != 0 {
			return id, nil
		}
		return 0, errno.ECONNREFUSED
	}
	at, err := f.find(AT_FDCWD, name, follow)
	if err != nil {
		return 0, err
	}
	n := f.inode(at.id)
	switch {
	case !n.allows(mayWrite):
		return 0, errno.EACCES
	case !n.is(S_IFSOCK) || n.ipc == 0:
		return 0, errno.ECONNREFUSED
	}
	return n.ipc, nil
}
