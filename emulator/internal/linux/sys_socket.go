package linux

import (
	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

func init() {
	const loopback = "There is only the loopback interface: other addresses are unreachable."
	register(
		partial(41, "socket", newFD(func(k *Kernel, a args) (int, error) {
			return k.files.Socket(int(a.int32(0)), int(a.int32(1)), int(a.int32(2)))
		}), loopback, families, socketTypes, Int),
		supported(53, "socketpair", simple(sysSocketpair), families, socketTypes, Int, Ptr),
		supported(49, "bind", simple(sysBind), FD, Ptr, Int),
		supported(50, "listen", simple(func(k *Kernel, a args) error { return k.files.Listen(a.fd(0), int(a.int32(1))) }), FD, Int),
		supported(43, "accept", files(sysAccept), FD, Ptr, Ptr),
		supported(288, "accept4", files(sysAccept4), FD, Ptr, Ptr, openFlags),
		partial(42, "connect", files(sysConnect), loopback+" A connection is made at once or refused at once.", FD, Ptr, Int),
		supported(51, "getsockname", simple(sysGetsockname), FD, Ptr, Ptr),
		supported(52, "getpeername", simple(sysGetpeername), FD, Ptr, Ptr),
		supported(48, "shutdown", simple(func(k *Kernel, a args) error { return k.files.Shutdown(a.fd(0), int(a.int32(1))) }), FD, Int),
		partial(54, "setsockopt", simple(sysSetsockopt), "Options that matter only on a real network are remembered and do nothing.", FD, Int, Int, Ptr, Int),
		partial(55, "getsockopt", simple(sysGetsockopt), "Options that matter only on a real network are remembered and do nothing.", FD, Int, Int, Ptr, Ptr),
		supported(44, "sendto", files(sysSendto), FD, Buf, Size, Hex, Ptr, Int),
		supported(45, "recvfrom", files(sysRecvfrom), FD, OutBuf, Size, Hex, Ptr, Ptr),
		partial(46, "sendmsg", files(sysSendmsg), "Of control messages only SCM_RIGHTS counts.", FD, Ptr, Hex),
		partial(47, "recvmsg", files(sysRecvmsg), "Of control messages only SCM_RIGHTS is given.", FD, Ptr, Hex),
		refused(307, "sendmmsg", errno.ENOSYS, "Programs fall back on sendmsg.", FD, Ptr, Size, Hex),
		refused(299, "recvmmsg", errno.ENOSYS, "Programs fall back on recvmsg.", FD, Ptr, Size, Hex, Ptr),
	)
}

var families = Enum(map[uint64]string{vfs.AF_UNIX: "AF_UNIX", vfs.AF_INET: "AF_INET", vfs.AF_INET6: "AF_INET6", vfs.AF_NETLINK: "AF_NETLINK"})

var socketTypes = Flags(
	flagName{15, vfs.SOCK_STREAM, "SOCK_STREAM"}, flagName{15, vfs.SOCK_DGRAM, "SOCK_DGRAM"}, flagName{15, vfs.SOCK_RAW, "SOCK_RAW"},
	flagName{15, vfs.SOCK_SEQPACKET, "SOCK_SEQPACKET"}, bit(vfs.SOCK_NONBLOCK, "SOCK_NONBLOCK"), bit(vfs.SOCK_CLOEXEC, "SOCK_CLOEXEC"),
)

func sysSocketpair(k *Kernel, a args) error {
	x, y, err := k.files.Socketpair(int(a.int32(0)), int(a.int32(1)), int(a.int32(2)))
	if err != nil {
		return err
	}
	return k.storeFDs(a[3], x, y)
}

func sysBind(k *Kernel, a args) error {
	addr, err := k.loadAddr(a[1], a[2])
	if err != nil {
		return err
	}
	return k.files.Bind(a.fd(0), addr)
}

func sysAccept(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.accept(t, a.fd(0), a[1], a[2], 0)
}

func sysAccept4(k *Kernel, t *Thread, a args) (uint64, error) {
	return k.accept(t, a.fd(0), a[1], a[2], uint32(a[3]))
}

func (k *Kernel) accept(t *Thread, fd int, addr, size uint64, flags uint32) (uint64, error) {
	n, from, err := k.files.Accept(fd, flags)
	if err != nil {
		return k.socketWait(t, fd, false, err)
	}
	if addr != 0 {
		if err := k.storeAddr(addr, size, from); err != nil {
			k.files.Close(n)
			return 0, err
		}
	}
	return uint64(n), nil
}

// socketWait makes a thread that must wait for a socket do so no longer than SO_RCVTIMEO or SO_SNDTIMEO says. Any other error
// it returns.
func (k *Kernel) socketWait(t *Thread, fd int, sending bool, err error) (uint64, error) {
	w, ok := err.(vfs.Wait)
	limit := k.files.Timeout(fd, sending)
	if !ok || limit == 0 {
		return 0, err
	}
	w.Until = k.deadlineIn(t, limit)
	if k.Now() >= w.Until {
		return 0, errno.EAGAIN
	}
	if t.wake == wokenBySignal {
		return 0, errno.EINTR // a time-out makes a call not restart, see signal(7)
	}
	return 0, w
}

func sysConnect(k *Kernel, t *Thread, a args) (uint64, error) {
	addr, err := k.loadAddr(a[1], a[2])
	if err != nil {
		return 0, err
	}
	return k.socketWait(t, a.fd(0), true, k.files.Connect(a.fd(0), addr))
}

func sysGetsockname(k *Kernel, a args) error {
	addr, err := k.files.Getsockname(a.fd(0))
	if err != nil {
		return err
	}
	return k.storeAddr(a[1], a[2], addr)
}

func sysGetpeername(k *Kernel, a args) error {
	addr, err := k.files.Getpeername(a.fd(0))
	if err != nil {
		return err
	}
	return k.storeAddr(a[1], a[2], addr)
}

// maxOption is the most bytes of an option that are looked at.
const maxOption = 256

func sysSetsockopt(k *Kernel, a args) error {
	if a.int32(4) < 0 {
		return errno.EINVAL
	}
	b := make([]byte, min(uint32(a[4]), maxOption))
	if err := k.copyIn(b, a[3]); err != nil {
		return err
	}
	return k.files.SetOption(a.fd(0), int(a.int32(1)), int(a.int32(2)), b)
}

func sysGetsockopt(k *Kernel, a args) error {
	size, err := k.load32(a[4])
	if err != nil {
		return err
	}
	if int32(size) < 0 {
		return errno.EINVAL
	}
	var v []byte
	if level, name := a.int32(1), a.int32(2); level == vfs.SOL_SOCKET && name == vfs.SO_PEERCRED {
		if _, err := k.files.Getsockname(a.fd(0)); err != nil {
			return err
		}
		for _, id := range []uint32{PID, vfs.UID, vfs.GID} { // struct ucred; the other end is this process
			v = append(v, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
		}
	} else if v, err = k.files.GetOption(a.fd(0), int(level), int(name)); err != nil {
		return err
	}
	v = v[:min(len(v), int(size))]
	if err := k.copyOut(a[3], v); err != nil {
		return err
	}
	return k.store32(a[4], uint32(len(v)))
}
