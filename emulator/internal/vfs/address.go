package vfs

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Address families, from include/linux/socket.h.
const (
	AF_UNSPEC  = 0
	AF_UNIX    = 1
	AF_INET    = 2
	AF_INET6   = 10
	AF_NETLINK = 16
)

// An Addr is the address of a socket.
type Addr struct {
	Family uint16
	// IP is the address of AF_INET6, or of AF_INET in the form ::ffff:a.b.c.d, so that the two can be compared.
	IP   [16]byte
	Port uint16
	// Path is the name of an AF_UNIX socket; that of an abstract one begins with a zero byte.
	Path string
	// PID is the port of a netlink socket.
	PID uint32
}

// IPv4 returns the AF_INET address.
func IPv4(a, b, c, d byte, port uint16) Addr {
	return Addr{Family: AF_INET, IP: [16]byte{10: 0xff, 11: 0xff, 12: a, 13: b, 14: c, 15: d}, Port: port}
}

var (
	any4  = [16]byte{10: 0xff, 11: 0xff}
	any6  = [16]byte{}
	self4 = [16]byte{10: 0xff, 11: 0xff, 12: 127, 15: 1}
	self6 = [16]byte{15: 1}
)

// is4 says whether the address is one of IPv4, in whatever family.
func (a Addr) is4() bool { return [12]byte(a.IP[:12]) == [12]byte(any4[:12]) }

// unspecified says whether the address stands for all of the machine's own.
func (a Addr) unspecified() bool { return a.IP == any4 || a.IP == any6 }

// loopback says whether the address is one of the loopback interface, the only one there is.
func (a Addr) loopback() bool { return a.is4() && a.IP[12] == 127 || a.IP == self6 }

// destination returns where a packet for a goes: a host that sends to the unspecified address sends to itself.
func (a Addr) destination() (Addr, error) {
	switch {
	case a.IP == any4:
		a.IP = self4
	case a.IP == any6:
		a.IP = self6
	case !a.loopback():
		return a, errno.ENETUNREACH
	}
	return a, nil
}

func (a Addr) hashTo(h *hasher) {
	h.nums(uint64(a.Family), uint64(a.Port), uint64(a.PID))
	h.Write(a.IP[:])
	h.str(a.Path)
}

// A portKey names a port of TCP or UDP; the two have their own.
type portKey struct {
	typ  uint16
	port uint16
}

func (a portKey) before(b portKey) bool { return a.typ < b.typ || a.typ == b.typ && a.port < b.port }

// Range of ports given to those who ask for none (/proc/sys/net/ipv4/ip_local_port_range).
const (
	firstEphemeral = 32768
	lastEphemeral  = 60999
)
