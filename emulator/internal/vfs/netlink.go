package vfs

import (
	"encoding/binary"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Messages of NETLINK_ROUTE, from include/uapi/linux/rtnetlink.h, netlink.h and if_link.h.
const (
	nlmsgError    = 2
	nlmsgDone     = 3
	rtmNewLink    = 16
	rtmGetLink    = 18
	rtmNewAddr    = 20
	rtmGetAddr    = 22
	rtmGetRoute   = 26
	nlmFMulti     = 2
	arphrdLo      = 772
	iffUp         = 0x1 | 0x8 | 0x40 | 0x10000 // up, loopback, running, lower up
	iflaAddress   = 1
	iflaBroadcast = 2
	iflaIfname    = 3
	iflaMTU       = 4
	ifaAddress    = 1
	ifaLocal      = 2
	ifaLabel      = 3
	scopeHost     = 254
	loIndex       = 1
	loMTU         = 65536
	netlinkHeader = 16
	netlinkReply  = 512 // bytes that no answer exceeds
)

// sendNetlink answers a question about interfaces: there is one, lo, with the addresses 127.0.0.1/8 and ::1/128.
func (f *Files) sendNetlink(id ID, b []byte) (int, error) {
	if len(b) < netlinkHeader || int(binary.LittleEndian.Uint32(b)) > len(b) {
		return 0, errno.EINVAL
	}
	seq := binary.LittleEndian.Uint32(b[8:])
	family := byte(AF_UNSPEC)
	if len(b) > netlinkHeader {
		family = b[netlinkHeader]
	}
	if s := look[socket](&f.heap, id); s.queued() > s.space || !f.has(account.Message+netlinkReply) {
		return 0, errno.ENOBUFS
	}
	s := edit[socket](&f.heap, id)
	if s.local.PID == 0 {
		s.local.PID = uint32(id)
	}
	pid := s.local.PID
	var out []byte
	message := func(typ, flags uint16, body ...[]byte) {
		p := slices.Concat(body...)
		out = binary.LittleEndian.AppendUint32(out, uint32(netlinkHeader+len(p)))
		out = binary.LittleEndian.AppendUint16(out, typ)
		out = binary.LittleEndian.AppendUint16(out, flags)
		out = binary.LittleEndian.AppendUint32(out, seq)
		out = binary.LittleEndian.AppendUint32(out, pid)
		out = append(out, p...)
	}
	done := true
	switch typ := binary.LittleEndian.Uint16(b[4:]); typ {
	case rtmGetLink:
		info := make([]byte, 16) // struct ifinfomsg
		binary.LittleEndian.PutUint16(info[2:], arphrdLo)
		binary.LittleEndian.PutUint32(info[4:], loIndex)
		binary.LittleEndian.PutUint32(info[8:], iffUp)
		message(rtmNewLink, nlmFMulti, info,
			attribute(iflaIfname, []byte("lo\x00")),
			attribute(iflaMTU, intValue(loMTU)),
			attribute(iflaAddress, make([]byte, 6)),
			attribute(iflaBroadcast, make([]byte, 6)))
	case rtmGetAddr:
		if family != AF_INET6 {
			ip := self4[12:]
			message(rtmNewAddr, nlmFMulti, []byte{AF_INET, 8, 0x80, scopeHost, loIndex, 0, 0, 0},
				attribute(ifaAddress, ip), attribute(ifaLocal, ip), attribute(ifaLabel, []byte("lo\x00")))
		}
		if family != AF_INET {
			message(rtmNewAddr, nlmFMulti, []byte{AF_INET6, 128, 0x80, scopeHost, loIndex, 0, 0, 0}, attribute(ifaAddress, self6[:]))
		}
	case rtmGetRoute: // none but the local ones, which are not in the table that is asked for
	default:
		done = false
		message(nlmsgError, 0, intValue(-int(errno.EOPNOTSUPP)), b[:netlinkHeader])
	}
	if done {
		message(nlmsgDone, nlmFMulti, make([]byte, 4))
	}
	f.deliver(id, datagram{from: Addr{Family: AF_NETLINK}, data: out})
	return len(b), nil
}

// attribute returns a struct rtattr, padded to 4 bytes.
func attribute(typ uint16, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(4+len(value)))
	b = binary.LittleEndian.AppendUint16(b, typ)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
