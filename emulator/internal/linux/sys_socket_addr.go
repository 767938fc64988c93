package linux

import (
	"encoding/binary"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// Sizes in bytes of the socket addresses: include/uapi/linux/in.h, in6.h, un.h, netlink.h.
const (
	sizeofSockaddrIn  = 16
	sizeofSockaddrIn6 = 28
	minSockaddrIn6    = 24 // without the scope (SIN6_LEN_RFC2133)
	sizeofSockaddrUn  = 110
	sizeofSockaddrNl  = 12
	maxSockaddr       = 128
)

// loadAddr loads a socket address of size bytes.
func (k *Kernel) loadAddr(addr, size uint64) (vfs.Addr, error) {
	n := int(int32(size))
	if n < 2 || n > maxSockaddr {
		return vfs.Addr{}, errno.EINVAL
	}
	b := make([]byte, n)
	if err := k.copyIn(b, addr); err != nil {
		return vfs.Addr{}, err
	}
	a := vfs.Addr{Family: binary.LittleEndian.Uint16(b)}
	switch a.Family {
	case vfs.AF_UNSPEC:
	case vfs.AF_INET:
		if n < sizeofSockaddrIn {
			return a, errno.EINVAL
		}
		a = vfs.IPv4(b[4], b[5], b[6], b[7], binary.BigEndian.Uint16(b[2:]))
	case vfs.AF_INET6:
		if n < minSockaddrIn6 {
			return a, errno.EINVAL
		}
		a.Port = binary.BigEndian.Uint16(b[2:])
		a.IP = [16]byte(b[8:24])
	case vfs.AF_UNIX:
		if n > sizeofSockaddrUn {
			return a, errno.EINVAL
		}
		a.Path = string(b[2:])
		if !strings.HasPrefix(a.Path, "\x00") { // a path ends at its zero byte, an abstract name at the address's end
			a.Path, _, _ = strings.Cut(a.Path, "\x00")
		}
	case vfs.AF_NETLINK:
		if n < sizeofSockaddrNl {
			return a, errno.EINVAL
		}
		a.PID = le32(b[4:])
	default:
		return a, errno.EAFNOSUPPORT
	}
	return a, nil
}

// encodeAddr returns the address as the guest's memory holds it.
func encodeAddr(a vfs.Addr) []byte {
	b := binary.LittleEndian.AppendUint16(nil, a.Family)
	switch a.Family {
	case vfs.AF_INET:
		b = binary.BigEndian.AppendUint16(b, a.Port)
		b = append(b, a.IP[12:]...)
		b = append(b, make([]byte, sizeofSockaddrIn-len(b))...)
	case vfs.AF_INET6:
		b = binary.BigEndian.AppendUint16(b, a.Port)
		b = append(b, 0, 0, 0, 0)
		b = append(b, a.IP[:]...)
		b = append(b, 0, 0, 0, 0)
	case vfs.AF_UNIX:
		b = append(b, a.Path...)
		if a.Path != "" && a.Path[0] != 0 {
			b = append(b, 0)
		}
	case vfs.AF_NETLINK:
		b = append(b, 0, 0)
		b = binary.LittleEndian.AppendUint32(b, a.PID)
		b = append(b, 0, 0, 0, 0)
	}
	return b
}

// storeAddr stores an address where there are as many bytes as the int at size says, and its true size there.
func (k *Kernel) storeAddr(addr, size uint64, a vfs.Addr) error {
	room, err := k.load32(size)
	if err != nil {
		return err
	}
	if int32(room) < 0 {
		return errno.EINVAL
	}
	b := encodeAddr(a)
	if err := k.copyOut(addr, b[:min(len(b), int(room))]); err != nil {
		return err
	}
	return k.store32(size, uint32(len(b)))
}
