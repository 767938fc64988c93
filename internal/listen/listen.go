// Package listen opens the TCP ports at which rt0 waits for clients, and keeps strangers away from those that hand over a
// user's files and programs.
package listen

import (
	"fmt"
	"net"
)

// TCP listens at addr, which is HOST:PORT. Without a host it is 127.0.0.1, where only this computer's programs are. Errors
// name flag, the command's flag that the address comes from.
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
	return l, nil
}

// Exposed says in a sentence that other computers can reach the listener; it returns "" for one at a loopback address.
func Exposed(l net.Listener) string {
	if a, ok := l.Addr().(*net.TCPAddr); !ok || a.IP.IsLoopback() {
		return ""
	}
	return fmt.Sprintf("%s is not a loopback address: other computers can reach it", l.Addr())
}
