package linux

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// control is a control message of the level SOL_SOCKET that holds 32-bit words, padded as in memory.
func control(kind uint32, words ...uint32) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(sizeofCmsghdr+4*len(words)))
	b = binary.LittleEndian.AppendUint32(b, vfs.SOL_SOCKET)
	b = binary.LittleEndian.AppendUint32(b, kind)
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return append(b, make([]byte, -len(b)&7)...)
}

func TestControlMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		b    []byte
		want []int
		err  error
	}{
		{"none", nil, nil, nil},
		{"descriptors", control(scmRights, 3, 5), []int{3, 5}, nil},
		{"two messages", slices.Concat(control(scmRights, 3), control(scmRights, 4)), []int{3, 4}, nil},
		{"who it is, and a descriptor", slices.Concat(control(scmCreds, PID, UID, GID), control(scmRights, 7)), []int{7}, nil},
		{"root", control(scmCreds, PID, 0, 0), nil, errno.EPERM},
		{"another process", control(scmCreds, 1, UID, GID), nil, errno.EPERM},
		{"half of who it is", control(scmCreds, PID), nil, errno.EINVAL},
		{"too many", control(scmRights, make([]uint32, maxFilesSent+1)...), nil, errno.EINVAL},
		{"longer than it is", control(scmRights, 3)[:sizeofCmsghdr], nil, errno.EINVAL},
	} {
		k := newGuest(t)
		if err := k.copyOut(dataAt, c.b); err != nil {
			t.Fatal(err)
		}
		got, err := k.loadRights(dataAt, uint64(len(c.b)))
		if err != c.err || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

// TestDescriptorsInFlight: once more than RLIMIT_NOFILE descriptors are under way, sendmsg takes no more until some are
// received or given up (unix(7), ETOOMANYREFS).
func TestDescriptorsInFlight(t *testing.T) {
	const limit, pair, header, vector, rightsAt, data, received = dataAt, dataAt + 0x40, dataAt + 0x80, dataAt + 0xc0, dataAt + 0x100, dataAt + 0x200, dataAt + 0x300
	const prlimit, socketpair, sendmsg, recvmsg, closeFD = 302, 53, 46, 47, 3
	for _, typ := range []uint64{vfs.SOCK_STREAM, vfs.SOCK_DGRAM, vfs.SOCK_SEQPACKET} {
		k := newGuest(t)
		poke(t, k, limit, 10, 10)
		poke(t, k, vector, data, 1)
		from := uint64(3)
		send := func(files ...uint32) error {
			b := control(scmRights, files...)
			if err := k.copyOut(rightsAt, b); err != nil {
				t.Fatal(err)
			}
			size := uint64(len(b))
			if files == nil {
				size = 0
			}
			poke(t, k, header, 0, 0, vector, 1, rightsAt, size, 0)
			_, err := table[sendmsg].run(k, k.current, args{from, header, vfs.MSG_DONTWAIT})
			return err
		}
		receive := func() { // without room for descriptors: they are closed
			poke(t, k, header, 0, 0, vector, 1, received, 0, 0)
			must(t, k, recvmsg, 4, header, vfs.MSG_DONTWAIT)
		}
		check := func(what string, got, want error) {
			t.Helper()
			if got != want {
				t.Errorf("type %d: %s: %v, want %v", typ, what, got, want)
			}
		}
		must(t, k, prlimit, 0, rlimitNoFile, limit, 0)
		must(t, k, socketpair, vfs.AF_UNIX, typ, 0, pair)
		for range 9 {
			check("one descriptor", send(1), nil)
		}
		check("two at the limit but one", send(1, 2), nil) // 11 are under way
		check("one past the limit", send(1), errno.ETOOMANYREFS)
		check("a message without any", send(), nil)
		receive()
		check("one at the limit", send(1), nil)
		check("one past it again", send(1), errno.ETOOMANYREFS)
		poke(t, k, limit, 8, 10)
		must(t, k, prlimit, 0, rlimitNoFile, limit, 0)
		receive()
		receive()
		check("past a lower limit", send(1), errno.ETOOMANYREFS)
		must(t, k, closeFD, 4) // with all that it has not received
		must(t, k, socketpair, vfs.AF_UNIX, typ, 0, pair)
		from = peek(t, k, pair) & 0xff
		for range 9 {
			check("after close", send(1), nil)
		}
		check("past the limit after close", send(1), errno.ETOOMANYREFS)
	}
}
