package listen

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// cure is what to do when the user's own client is refused.
const cure = "rt0 answers its own user only; -any-user answers everyone who connects"

var errNotFound = errors.New("no program of this computer has that connection (is it a relay's, as those of WSL and of containers?)")

// otherUser tells whose a connection is.
type otherUser int

func (uid otherUser) Error() string {
	return fmt.Sprintf("it is of the user with the uid %d", int(uid))
}

// endpoints returns the addresses of a connection: the peer's and ours.
func endpoints(conn net.Conn) (peer, own netip.AddrPort, err error) {
	p, ok := conn.RemoteAddr().(*net.TCPAddr)
	o, also := conn.LocalAddr().(*net.TCPAddr)
	if !ok || !also {
		return peer, own, fmt.Errorf("%s is no TCP address", conn.RemoteAddr())
	}
	return plain(p.AddrPort()), plain(o.AddrPort()), nil
}

// plain leaves out what the system's table does not show: the zone, and that an IPv4 connection is an IPv6 socket's.
func plain(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// owners appends the uids of the sockets in a table that are at local and connected to remote. The table is Linux's
// /proc/net/tcp or tcp6 (Documentation/networking/proc_net_tcp.rst): a line of titles, then a line a socket with, among
// others,
//
//	0   1             2              3   4 5 6 7   8       9
//	sl: local_address remote_address st  . . . uid timeout inode
//
// A socket that no process has any more has no inode; its uid reads as 0, whoever had it.
func owners(uids []int, table io.Reader, local, remote netip.AddrPort) ([]int, error) {
	lines := bufio.NewScanner(table)
	lines.Scan()
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 10 || f[9] == "0" {
			continue
		}
		if l, ok := address(f[1]); !ok || l != local {
			continue
		}
		if r, ok := address(f[2]); !ok || r != remote {
			continue
		}
		uid, err := strconv.ParseUint(f[7], 10, 32)
		if err != nil {
			return uids, fmt.Errorf("the uid %q of a socket: %w", f[7], err)
		}
		uids = append(uids, int(uid))
	}
	return uids, lines.Err()
}

// address reads an address of the table: 32-bit words of an IP address, each printed as a number of this computer, then the
// port.
func address(s string) (a netip.AddrPort, ok bool) {
	words, port, _ := strings.Cut(s, ":")
	b, err := hex.DecodeString(words)
	n, err2 := strconv.ParseUint(port, 16, 16)
	if err != nil || err2 != nil || len(b)%4 != 0 {
		return a, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	ip, ok := netip.AddrFromSlice(b)
	return plain(netip.AddrPortFrom(ip, uint16(n))), ok
}
