package vfs

import (
	"encoding/binary"
	"slices"

	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// Options of sockets, from include/uapi/asm-generic/socket.h, linux/tcp.h, linux/in.h and linux/in6.h.
const (
	SOL_SOCKET     = 1
	SO_DEBUG       = 1
	SO_REUSEADDR   = 2
	SO_TYPE        = 3
	SO_ERROR       = 4
	SO_DONTROUTE   = 5
	SO_BROADCAST   = 6
	SO_SNDBUF      = 7
	SO_RCVBUF      = 8
	SO_KEEPALIVE   = 9
	SO_OOBINLINE   = 10
	SO_PRIORITY    = 12
	SO_LINGER      = 13
	SO_REUSEPORT   = 15
	SO_PASSCRED    = 16
	SO_PEERCRED    = 17
	SO_RCVLOWAT    = 18
	SO_RCVTIMEO    = 20
	SO_SNDTIMEO    = 21
	SO_TIMESTAMP   = 29
	SO_ACCEPTCONN  = 30
	SO_PROTOCOL    = 38
	SO_DOMAIN      = 39
	SO_INCOMING    = 49
	TCP_NODELAY    = 1
	TCP_MAXSEG     = 2
	TCP_CORK       = 3
	TCP_KEEPIDLE   = 4
	TCP_KEEPINTVL  = 5
	TCP_KEEPCNT    = 6
	TCP_QUICKACK   = 12
	TCP_USERTIME   = 18
	IP_TOS         = 1
	IP_TTL         = 2
	IP_PKTINFO     = 8
	IP_MTU_DISC    = 10
	IP_RECVERR     = 11
	IP_MC_IF       = 32
	IP_MC_TTL      = 33
	IP_MC_LOOP     = 34
	IPV6_UNICAST   = 16
	IPV6_MC_IF     = 17
	IPV6_MC_HOPS   = 18
	IPV6_MC_LOOP   = 19
	IPV6_RECVERR   = 25
	IPV6_V6ONLY    = 26
	IPV6_RECVPKT   = 49
	IPV6_TCLASS    = 67
	IPV6_RECVTCLS  = 66
	optionIntBytes = 4
)

// An option is one that has no effect inside one machine and only has to be told again.
type option struct {
	level, name int
	value       string
}

// remembered are the options that are kept, with the value that they have at first.
var remembered = []struct{ level, name, value int }{
	{SOL_SOCKET, SO_DEBUG, 0},
	{SOL_SOCKET, SO_DONTROUTE, 0},
	{SOL_SOCKET, SO_BROADCAST, 0},
	{SOL_SOCKET, SO_KEEPALIVE, 0},
	{SOL_SOCKET, SO_OOBINLINE, 0},
	{SOL_SOCKET, SO_PRIORITY, 0},
	{SOL_SOCKET, SO_PASSCRED, 0},
	{SOL_SOCKET, SO_RCVLOWAT, 1},
	{SOL_SOCKET, SO_TIMESTAMP, 0},
	{IPPROTO_TCP, TCP_NODELAY, 0},
	{IPPROTO_TCP, TCP_MAXSEG, 65483},
	{IPPROTO_TCP, TCP_CORK, 0},
	{IPPROTO_TCP, TCP_KEEPIDLE, 7200},
	{IPPROTO_TCP, TCP_KEEPINTVL, 75},
	{IPPROTO_TCP, TCP_KEEPCNT, 9},
	{IPPROTO_TCP, TCP_QUICKACK, 1},
	{IPPROTO_TCP, TCP_USERTIME, 0},
	{IPPROTO_IP, IP_TOS, 0},
	{IPPROTO_IP, IP_TTL, 64},
	{IPPROTO_IP, IP_PKTINFO, 0},
	{IPPROTO_IP, IP_MTU_DISC, 1},
	{IPPROTO_IP, IP_RECVERR, 0},
	{IPPROTO_IP, IP_MC_IF, 0},
	{IPPROTO_IP, IP_MC_TTL, 1},
	{IPPROTO_IP, IP_MC_LOOP, 1},
	{IPPROTO_IPV6, IPV6_UNICAST, 64},
	{IPPROTO_IPV6, IPV6_MC_IF, 0},
	{IPPROTO_IPV6, IPV6_MC_HOPS, 1},
	{IPPROTO_IPV6, IPV6_MC_LOOP, 1},
	{IPPROTO_IPV6, IPV6_RECVERR, 0},
	{IPPROTO_IPV6, IPV6_RECVPKT, 0},
	{IPPROTO_IPV6, IPV6_TCLASS, 0},
	{IPPROTO_IPV6, IPV6_RECVTCLS, 0},
}

func intValue(v int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(v)) }

func boolValue(b bool) []byte {
	if b {
		return intValue(1)
	}
	return intValue(0)
}

// applies says whether the socket has options of the level.
func (s *socket) applies(level int) bool {
	switch level {
	case SOL_SOCKET:
		return true
	case IPPROTO_TCP:
		return s.protocol == IPPROTO_TCP
	case IPPROTO_IP:
		return s.family == AF_INET || s.family == AF_INET6
	case IPPROTO_IPV6:
		return s.family == AF_INET6
	}
	return false
}

// GetOption returns the value of an option. SO_ERROR clears what it tells.
func (f *Files) GetOption(fd, level, name int) ([]byte, error) {
	o, s, err := f.socket(fd)
	if err != nil {
		return nil, err
	}
	if !s.applies(level) {
		return nil, errno.ENOPROTOOPT
	}
	switch {
	case level == IPPROTO_IPV6 && name == IPV6_V6ONLY:
		return boolValue(s.v6only), nil
	case level == SOL_SOCKET:
		switch name {
		case SO_REUSEADDR:
			return boolValue(s.reuseAddr), nil
		case SO_REUSEPORT:
			return boolValue(s.reusePort), nil
		case SO_TYPE:
			return intValue(int(s.typ)), nil
		case SO_ERROR:
			e := s.pending
			if e != 0 {
				edit[socket](&f.heap, o.obj).pending = 0
			}
			return intValue(int(e)), nil
		case SO_SNDBUF, SO_RCVBUF:
			return intValue(s.space), nil
		case SO_ACCEPTCONN:
			return boolValue(s.state == listening), nil
		case SO_PROTOCOL:
			return intValue(int(s.protocol)), nil
		case SO_DOMAIN:
			return intValue(int(s.family)), nil
		case SO_LINGER:
			return append(boolValue(s.reset), intValue(0)...), nil
		case SO_RCVTIMEO, SO_SNDTIMEO:
			if v := s.option(level, name); v != "" {
				return []byte(v), nil
			}
			return make([]byte, 16), nil
		}
	}
	for _, r := range remembered {
		if r.level == level && r.name == name {
			if v := s.option(level, name); v != "" {
				return []byte(v), nil
			}
			return intValue(r.value), nil
		}
	}
	return nil, errno.ENOPROTOOPT
}

func (s *socket) option(level, name int) string {
	for _, o := range s.options {
		if o.level == level && o.name == name {
			return o.value
		}
	}
	return ""
}

// SetOption sets an option to a value as the guest's memory holds it.
func (f *Files) SetOption(fd, level, name int, value []byte) error {
	o, s, err := f.socket(fd)
	if err != nil {
		return err
	}
	if !s.applies(level) {
		return errno.ENOPROTOOPT
	}
	v := 0
	switch {
	case len(value) >= optionIntBytes:
		v = int(int32(binary.LittleEndian.Uint32(value)))
	case len(value) == 1 && level == IPPROTO_IP:
		v = int(value[0])
	default:
		return errno.EINVAL
	}
	s = edit[socket](&f.heap, o.obj)
	switch {
	case level == IPPROTO_IPV6 && name == IPV6_V6ONLY:
		if s.bound {
			return errno.EINVAL
		}
		s.v6only = v != 0
		return nil
	case level == SOL_SOCKET:
		switch name {
		case SO_REUSEADDR:
			s.reuseAddr = v != 0
			return nil
		case SO_REUSEPORT:
			s.reusePort = v != 0
			return nil
		case SO_RCVBUF:
			s.space = min(max(2*v, minBuffer), maxBuffer) // Linux doubles it, for its own overhead
			return nil
		case SO_SNDBUF:
			return nil // see tcpBuffer: there is none
		case SO_LINGER:
			if len(value) < 8 {
				return errno.EINVAL
			}
			s.reset = v != 0 && binary.LittleEndian.Uint32(value[4:]) == 0
			return nil
		case SO_RCVTIMEO, SO_SNDTIMEO:
			if len(value) < 16 {
				return errno.EINVAL
			}
			s.remember(level, name, string(value[:16]))
			return nil
		case SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN, SO_PEERCRED:
			return errno.ENOPROTOOPT
		}
	}
	for _, r := range remembered {
		if r.level == level && r.name == name {
			s.remember(level, name, string(intValue(v)))
			return nil
		}
	}
	return errno.ENOPROTOOPT
}

func (s *socket) remember(level, name int, value string) {
	s.options = slices.DeleteFunc(s.options, func(o option) bool { return o.level == level && o.name == name })
	s.options = append(s.options, option{level, name, value})
}

// Timeout returns how long in ns a call on the socket may wait, 0 for ever (SO_RCVTIMEO, or SO_SNDTIMEO if sending).
func (f *Files) Timeout(fd int, sending bool) int64 {
	_, s, err := f.socket(fd)
	if err != nil {
		return 0
	}
	name := SO_RCVTIMEO
	if sending {
		name = SO_SNDTIMEO
	}
	v := s.option(SOL_SOCKET, name)
	if v == "" {
		return 0
	}
	return int64(binary.LittleEndian.Uint64([]byte(v)))*1e9 + int64(binary.LittleEndian.Uint64([]byte(v[8:])))*1e3
}
