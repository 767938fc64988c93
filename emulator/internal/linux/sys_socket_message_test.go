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
