package linux

import (
	"encoding/binary"

	"github.com/rt0lab/rt0/emulator/internal/errno"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// maxFilesSent is how many descriptors one message may carry (SCM_MAX_FD).
const maxFilesSent = 253

// Control messages, from include/linux/socket.h.
const (
	sizeofCmsghdr = 16
	scmRights     = 1
	scmCreds      = 2
)

// sendMessage sends what lies in the vectors. A stream goes in pieces, and a call that has to wait goes on where it was.
func (k *Kernel) sendMessage(t *Thread, fd int, from []vector, m vfs.Message, flags uint32) (uint64, error) {
	typ, err := k.files.GetOption(fd, vfs.SOL_SOCKET, vfs.SO_TYPE)
	if err != nil {
		return 0, err
	}
	stream := le32(typ) == vfs.SOCK_STREAM
	if !stream && cursor(from).left() > stage {
		return 0, errno.EMSGSIZE
	}
	quiet := flags&vfs.MSG_NOSIGNAL != 0 || !stream
	sent := t.progress > 0 // descriptors go with the first bytes
	send := func(b []byte, _ uint64) (int, error) {
		m := m
		if m.Data = b; sent {
			m.Files = nil
		}
		n, err := k.files.Send(fd, m, flags)
		sent = sent || n > 0
		if w, ok := err.(vfs.Wait); ok {
			_, err = k.socketWait(t, fd, true, w)
		}
		if err == errno.EPIPE && quiet {
			err = errQuietPipe
		}
		return n, err
	}
	n, err := k.writeFrom(t, fd, from, send)
	if err == errQuietPipe {
		err = errno.EPIPE
	}
	return n, err
}

// errQuietPipe is EPIPE without the signal SIGPIPE.
var errQuietPipe = quietPipe{}

type quietPipe struct{}

func (quietPipe) Error() string { return "EPIPE without SIGPIPE" }

func sysSendto(k *Kernel, t *Thread, a args) (uint64, error) {
	var m vfs.Message
	if a[4] != 0 {
		to, err := k.loadAddr(a[4], a[5])
		if err != nil {
			return 0, err
		}
		m.To = &to
	}
	return k.sendMessage(t, a.fd(0), []vector{{a[1], a[2]}}, m, uint32(a[3]))
}

// receiveMessage receives into the vectors; it returns an error of block if it has to wait.
func (k *Kernel) receiveMessage(t *Thread, fd int, to []vector, flags uint32) (vfs.Received, error) {
	c := cursor(to)
	b := k.files.buffer(int(min(c.left(), stage)))
	r, err := k.files.Receive(fd, b, flags)
	if err != nil {
		_, err = k.socketWait(t, fd, false, err)
		return r, err
	}
	return r, c.move(b[:r.N], k.copyOut)
}

// result is what recv returns: the bytes stored or, with MSG_TRUNC, the length of the message.
func result(r vfs.Received, flags uint32) uint64 {
	if flags&vfs.MSG_TRUNC != 0 {
		return uint64(r.Size)
	}
	return uint64(r.N)
}

func sysRecvfrom(k *Kernel, t *Thread, a args) (uint64, error) {
	r, err := k.receiveMessage(t, a.fd(0), []vector{{a[1], a[2]}}, uint32(a[3]))
	if err != nil {
		return 0, err
	}
	if a[4] != 0 {
		if r.Named {
			err = k.storeAddr(a[4], a[5], r.From)
		} else {
			err = k.store32(a[5], 0)
		}
	}
	return result(r, uint32(a[3])), err
}

// A msghdr is struct msghdr (include/linux/socket.h).
type msghdr struct {
	name              uint64
	nameSize          uint32
	vectors           []vector
	control, ctrlSize uint64
}

const sizeofMsghdr = 56

func (k *Kernel) loadMsghdr(addr uint64) (h msghdr, err error) {
	var b [sizeofMsghdr]byte
	if err := k.copyIn(b[:], addr); err != nil {
		return h, err
	}
	if n := le64(b[24:]); n > maxVectors {
		return h, errno.EMSGSIZE
	}
	h = msghdr{name: le64(b[:]), nameSize: le32(b[8:]), control: le64(b[32:]), ctrlSize: le64(b[40:])}
	h.vectors, err = k.vectors(le64(b[16:]), le64(b[24:]))
	return h, err
}

func sysSendmsg(k *Kernel, t *Thread, a args) (uint64, error) {
	h, err := k.loadMsghdr(a[1])
	if err != nil {
		return 0, err
	}
	var m vfs.Message
	if h.name != 0 && h.nameSize > 0 {
		to, err := k.loadAddr(h.name, uint64(h.nameSize))
		if err != nil {
			return 0, err
		}
		m.To = &to
	}
	if h.control != 0 {
		if m.Files, err = k.loadRights(h.control, h.ctrlSize); err != nil {
			return 0, err
		}
	}
	return k.sendMessage(t, a.fd(0), h.vectors, m, uint32(a[2]))
}

// loadRights returns the descriptors in the control messages of size bytes at addr.
func (k *Kernel) loadRights(addr, size uint64) (fds []int, err error) {
	if size > stage {
		return nil, errno.ENOBUFS
	}
	b := make([]byte, size)
	if err := k.copyIn(b, addr); err != nil {
		return nil, err
	}
	for len(b) >= sizeofCmsghdr {
		n := le64(b)
		if n < sizeofCmsghdr || n > uint64(len(b)) {
			return nil, errno.EINVAL
		}
		if le32(b[8:]) == vfs.SOL_SOCKET && le32(b[12:]) == scmRights {
			for p := b[sizeofCmsghdr:n]; len(p) >= 4; p = p[4:] {
				fds = append(fds, int(int32(le32(p))))
			}
		}
		if le32(b[8:]) == vfs.SOL_SOCKET && le32(b[12:]) == scmCreds {
			if err := checkCredentials(b[sizeofCmsghdr:n]); err != nil {
				return nil, err
			}
		}
		b = b[min((n+7)&^7, uint64(len(b))):]
	}
	if len(fds) > maxFilesSent {
		return nil, errno.EINVAL
	}
	return fds, nil
}

// checkCredentials looks at a struct ucred: nobody may pass for somebody else (scm_check_creds in net/core/scm.c).
func checkCredentials(b []byte) error {
	const size = 12
	switch {
	case len(b) != size:
		return errno.EINVAL
	case le32(b) != PID || le32(b[4:]) != UID || le32(b[8:]) != GID:
		return errno.EPERM
	}
	return nil
}

func sysRecvmsg(k *Kernel, t *Thread, a args) (uint64, error) {
	h, err := k.loadMsghdr(a[1])
	if err != nil {
		return 0, err
	}
	r, err := k.receiveMessage(t, a.fd(0), h.vectors, uint32(a[2]))
	if err != nil {
		return 0, err
	}
	name := uint32(0)
	if h.name != 0 && r.Named {
		b := encodeAddr(r.From)
		if err := k.copyOut(h.name, b[:min(len(b), int(h.nameSize))]); err != nil {
			return 0, err
		}
		name = uint32(len(b))
	}
	control := k.encodeRights(&r, h.ctrlSize)
	if err := k.copyOut(h.control, control); err != nil {
		return 0, err
	}
	if err := k.store32(a[1]+8, name); err != nil {
		return 0, err
	}
	if err := k.store64(a[1]+40, uint64(len(control))); err != nil {
		return 0, err
	}
	const cloexec = 0x40000000 // MSG_CMSG_CLOEXEC, which Linux gives back
	return result(r, uint32(a[2])), k.store32(a[1]+48, r.Flags|uint32(a[2])&cloexec)
}

// encodeRights returns a control message with the descriptors received. Those for which room bytes are not enough it closes.
func (k *Kernel) encodeRights(r *vfs.Received, room uint64) []byte {
	fits := 0
	if room > sizeofCmsghdr {
		fits = int(min((room-sizeofCmsghdr)/4, maxFilesSent))
	}
	for len(r.Files) > fits {
		last := len(r.Files) - 1
		k.files.Close(r.Files[last])
		r.Files = r.Files[:last]
		r.Flags |= vfs.MSG_CTRUNC
	}
	if len(r.Files) == 0 {
		return nil
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(sizeofCmsghdr+4*len(r.Files)))
	b = binary.LittleEndian.AppendUint32(b, vfs.SOL_SOCKET)
	b = binary.LittleEndian.AppendUint32(b, scmRights)
	for _, fd := range r.Files {
		b = binary.LittleEndian.AppendUint32(b, uint32(fd))
	}
	for len(b)%8 != 0 && uint64(len(b)) < room {
		b = append(b, 0)
	}
	return b
}
