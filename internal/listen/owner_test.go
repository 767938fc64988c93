package listen

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// row is a line of the table for a socket.
func row(local, remote string, uid, inode int) string {
	show := func(s string) string {
		a := netip.MustParseAddrPort(s)
		b, words := a.Addr().AsSlice(), ""
		for i := 0; i < len(b); i += 4 {
			words += fmt.Sprintf("%08X", binary.NativeEndian.Uint32(b[i:]))
		}
		return fmt.Sprintf("%s:%04X", words, a.Port())
	}
	return fmt.Sprintf("   1: %s %s 01 00000000:00000000 02:000001A3 00000000  %4d        0 %d 2 0000000000000000 20 4 30 10 -1\n", show(local), show(remote), uid, inode)
}

func TestOwners(t *testing.T) {
	const peer, own = "127.0.0.1:41414", "127.0.0.1:1234"
	for _, c := range []struct {
		name, table string
		want        []int
	}{
		{"theirs", row(peer, own, 1000, 7), []int{1000}},
		{"our own end", row(own, peer, 1000, 7), nil},
		{"another port", row("127.0.0.1:41415", own, 1000, 7), nil},
		{"another address", row("127.0.0.2:41414", own, 1000, 7), nil},
		{"a server", row(peer, "0.0.0.0:0", 1000, 7), nil},
		{"an IPv6 socket", row("[::ffff:127.0.0.1]:41414", "[::ffff:127.0.0.1]:1234", 1000, 7), []int{1000}},
		{"IPv6", row("[::1]:41414", "[::1]:1234", 1000, 7), nil},
		{"left by its process: the uid says nothing", row(peer, own, 0, 0), nil},
		{"more than one", row(peer, own, 1000, 7) + row(own, peer, 0, 8) + row(peer, own, 1001, 9), []int{1000, 1001}},
		{"a short line", "   1: 0100007F:1234\n" + row(peer, own, 1000, 7), []int{1000}},
		{"no address", strings.Replace(row(peer, own, 1000, 7), ":A1C6", "-A1C6", 1), nil},
		{"empty", "", nil},
	} {
		got, err := owners(nil, strings.NewReader("  sl  local_address rem_address   st\n"+c.table), netip.MustParseAddrPort(peer), netip.MustParseAddrPort(own))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
	bad := strings.Replace(row(peer, own, 1000, 7), " 1000 ", " root ", 1)
	if got, err := owners(nil, strings.NewReader("\n"+bad), netip.MustParseAddrPort(peer), netip.MustParseAddrPort(own)); err == nil {
		t.Errorf("a uid that is no number: %v", got)
	}
}
