package listen

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
)

// canCheck says that the system tells whose a connection is.
const canCheck = true

// tables hold the TCP sockets of our own network namespace. A client with an IPv6 socket can have an IPv4 connection, so
// both are looked into.
var tables = []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"}

// sameUser returns nil if the socket at the other end of the connection is our user's, else why it is not known to be.
func sameUser(conn net.Conn) error {
	peer, own, err := endpoints(conn)
	if err != nil {
		return err
	}
	var uids []int
	// The kernel shows the table in pieces and can leave out a line where sockets come and go meanwhile.
	for try := 0; try < 3 && len(uids) == 0; try++ {
		if uids, err = lookUp(peer, own); err != nil {
			return fmt.Errorf("its user cannot be looked up: %w; %s", err, cure)
		}
	}
	if len(uids) == 0 {
		return fmt.Errorf("%w; %s", errNotFound, cure)
	}
	for _, uid := range uids {
		if uid != os.Geteuid() {
			return fmt.Errorf("%w; %s", otherUser(uid), cure)
		}
	}
	return nil
}

// lookUp returns the uids of the sockets at local that are connected to remote: none or one, unless the system has several
// interfaces with the same address.
func lookUp(local, remote netip.AddrPort) (uids []int, err error) {
	for i, name := range tables {
		table, err := os.Open(name)
		if i > 0 && errors.Is(err, fs.ErrNotExist) {
			continue // a kernel without IPv6
		}
		if err != nil {
			return nil, err
		}
		uids, err = owners(uids, table, local, remote)
		table.Close()
		if err != nil {
			return nil, err
		}
	}
	return uids, nil
}
