package vfs

import "github.com/rt0lab/rt0/emulator/internal/errno"

// Flags of memfd_create (include/uapi/linux/memfd.h).
const (
	MFD_CLOEXEC       = 1
	MFD_ALLOW_SEALING = 2
	MFD_NOEXEC_SEAL   = 8
	MFD_EXEC          = 16
)

// memfdNameMax is how many bytes the name of a memfd may have: NAME_MAX less those of "memfd:".
const memfdNameMax = NAME_MAX - len("memfd:")

// Memfd makes a file without a place in the tree; name only shows in /proc/self/fd and maps. Huge pages are refused.
func (f *Files) Memfd(name string, flags uint32) (int, error) {
	if flags&^(MFD_CLOEXEC|MFD_ALLOW_SEALING|MFD_NOEXEC_SEAL|MFD_EXEC) != 0 || len(name) > memfdNameMax {
		return -1, errno.EINVAL
	}
	if !f.has(objectPrice) {
		return -1, errno.ENOMEM
	}
	o := &openFile{kind: kindRegular, flags: O_RDWR, dir: f.root, name: "memfd:" + name}
	return f.openAnonymous(o, S_IFREG|0o777, flags&MFD_CLOEXEC != 0)
}
