// Package listen opens the TCP ports at which rt0 waits for clients, and keeps strangers away from those that hand over a
// user's files and programs.
package listen

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// TCP listens at addr, which is HOST:PORT. Without a host it is 127.0.0.1, where only this computer's programs are. The
// listener's address is the system's, but one that stands for all addresses is written as addr has it. Errors name flag, the
// command's flag that the address comes from.
func TCP(flag, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%s %s: want HOST:PORT", flag, addr)
	}
	if host == "" {
		host = "127.0.0.1"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w; give another with %[1]s HOST:PORT", flag, addr, err)
	}
	return &listener{l, host}, nil
}

// A listener knows the host that the user gave. For 0.0.0.0 the system's address is [::], all addresses of both families.
type listener struct {
	net.Listener
	host string
}

func (l *listener) Addr() net.Addr {
	if a, ok := l.Listener.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
		return givenAddr{a, l.host}
	}
	return l.Listener.Addr()
}

type givenAddr struct {
	*net.TCPAddr
	host string
}

func (a givenAddr) String() string { return net.JoinHostPort(a.host, strconv.Itoa(a.Port)) }

// Reachable returns an address of the listener to which programs on this computer can connect: a loopback address if it listens
// at all addresses, else its own.
func Reachable(l net.Listener) string {
	a, ok := l.Addr().(givenAddr)
	switch {
	case !ok:
		return l.Addr().String()
	case strings.Contains(a.host, ":"):
		a.host = "::1"
	default:
		a.host = "127.0.0.1"
	}
	return a.String()
}

// Exposed says in a sentence that other computers can reach the listener; it returns "" for one at a loopback address.
func Exposed(l net.Listener) string {
	var ip net.IP
	switch a := l.Addr().(type) {
	case givenAddr:
		ip = a.IP
	case *net.TCPAddr:
		ip = a.IP
	}
	if ip == nil || ip.IsLoopback() {
		return ""
	}
	return fmt.Sprintf("%s is not a loopback address: other computers can reach it", l.Addr())
}
